"""The phone's modules in node: the RFCs' vectors, their own tests, and independent implementations."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from node import HERE, node, run_tests

from survey import scripts as bundles
from survey.paths import STATIC
from survey.web.site.assets import build_assets


def test_published_vectors() -> None:
    assert "# pass 1\n" in run_tests("vectors.test.mjs")


def test_protocol_modules() -> None:
    assert "# fail 0\n" in run_tests("protocol.test.mjs")


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages of package.json, installed once in the user's cache; skips loudly without the registry."""
    node()
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("NO NPM: interoperation with @cloudflare/blindrsa-ts and @hpke/core was not tested")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pingyi-phone-tests"
    wanted = (HERE / "package.json").read_text(encoding="utf-8")
    if not (cache / "done").exists() or (cache / "done").read_text(encoding="utf-8") != wanted:
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "package.json").write_text(wanted, encoding="utf-8")
        command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(command, cwd=cache, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"NO REGISTRY: interoperation was not tested ({done.stderr.strip()[-200:]})")
        (cache / "done").write_text(wanted, encoding="utf-8")
    return cache


def test_independent_implementations(packages: Path) -> None:
    assert "# pass 4\n" in run_tests("interop.test.mjs", INTEROP=str(packages))


def test_scripts_keep_to_the_grammar_of_old_phones(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bundles as they are served, read by a real parser that knows nothing after ES2020."""
    assets = build_assets()
    pages = ("respond", "ballot", "later", "witness", "keyholder", "preview")
    paths = [tmp_path / f"{name}-page.js" for name in pages]
    for path in paths:
        path.write_bytes(assets.by_name[path.name].content)
    monkeypatch.setattr(bundles, "COMMENT", re.compile("(?!)"))
    for path in paths:
        path.with_suffix(".js.whole").write_text(bundles.bundle_script(STATIC / "js" / path.name))
    environment = {"INTEROP": str(packages), "BUNDLES": ":".join(map(str, paths))}
    assert "# pass 4\n" in run_tests("floor.test.mjs", **environment)


def test_the_half_that_talks_to_a_witness() -> None:
    assert "# pass 6\n" in run_tests("witness.test.mjs")


def test_what_the_page_works_out_by_itself() -> None:
    assert "# pass 3\n" in run_tests("respond.test.mjs")
