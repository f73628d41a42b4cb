"""The files that are run as they are: settings, units, container; and the page that explains them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
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


REFUSED = [
    ("PINGYI_DATA", "", "是空的"),
    ("PINGYI_DATA", "/dev/null", "用不了"),
    ("PINGYI_DATA", "/proc/1/none", "用不了"),
    ("PINGYI_BASE_URL", "http://pingyi.example", "没有加密"),
    ("PINGYI_BASE_URL", "https://pingyi.example/sub", "只写协议和主机"),
    ("PINGYI_BASE_URL", "https://a:b@pingyi.example", "只写协议和主机"),
    ("PINGYI_BASE_URL", "ftp://pingyi.example", "http"),
    ("PINGYI_BASE_URL", "https://", "域名或端口不对"),
    ("PINGYI_BASE_URL", "https://*.gov.cn", "域名或端口不对"),
    ("PINGYI_BASE_URL", 'https://x".gov.cn', "域名或端口不对"),
    ("PINGYI_BASE_URL", "https://ping yi.gov.cn", "域名或端口不对"),
    ("PINGYI_BASE_URL", "https://评议.政务", "xn--"),
    ("PINGYI_BASE_URL", "https://pingyi.example:99999", "域名或端口不对"),
    ("PINGYI_BASE_URL", "https://pingyi.example:x", "域名或端口不对"),
    ("PINGYI_BASE_URL", "https://[::1", "域名或端口不对"),
    ("PINGYI_INSECURE_HTTP", "1", "PINGYI_INSECURE_HTTP=1"),
    ("PINGYI_INSECURE_HTTP", "", "0 或 1"),
    ("PINGYI_DEMO", "1", "PINGYI_DEMO=1"),
    ("PINGYI_DEMO", "yes", "0 或 1"),
    ("PINGYI_SECRET_KEY", "", "32"),
    ("PINGYI_SECRET_KEY", "short", "32"),
    ("PINGYI_SECRET_KEY", "changeme" * 8, "太容易猜到"),
    ("PINGYI_SECRET_KEY", "a" * 64, "太容易猜到"),
    ("PINGYI_TRUSTED_PROXIES", "-1", "0 到 8"),
    ("PINGYI_TRUSTED_PROXIES", "99", "0 到 8"),
    ("PINGYI_TRUSTED_PROXIES", "٣", "0 到 8"),
    ("PINGYI_CONTACT_DAYS", "0", "1 到 3650"),
    ("PINGYI_ANALYSIS_MEMORY", "1023", "1024 到 1048576"),
    ("PINGYI_SCAN_COMMAND", "clamdscan '-", "引号要成对"),
    ("PINGYI_SCAN_COMMAND", " ", "标准输入"),
    ("PINGYI_LOG", "xml", "text 或 json"),
    ("PINGYI_CONTACT_DAYS", "", "1 到 3650"),
    ("PINGYI_CONTACT_DAYS", "9999999", "1 到 3650"),
    ("PINGYI_DATABASE_URL", "mysql://x", "postgresql"),
    ("PINGYI_DATABASE_URL", "sqlite:///:memory:", "没有写明数据库文件"),
    ("PINGYI_DATABASE_URL", "sqlite:///", "没有写明数据库文件"),
    ("PINGYI_DATABASE_URL", "postgresql://u:p@db.example/pingyi", "没有要求加密"),
    ("PINGYI_DATABASE_URL", "postgresql://u:p@10.0.0.5:5432/pingyi?sslmode=prefer", "没有要求加密"),
    ("PINGYI_DATABASE_URL", "postgres://u@/pingyi?host=db.example&sslmode=disable", "没有要求加密"),
    ("PINGYI_DATABASE_URL", "postgresql://u@localhost/pingyi?hostaddr=10.0.0.5", "没有要求加密"),
    ("PINGYI_DATABASE_URL", "postgresql://u@127.0.0.1,db.example/pingyi", "没有要求加密"),
    ("PINGYI_SMTP_URL", "smtp.example.com", "smtps://"),
    ("PINGYI_SMTP_URL", "https://mail.example?from=a@b&to=c@d", "smtps://"),
    ("PINGYI_SMTP_URL", "smtps://u:p@mail.example:465?from=a@b", "smtps://"),
    *(
        ("PINGYI_SMTP_URL", f"smtp://mail.example?from=a@b&to=c@d&rate={n}", "rate")
        for n in ("0", "x", "10000")
    ),
    ("PINGYI_WEBHOOK_URL", "http://robot.example/hook", "https://"),
    ("PINGYI_WEBHOOK_URL", "robot", "https://"),
    ("PINGYI_SECRETKEY", "x", "不认识"),
]


def test_every_key_has_a_value_that_is_refused() -> None:
    assert KEYS.keys() <= {key for key, _value, _said in REFUSED}


@pytest.mark.parametrize(("key", "value", "said"), REFUSED)
def test_dangerous_settings_are_refused(tmp_path: Path, key: str, value: str, said: str) -> None:
    usual = {"DATA": str(tmp_path), "BASE_URL": "https://pingyi.example", "SECRET_KEY": STRONG}
    environment = {f"PINGYI_{name}": text for name, text in usual.items()} | {key: value}
    with pytest.raises(InvalidInput) as caught:
        load_settings(environment)
    assert key in str(caught.value)
    assert said in f"{caught.value} {caught.value.say_remedy()}"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (
            "PINGYI_SMTP_URL",
            "smtps://office:pass%2Fword@mail.example?from=a@b.example&to=c@d.example,e@f.example",
        ),
        ("PINGYI_SMTP_URL", "smtp://127.0.0.1:25?from=a@b.example&to=c@d.example&rate=6000"),
        ("PINGYI_WEBHOOK_URL", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0"),
        ("PINGYI_WEBHOOK_URL", "http://127.0.0.1:9000/hook"),
    ],
)
def test_channels_that_reminders_can_take(tmp_path: Path, key: str, value: str) -> None:
    settings = load_settings({key: value, "PINGYI_SECRET_KEY": STRONG}, data=tmp_path)
    assert value in (settings.smtp_url, settings.webhook_url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://pingyi@/pingyi?host=/run/postgresql",
        "postgresql://pingyi:x@127.0.0.1:5433/pingyi",
        "postgresql://pingyi:x@localhost/pingyi",
        "postgresql:///pingyi",
        "postgresql://pingyi@db.example/pingyi?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem",
        "sqlite:////var/lib/pingyi/other.sqlite3",
    ],
)
def test_databases_that_nobody_can_listen_to(tmp_path: Path, url: str) -> None:
    settings = load_settings({"PINGYI_DATABASE_URL": url, "PINGYI_SECRET_KEY": STRONG}, data=tmp_path)
    assert settings.database_url.partition("://")[2] == url.partition("://")[2]


@pytest.mark.parametrize(
    "host", ["pingyi.example.gov.cn", "xn--6fr152h.xn--zfr164b", "203.0.113.5", "[2001:db8::1]"]
)
def test_addresses_that_links_may_carry(tmp_path: Path, host: str) -> None:
    for url in (f"https://{host}", f"https://{host}:8443"):
        assert load_settings({"PINGYI_BASE_URL": url}, data=tmp_path).base_url == url


def test_a_secret_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret.key").mkdir()
    with pytest.raises(InvalidInput, match="读不了"):
        load_settings({}, data=tmp_path)


def test_the_sample_shows_every_key_with_a_value_that_is_taken(tmp_path: Path) -> None:
    text = (ROOT / "deploy/pingyi.env").read_text()
    lines = re.findall(r"^(?:# )?(PINGYI_\w+=.*)$", text, re.MULTILINE)
    shown = dict(shlex.split(line)[0].split("=", 1) for line in lines)
    assert shown.keys() == KEYS.keys()
    # systemd and `set -a; . pingyi.env` (docs/operations.md) must understand the same.
    script = "\n".join(["set -a", *lines, "env"])
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=True, env={"PATH": "/bin"}
    )
    assert shown.items() <= dict(line.split("=", 1) for line in done.stdout.splitlines()).items()
    sample = shown.pop("PINGYI_SECRET_KEY")
    assert load_settings(shown, data=tmp_path).trusted_proxies == 1
    with pytest.raises(InvalidInput):  # a published secret must not come into use by deleting a "#"
        load_settings(shown | {"PINGYI_SECRET_KEY": sample}, data=tmp_path)


def test_no_key_is_named_or_read_that_does_not_exist() -> None:
    folders = ("survey", "analysis", "deploy", "docs", "templates", "migrations")
    files = [path for name in folders for path in (ROOT / name).rglob("*") if path.is_file()]
    files += [*ROOT.glob("*.md"), ROOT / "Makefile"]
    named: dict[str, list[str]] = {}
    for path in files:
        if path.suffix not in (".pyc", ".mo", ".png", ".svg", ".pdf"):
            for key in re.findall(r"PINGYI_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8", errors="ignore")):
                named.setdefault(key, []).append(path.name)
    assert named.keys() == KEYS.keys(), {key: named[key] for key in named.keys() - KEYS.keys()}
    read = re.compile(r"os\.(?:environ(?:\.get\(|\[)|getenv\()\s*[\"'](\w+)")
    found = {key for path in (ROOT / "survey").rglob("*.py") for key in read.findall(path.read_text())}
    assert found <= KEYS.keys()


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
    while isinstance(verb, click.Group):
        name, *rest = rest
        verb = verb.commands[name]
    assert verb is not None
    verb.make_context(name, rest)


def test_the_witness_reaches_its_site_and_nobody_else() -> None:
    """Unlike the site's own units, since it hands over; but to one address, which is marked."""
    text = (ROOT / "deploy/systemd/pingyi-witness.service").read_text()
    assert re.search(r"^IPAddressDeny=any$", text, re.MULTILINE)
    allowed = re.findall(r"^IPAddressAllow=(.+)$", text, re.MULTILINE)
    assert allowed == ["localhost", "203.0.113.10"]
    assert "HERE" in text
    assert "PINGYI_DATA=/var/lib/pingyi-witness" in text
    assert re.search(r"^StateDirectory=pingyi-witness$", text, re.MULTILINE)


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


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize(
    "unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name
)
def test_systemd_calls_the_units_confined(unit: Path, tmp_path: Path) -> None:
    """`systemd-analyze security` gives 0 (nothing is open) to 10; a unit without any of this has 9.2."""
    text = unit.read_text().replace("/opt/pingyi/.venv/bin/pingyi", "/bin/true")
    (tmp_path / unit.name).write_text(text)
    how = ["--offline=true", "--no-pager"]
    done = subprocess.run(
        ["systemd-analyze", "security", *how, str(tmp_path / unit.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert exposure, done.stderr
    assert float(exposure[1]) <= 1.2, done.stdout
