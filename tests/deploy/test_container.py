"""The container file: what it promises, read everywhere; and the image itself, built where a base is given.

The build wants buildah, run as root, and names of what is there already:
CONTAINER_BASE=localhost/python BUILDAH="buildah --root …" CONTAINER_OPTIONS="--secret id=pip,src=…"
"""

from __future__ import annotations

import fnmatch
import http.client
import json
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import free_port

from survey.cli.witness.command import serve
from survey.config import KEYS, load_settings

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "deploy/container/Containerfile"
COMPOSE = (ROOT / "deploy/container/compose.yaml").read_text()
BASE = os.environ.get("CONTAINER_BASE", "")
BUILDAH = shlex.split(os.environ.get("BUILDAH", "buildah"))
OPTIONS = shlex.split(os.environ.get("CONTAINER_OPTIONS", ""))
PATIENCE = 60
# All files of an image, as `find` takes them.
FILES = "/ -xdev -path /proc -prune -o -path /sys -prune -o -path /dev -prune -o"


def instructions() -> list[tuple[str, str]]:
    """(instruction, its arguments) in order, lines joined."""
    lines = (line for line in FILE.read_text().splitlines() if not line.startswith("#"))
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (word, rest.strip())
        for word, _, rest in (line.partition(" ") for line in joined.splitlines())
        if word
    ]


def last_stage() -> list[tuple[str, str]]:
    found = instructions()
    start = max(number for number, (word, _rest) in enumerate(found) if word == "FROM")
    return found[start:]


def argument(word: str, among: list[tuple[str, str]]) -> str:
    [found] = [rest for name, rest in among if name == word]
    return found


def test_it_ends_as_an_ordinary_user_by_number() -> None:
    """Kubernetes' runAsNonRoot wants a number; nothing after it may run as root."""
    stage = last_stage()
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", argument("USER", stage))
    words = [word for word, _rest in stage]
    assert "RUN" not in words[words.index("USER") :]
    assert "COPY" not in words[words.index("USER") :]


def test_everything_in_it_is_pinned() -> None:
    [base] = [rest for word, rest in instructions() if word == "ARG" and rest.startswith("BASE=")]
    assert re.search(r":3\.\d+-slim-\w+$", base), "a tag that names Python and Debian, not latest"
    assert [rest for word, rest in instructions() if word == "FROM"] == ["${BASE} AS build", "${BASE}"]
    installs = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    assert installs
    assert all("--constraint constraints.txt" in rest for rest in installs)


def test_no_secret_and_nothing_from_elsewhere_is_in_it() -> None:
    words = [word for word, _rest in instructions()]
    assert "ADD" not in words, "it could fetch, and unpack"
    settings = " ".join(rest for word, rest in instructions() if word in ("ENV", "ARG", "LABEL"))
    assert not re.search(r"(?i)secret|passw|token|index.?url|proxy", settings)
    assert not re.search(r"https?://(?!127\.0\.0\.1)", FILE.read_text())


def test_only_what_is_copied_reaches_the_builder() -> None:
    """Attack: data, keys or .git of the machine that builds end in a layer or at a remote builder."""
    rules = [
        line for line in FILE.with_name("Containerfile.dockerignore").read_text().split() if line[0] != "#"
    ]
    rules = rules[rules.index("*") :]
    allowed = {rule[1:] for rule in rules if rule[0] == "!"}
    copied = {
        source
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    }
    assert copied == allowed
    assert {"survey", "analysis", "templates", "static", "migrations", "constraints.txt"} <= copied
    assert not any(fnmatch.fnmatch(name, "data*") or name.startswith(".") for name in allowed)


def test_its_health_is_asked_of_a_page_that_exists() -> None:
    check = argument("HEALTHCHECK", last_stage())
    command = json.loads(check[check.index("[") :])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "HEALTHCHECK", "exec")
    assert "127.0.0.1:8000/health/ready" in command[2]
    assert "8000" in argument("EXPOSE", last_stage())


def test_compose_takes_away_what_is_not_needed(tmp_path: Path) -> None:
    for line in ("read_only: true", "cap_drop: [ALL]", '"no-new-privileges:true"', '- "127.0.0.1:8000:8000"'):
        assert line in COMPOSE, line
    assert re.findall(r"^ +- (\w+:/\w+)$", COMPOSE, re.MULTILINE) == ["data:/data"]
    block = re.search(r"environment:\n((?: {6}\w.*\n)+)", COMPOSE)
    assert block
    given = dict(re.findall(r"(PINGYI_\w+): \"?([^\"\n]+)", block[1]))
    assert given.keys() <= KEYS.keys()
    assert load_settings(given, data=tmp_path).second_factor


def test_the_witness_runs_from_the_same_image_with_as_little() -> None:
    text = (ROOT / "deploy/container/witness.yaml").read_text()
    for line in ("read_only: true", "cap_drop: [ALL]", '"no-new-privileges:true"', '- "127.0.0.1:9000:9000"'):
        assert line in text, line
    assert re.findall(r"^ +- (\w+:/\w+)$", text, re.MULTILINE) == ["data:/data"]
    assert "dockerfile: deploy/container/Containerfile" in text
    [command] = re.findall(r"command: \[pingyi, witness, serve, (.+)\]", text)
    serve.make_context("serve", [word.strip(' "') for word in command.split(",")])
    [code] = re.findall(r'python, -c, "(.+)"\]', text)
    compile(code, "healthcheck", "exec")


