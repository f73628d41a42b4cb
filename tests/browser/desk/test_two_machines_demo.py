"""`pingyi demo --witness` played to the end in real browsers: both machines' own programs, on two origins."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pictures
import pytest
from axe import violations
from phone import pick, rate, receipt_of, start, tap, title_is
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PATIENCE = 420.0
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "has_touch": False}
COMMAND = [sys.executable, "-m", "survey.cli"]


@dataclass
class Demonstration:
    """What demo.json says; the witness's commands are run as its operator does."""

    facts: dict[str, Any]
    environment: dict[str, str]

    @property
    def round(self) -> str:
        return f"{self.facts['url']}/admin/rounds/{self.facts['rounds']['open']}"

    def witness(self, *arguments: str) -> str:
        data = ("--data", self.facts["witness"]["data"])
        done = subprocess.run(
            [*COMMAND, "witness", *arguments, *data], env=self.environment, check=False, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def sign_in(self, page: Page, person: dict[str, str]) -> Page:
        page.goto(f"{self.facts['url']}/login")
        page.get_by_label("用户名").fill(person["name"])
        page.get_by_label("密码").fill(person["password"])
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page


def _two_free_ports() -> int:
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no two ports")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """Built, and served until the tests are over."""
    data, port = tmp_path_factory.mktemp("two") / "demo", _two_free_ports()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PINGYI_")}
    command = [*COMMAND, "demo", "--witness", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    deadline = time.monotonic() + PATIENCE
    # While it is being built both ports are taken for a while, before demo.json is there.
    while not ((data / "demo.json").exists() and _listens(port) and _listens(port + 1)):
        assert process.poll() is None, "the demonstration ended"
        assert time.monotonic() < deadline, "the demonstration takes too long"
        time.sleep(0.2)
    yield Demonstration(json.loads((data / "demo.json").read_text("utf-8")), environment)
    os.killpg(process.pid, signal.SIGKILL)  # an opened round's documents are still being made
    process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_one_machine_or_two_is_chosen_by_keyboard(
    demo: Demonstration, visit: Callable[..., Page], tmp_path: Path, screenshots: Path
) -> None:
    page = demo.sign_in(visit(**DESK), demo.facts["administrator"])
    page.goto(f"{demo.facts['url']}/admin/rounds/new?copy={demo.facts['rounds']['open']}")
    page.get_by_label("标题", exact=True).fill("另一轮评议")
    page.get_by_role("button", name="建立草稿").click(no_wait_after=True)
    page.wait_for_url("**/setup/departments", timeout=60_000)  # a signing key is made
    page.get_by_role("navigation", name="设置步骤").get_by_role("link", name="一台还是两台机器").click()
    expect(page.locator("#one")).to_contain_text("现在是这一种")
    line = page.locator("pre").inner_text()
    round_id = re.search(r"[0-9a-f]{32}", line)
    assert round_id
    card = tmp_path / "witness.json"
    told = demo.witness(
        *("init", round_id[0], "--name", "县政协办公室", "--address", demo.facts["witness"]["address"]),
        *("--box", demo.facts["url"], "--out", str(card)),
    )
    page.get_by_label("监票单位交来的 witness.json").set_input_files(card)
    page.get_by_role("button", name="上传，用两台机器").press("Enter")
    expect(page.locator("#two")).to_contain_text("现在是这一种")
    fingerprint = page.locator("strong.fingerprint").inner_text()
    assert fingerprint in told
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert [found["id"] for found in violations(page) if found["id"] != "region"] == []
        pictures.take(page, screenshots / f"two-machines-chosen-{width}.png")
    page.get_by_label("我知道：监票机的资料会删去").check()
    page.get_by_role("button", name="改回一台机器").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已改回一台机器")


def test_from_a_phone_through_both_machines_to_the_opening(
    demo: Demonstration, visit: Callable[..., Page], screenshots: Path
) -> None:
    phone, asked = visit(), []
    phone.on("request", lambda request: asked.append((request.method, request.url)))
    start(phone, demo.facts["links"][0])
    pick(phone, "税务局")
    rate(phone, "税务局", "满意")
    tap(phone, "下一步")
    title_is(phone, "看一遍再提交")
    tap(phone, "提交")
    receipt = receipt_of(phone)
    posts = sorted(
        url.removeprefix("http://127.0.0.1").split("/", 1)[1] for how, url in asked if how == "POST"
    )
    slug, round_id = demo.facts["rounds"]["open"], demo.facts["witness"]["round"]
    assert posts == sorted([f"s/{slug}/credential", f"{round_id}/stamp", f"{round_id}/ballot"])

    demo.witness("close", round_id, "--early")
    desk = demo.sign_in(visit(**DESK), demo.facts["administrator"])
    desk.goto(f"{demo.round}/witness")
    desk.get_by_role("button", name="取声明").press("Enter")
    expect(desk.get_by_role("status")).to_contain_text("签名无误")
    expect(desk.locator("#statement + ul")).to_contain_text("可以提议截止")
    for width in (1280, 390):
        desk.set_viewport_size({"width": width, "height": 844})
        assert desk.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert [found["id"] for found in violations(desk) if found["id"] != "region"] == []
        pictures.take(desk, screenshots / f"two-machines-closed-{width}.png")
    desk.get_by_role("link", name="回到轮次，提议截止").click()
    desk.get_by_label("我知道：比公布的截止日期").check()
    desk.get_by_role("button", name="提议截止").click()
    expect(desk.locator("#machines + p")).to_contain_text("现在等评议员")

    holders = demo.facts["reviewers"]
    page = demo.sign_in(visit(**DESK), holders[0])
    page.goto(f"{demo.facts['url']}/review/{slug}/")
    page.get_by_label("我知道：比公布的截止日期").check()
    page.get_by_role("button", name="确认截止").click()
    expect(page.get_by_role("status")).to_contain_text("已截止")
    root = _root(visit(**DESK), demo, receipt)
    page.goto(f"{demo.facts['url']}/review/{slug}/open")
    for position, holder in enumerate(holders):
        page.get_by_label("钥匙文件").nth(position).set_input_files(holder["key_file"])
        page.get_by_label("口令").nth(position).fill(holder["passphrase"])
        page.get_by_label("校验根的前 8 位").nth(position).fill(root[:8])
    page.get_by_label("我已看清后果").check()
    page.get_by_role("button", name="开箱").click()
    page.wait_for_url("**/ranking", timeout=120_000)
    page.goto(f"{demo.facts['url']}/review/{slug}/")
    expect(page.locator("#participation + dl")).to_contain_text("25")


def _root(page: Page, demo: Demonstration, receipt: str) -> str:
    """Root of the closed round, after the receipt was found in it."""
    page.goto(f"{demo.facts['url']}/public/{demo.facts['rounds']['open']}")
    page.get_by_label("回执号").fill(receipt)
    page.get_by_role("button", name="在清单里查找").click()
    expect(page.locator("[data-receipt-answer]")).to_contain_text("找到了")
    return page.locator("form[data-root]").get_attribute("data-root") or ""
