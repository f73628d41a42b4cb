"""What the dossier for offices that let software in (docs/准入/) takes from what is installed.

`python docs/dossier.py` writes sbom.cdx.json (CycloneDX 1.6, from the installed versions of constraints.txt)
and the table of licences in 开源许可.md; `--check` writes nothing and exits with 1 where something is not
current. The bill names neither time nor machine, so that it changes with versions alone.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections import deque
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from license_expression import ExpressionError, get_spdx_licensing
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from survey.version import __version__

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "准入"
BILL, TABLE = FOLDER / "sbom.cdx.json", FOLDER / "开源许可.md"
MARKED = re.compile(r"(<!-- licences -->\n).*?(<!-- end -->)", re.DOTALL)
# The bill is the same on every machine: of the requirements those count that hold on this one.
PLATFORM = {
    "python_version": "3.11",
    "python_full_version": "3.11.2",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "os_name": "posix",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
}
RUNTIME, CHOICE, TEST = ComponentScope.REQUIRED, ComponentScope.OPTIONAL, ComponentScope.EXCLUDED
USES = {RUNTIME: "运行", CHOICE: "可选（gunicorn、Dask）", TEST: "测试"}
_LICENSING = get_spdx_licensing()
BY_CLASSIFIER = {
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


@dataclass(frozen=True)
class Package:
    """Package of constraints.txt; `licence`: SPDX expression; `needs`: canonical names."""

    name: str
    version: str
    licence: str
    scope: ComponentScope
    needs: tuple[str, ...]


class Stale(Exception):
    """What is installed is not what constraints.txt pins, or a licence is not known."""


def pinned() -> dict[str, tuple[str, str]]:
    """Canonical name → name and version of every line of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").split()
    split = (line.split("==") for line in lines)
    return {canonicalize_name(name): (name, version) for name, version in split}


def packages() -> list[Package]:
    """Every pinned package as it is installed, by name; raises `Stale`."""
    pins = pinned()
    found = {key: _installed(*pin) for key, pin in pins.items()}
    known: dict[str, str] = tomllib.loads((FOLDER / "licences.toml").read_text("utf-8"))
    direct, choice = wanted()
    running = _reached(direct)
    chosen = _reached(choice) - running
    return [
        Package(
            pins[key][0],
            pins[key][1],
            licence_of(key, installed, known),
            RUNTIME if key in running else CHOICE if key in chosen else TEST,
            tuple(sorted(set(_needs(installed)) & pins.keys())),
        )
        for key, installed in sorted(found.items())
    ]


def wanted() -> tuple[set[str], set[str]]:
    """Canonical names of what setup.cfg requires for running, and for gunicorn and Dask."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = settings["options.extras_require"]
    lists = (settings["options"]["install_requires"], extras["gunicorn"] + extras["dask"])
    lines = (filter(None, each.splitlines()) for each in lists)
    direct, choice = ({canonicalize_name(Requirement(line).name) for line in each} for each in lines)
    return direct, choice


def _installed(name: str, version: str) -> Distribution:
    try:
        found = distribution(name)
    except PackageNotFoundError as error:
        raise Stale(f"{name} of constraints.txt is not installed: make test") from error
    if found.version != version:
        raise Stale(f"{name} {found.version} is installed, constraints.txt has {version}")
    return found


def _needs(installed: Distribution, *extras: str) -> Iterator[str]:
    """Canonical names of what a package requires on `PLATFORM`."""
    for line in installed.requires or ():
        wanted = Requirement(line)
        where = [PLATFORM | {"extra": extra} for extra in extras or ("",)]
        if wanted.marker is None or any(wanted.marker.evaluate(each) for each in where):
            yield canonicalize_name(wanted.name)


def _reached(names: set[str]) -> set[str]:
    """The names and all that they require, with what the extras of psycopg and granian bring."""
    waiting, seen = deque(names), set(names)
    while waiting:
        extras = {"psycopg": ("", "binary"), "granian": ("", "uvloop")}.get(name := waiting.popleft(), ("",))
        new = set(_needs(distribution(name), *extras)) - seen
        seen |= new
        waiting += new
    return seen


def licence_of(key: str, installed: Distribution, known: dict[str, str]) -> str:
    """SPDX expression of a package: from its metadata, else from licences.toml; raises `Stale`."""
    metadata = installed.metadata
    said = [known.get(key, ""), metadata.get("License-Expression", ""), metadata.get("License", "")]
    said += [BY_CLASSIFIER.get(each, "") for each in metadata.get_all("Classifier", [])]
    for each in filter(None, said):
        try:
            return str(_LICENSING.parse(each, validate=True))
        except ExpressionError:
            continue
    raise Stale(f"the licence of {key} is not clear: read its licence file and enter it in licences.toml")


def bill(all_packages: list[Package]) -> str:
    """The bill of materials as CycloneDX 1.6 JSON."""
    components = {canonicalize_name(p.name): _component(p) for p in all_packages}
    product = Component(name="pingyi", version=__version__, type=ComponentType.APPLICATION, bom_ref="pingyi")
    names = "\n".join(f"{p.name}=={p.version}" for p in all_packages)
    made = Bom(components=components.values(), serial_number=uuid.uuid5(uuid.NAMESPACE_OID, names))
    made.metadata.component = product
    made.register_dependency(product, [components[each] for each in sorted(wanted()[0])])
    for package in all_packages:
        needs = [components[each] for each in package.needs]
        made.register_dependency(components[canonicalize_name(package.name)], needs)
    written = json.loads(JsonV1Dot6(made).output_as_string())
    del written["metadata"]["timestamp"]
    return json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _component(package: Package) -> Component:
    url = PackageURL("pypi", name=canonicalize_name(package.name), version=package.version)
    single = re.fullmatch(r"[\w.+-]+", package.licence)
    made = DisjunctiveLicense(id=package.licence) if single else LicenseExpression(package.licence)
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(url),
        purl=url,
        scope=package.scope,
        licenses=[made],
    )


def licences(all_packages: list[Package]) -> str:
    """The table of licences, for 开源许可.md."""
    rows = sorted(all_packages, key=lambda p: (list(USES).index(p.scope), canonicalize_name(p.name)))
    lines = [f"| {p.name} | {p.version} | {p.licence} | {USES[p.scope]} |" for p in rows]
    return "\n".join(["| 软件包 | 版本 | 许可证（SPDX） | 用途 |", "|---|---|---|---|", *lines, ""])


def current() -> Iterator[tuple[Path, str]]:
    """Every generated file with what it should hold."""
    all_packages = packages()
    yield BILL, bill(all_packages)
    text = TABLE.read_text("utf-8")
    yield TABLE, MARKED.sub(lambda found: found[1] + licences(all_packages) + found[2], text)


def main() -> int:
    try:
        stale = [(p, text) for p, text in current() if not p.exists() or p.read_text("utf-8") != text]
    except Stale as error:
        print(error)
        return 1
    if "--check" in sys.argv[1:]:
        print("\n".join(f"{path.relative_to(ROOT)} is not current: make docs" for path, _text in stale))
        return 1 if stale else 0
    for path, text in stale:
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