def buildah(*arguments: str, timeout: int = PATIENCE) -> str:
    done = subprocess.run(
        [*BUILDAH, *arguments], capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.strip()


@pytest.fixture(scope="module")
def container() -> Iterator[str]:
    """A container of the image, built now from the base that the environment names."""
    if not BASE or shutil.which(BUILDAH[0]) is None:
        pytest.skip("no CONTAINER_BASE or no buildah: the image was not built")
    name = f"pingyi-test-{os.getpid()}"
    how = ["--format", "docker", "--isolation", "chroot", "--network", "host", "--build-arg", f"BASE={BASE}"]
    ignore = ["--ignorefile", f"{FILE}.dockerignore"]
    buildah("bud", *how, *ignore, *OPTIONS, "-f", str(FILE), "-t", name, str(ROOT), timeout=1200)
    made = buildah("from", "--pull-never", name)
    yield made
    # Of a store that copies whole layers (vfs), this is half a gigabyte each.
    buildah("rm", made, timeout=600)
    buildah("rmi", name, timeout=600)


def inside(container: str, *command: str, environment: tuple[str, ...] = ()) -> str:
    given = [word for pair in environment for word in ("--env", pair)]
    return buildah("run", "--isolation", "chroot", "--network", "host", *given, container, "--", *command)


@pytest.mark.timeout(1500)
@pytest.mark.slow
def test_the_image_is_what_the_file_promises(container: str) -> None:
    described = json.loads(buildah("inspect", "--type", "container", container))["Docker"]["config"]
    assert (described["User"], described["StopSignal"]) == ("10001:10001", "SIGINT")
    assert described["Healthcheck"]["Test"][:2] == ["CMD", "python"]
    assert inside(container, "id", "-u") == "10001"
    writable = inside(
        container, "sh", "-c", f"find {FILES} '(' -writable ! -type l -print ')' 2>/dev/null; true"
    ).splitlines()
    assert set(writable) >= {"/data", "/tmp"}, "the search sees something"  # noqa: S108
    assert set(writable) <= {"/data", "/tmp", "/var/tmp", "/run/lock"}  # noqa: S108
    brought = inside(
        container,
        "sh",
        "-c",
        f"find {FILES} '(' -name pip.conf -size +0 -o -name .git ')' -print 2>/dev/null; true",
    )
    assert brought == "", "the builder's own settings and history stay outside"


@pytest.mark.timeout(1500)
@pytest.mark.slow
def test_the_image_serves_and_examines_itself(container: str) -> None:
    port, site = free_port(), ("PINGYI_BASE_URL=https://pingyi.example.gov.cn", "PINGYI_TRUSTED_PROXIES=1")
    with _served(container, port, ("pingyi", "serve"), site) as served:
        status, headers, page = _asked(port, "/login", served)
        assert status == http.HTTPStatus.OK
        assert "工作人员登录" in page
        assert "__Host-pingyi=" in headers["set-cookie"]
        assert "strict-transport-security" in headers
        found = inside(container, "sh", "-c", "pingyi doctor || true", environment=site)
        assert served.wait(PATIENCE) == 124, "timeout's own code: it served until the end"
    for topic in ("secret", "fonts", "database", "audit", "proxies"):
        assert f"✓ {topic}" in found, found
    assert "✗" not in found, found
    mode = inside(container, "stat", "-c", "%a", "/data/pingyi.sqlite3", "/data/secret.key")
    assert mode.split() == ["600", "600"]


@pytest.mark.timeout(1500)
@pytest.mark.slow
def test_the_image_serves_a_witness(container: str) -> None:
    port, round_id = free_port(), "0123456789abcdef" * 2
    with _served(container, port, ("pingyi", "witness", "serve")) as served:
        status, _headers, said = _asked(port, f"/{round_id}/statement.json", served)
        assert (status, json.loads(said)["error"]) == (404, "not_found")
        addresses = ("--address", "https://witness.example", "--box", "https://pingyi.example.gov.cn")
        given = ("--name", "政协办公室", *addresses, "--out", "/data/witness.json")
        fingerprint = inside(container, "pingyi", "witness", "init", round_id, *given)
        offer = json.loads(inside(container, "cat", "/data/witness.json"))
        assert "/data/witness.json" in fingerprint
        assert offer["round_id"] == round_id
        found = inside(container, "sh", "-c", "pingyi witness doctor 2>&1 || true")
        assert "Traceback" not in found
        assert served.wait(PATIENCE) == 124, "timeout's own code: it served until the end"


def _served(
    container: str, port: int, program: tuple[str, ...], environment: tuple[str, ...] = ()
) -> subprocess.Popen[bytes]:
    """What serves in the container, on this port of 127.0.0.1, and ends by itself after 40 s: a signal to
    buildah need not reach what it runs."""
    given = [word for pair in environment for word in ("--env", pair)]
    command = ["timeout", "--signal=INT", "40", *program, "--host", "127.0.0.1", "--port", str(port)]
    start = [*BUILDAH, "run", "--isolation", "chroot", "--network", "host", *given, container, "--", *command]
    return subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def _asked(port: int, path: str, served: subprocess.Popen[bytes]) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of the answer, once there is one."""
    deadline = time.monotonic() + PATIENCE
    forwarded = {"Host": "pingyi.example.gov.cn", "X-Forwarded-Proto": "https"}
    while time.monotonic() < deadline:
        assert served.poll() is None, served.stderr and served.stderr.read()[-2000:]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", path, headers=forwarded)
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, headers, answer.read().decode()
        except OSError:
            time.sleep(0.3)
        finally:
            connection.close()
    raise AssertionError("the container did not serve")
