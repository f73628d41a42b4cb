"""The files that are run as they are: settings, units, container; and the page that explains them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from survey.cli import COMMANDS, main
from survey.config import KEYS, load_settings
from survey.errors import InvalidInput

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy/systemd").iterdir())
STRONG = "0123456789abcdef" * 4


def environment_of(file: Path) -> dict[str, str]:
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def test_every_key_is_explained_as_it_is_in_the_code() -> None:
    rows = re.findall(
        r"^\| `(PINGYI_\w+)` \| (.+) \|$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE
    )
    assert dict(rows) == KEYS


def test_the_settings_of_the_service_are_taken(tmp_path: Path) -> None:
    given = environment_of(ROOT / "deploy/pingyi.env")
    assert given.pop("PINGYI_DATA") == "/var/lib/pingyi"
    settings = load_settings(given, data=tmp_path)
    assert settings.second_factor
    assert not settings.insecure_http
    assert not settings.demo
    assert settings.trusted_proxies == 1


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("PINGYI_BASE_URL", "http://pingyi.example", "没有加密"),
        ("PINGYI_BASE_URL", "https://pingyi.example/sub", "只写协议和主机"),
        ("PINGYI_BASE_URL", "https://a:b@pingyi.example", "只写协议和主机"),
        ("PINGYI_BASE_URL", "ftp://pingyi.example", "http"),
        ("PINGYI_INSECURE_HTTP", "1", "PINGYI_INSECURE_HTTP=1"),
        ("PINGYI_DEMO", "1", "PINGYI_DEMO=1"),
        ("PINGYI_DEMO", "yes", "0 或 1"),
        ("PINGYI_SECRET_KEY", "short", "32"),
        ("PINGYI_SECRET_KEY", "changeme" * 8, "太容易猜到"),
        ("PINGYI_SECRET_KEY", "a" * 64, "太容易猜到"),
        ("PINGYI_TRUSTED_PROXIES", "-1", "0 到 8"),
        ("PINGYI_TRUSTED_PROXIES", "99", "0 到 8"),
        ("PINGYI_DATABASE_URL", "mysql://x", "postgresql"),
        ("PINGYI_SECRETKEY", "x", "不认识"),
    ],
)
def test_dangerous_settings_are_refused(tmp_path: Path, key: str, value: str, said: str) -> None:
    environment = {"PINGYI_BASE_URL": "https://pingyi.example", "PINGYI_SECRET_KEY": STRONG, key: value}
    with pytest.raises(InvalidInput, match=said) as caught:
        load_settings(environment, data=tmp_path)
    assert key in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1:8612", "[::1]:8000", "localhost"])
def test_this_machine_may_do_without_https(tmp_path: Path, host: str) -> None:
    environment = {"PINGYI_BASE_URL": f"http://{host}", "PINGYI_INSECURE_HTTP": "1", "PINGYI_DEMO": "1"}
    settings = load_settings(environment, data=tmp_path)
    assert (settings.is_local, settings.demo, settings.second_factor) == (True, True, False)


def test_a_demonstrations_folder_stays_one(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text("{}")
    assert load_settings({}, data=tmp_path).demo
    assert load_settings({"PINGYI_DEMO": "0"}, data=tmp_path).second_factor
    with pytest.raises(InvalidInput, match="PINGYI_DEMO"):
        load_settings({"PINGYI_BASE_URL": "https://pingyi.example"}, data=tmp_path)


@pytest.mark.parametrize("host", ["127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[::]"])
def test_what_only_looks_like_this_machine(tmp_path: Path, host: str) -> None:
    with pytest.raises(InvalidInput):
        load_settings({"PINGYI_BASE_URL": f"http://{host}"}, data=tmp_path)


@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_units_run_what_there_is_as_an_ordinary_user(unit: Path) -> None:
    text = unit.read_text()
    for line in ("User=pingyi", "NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0077", "LimitCORE=0"):
        assert line in text.splitlines(), line
    command = re.search(r"^ExecStart=/opt/pingyi/\.venv/bin/pingyi (.+)$", text, re.MULTILINE)
    assert command
    check_arguments(shlex.split(command[1]))


def check_arguments(arguments: list[str]) -> None:
    """The verb exists and takes these options, without running it."""
    name, *rest = arguments
    assert name in COMMANDS
    verb = main.get_command(None, name)  # type: ignore[arg-type]
    assert verb is not None
    verb.make_context(name, rest)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text().replace("/opt/pingyi/.venv/bin/pingyi", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "pingyi" in line]
    assert ours == [], done.stderr


def test_the_container_is_an_ordinary_user_with_all_files() -> None:
    lines = (ROOT / "deploy/container/Containerfile").read_text().replace("\\\n", " ").splitlines()
    words = [line.split() for line in lines if line and not line.startswith("#")]
    assert ["USER", "10001"] in words
    copied = {
        name for line in words if line[0] == "COPY" and "--from=build" not in line for name in line[1:-1]
    }
    assert all((ROOT / name).exists() for name in copied)
    mapped = {
        "survey",
        "analysis",
        "templates",
        "static",
        "migrations",
        "setup.cfg",
        "pyproject.toml",
        "README.md",
    }
    assert mapped <= copied
    run = next(line for line in lines if line.startswith("CMD"))
    program, *arguments = re.findall(r'"([^"]+)"', run)
    assert program == "pingyi"
    check_arguments(arguments)
    keys = set(
        re.findall(r"PINGYI_\w+", " ".join(lines) + (ROOT / "deploy/container/compose.yaml").read_text())
    )
    assert keys <= set(KEYS)
