"""A reviewer makes a key, saves it, proves the saved file; the private half never leaves the browser bare."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from survey.protocol.crypto import hpke
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.holders import keyfile
from survey.web.site.assets import build_assets

pytestmark = pytest.mark.browser

ROUND_ID = "cd" * 16
PASSPHRASE = "山 海 云 松 竹 梅 鹤"
FORM = f"""<!doctype html><html lang="zh-Hans-CN"><meta charset="utf-8">
<meta name="csrf-token" content="token">
<script type="module" src="/page.js"></script>
<form id="key-form" novalidate data-round-id="{ROUND_ID}" data-slug="2026-q4" data-holder="县人大"
 data-register-url="/register" data-prove-url="/prove">
<input type="password" id="passphrase" minlength="12"><input type="password" id="passphrase-again">
<button type="button" id="key-offer">替我想一个</button>
<button>生成</button><input type="file" id="key-file"><div id="key-status" role="status"></div></form>"""


class Desk:
    """The server's half of registering and proving, as the page meets it."""

    def __init__(self, page: Page) -> None:
        self.page, self.registered, self.proven, self.secret = page, "", False, b""
        self.sent: list[str] = []
        page.route("http://localhost/**", self._answer)
        page.goto("http://localhost/")

    def _answer(self, route) -> None:
        path = route.request.url.removeprefix("http://localhost")
        if path == "/page.js":
            script = build_assets().by_name["keyholder-page.js"].content
            route.fulfill(body=script, content_type="text/javascript")
        elif path in ("/register", "/prove"):
            self.sent.append(route.request.post_data)
            assert route.request.headers["x-csrftoken"] == "token"
            route.fulfill(json=getattr(self, path[1:])(json.loads(route.request.post_data)))
        else:
            route.fulfill(body=FORM, content_type="text/html")

    def register(self, body: dict[str, str]) -> dict[str, str]:
        self.registered = body["public_key"]
        challenge, self.secret = keyfile.make_challenge(unb64u(self.registered), ROUND_ID)
        return {"challenge": b64u(challenge)}

    def prove(self, body: dict[str, str]) -> dict[str, bool]:
        self.proven = unb64u(body["proof"]) == self.secret
        return {"proven": self.proven}

    def create(self, folder: Path) -> Path:
        self.page.locator("#passphrase").fill(PASSPHRASE)
        self.page.locator("#passphrase-again").fill(PASSPHRASE)
        with self.page.expect_download() as download:
            self.page.get_by_text("生成").click()
        assert download.value.suggested_filename == "pingyi-2026-q4-县人大.key.json"
        path = folder / "saved.json"
        download.value.save_as(path)
        return path

    def says(self, text: str, *, at: str = "") -> None:
        """The page says so, right below the field `at`, which has the focus."""
        status = self.page.locator(f"#{at} + #key-status" if at else "#key-status")
        expect(status).to_contain_text(text)
        if at:
            expect(self.page.locator(f"#{at}[aria-invalid=true]")).to_be_focused()


def test_making_saving_and_proving(visit, tmp_path: Path) -> None:
    desk = Desk(visit())
    saved = desk.create(tmp_path)
    private = keyfile.open_key_file(saved.read_text("utf-8"), PASSPHRASE, round_id=ROUND_ID)
    assert b64u(hpke.point(private)) == desk.registered
    desk.page.locator("#key-file").set_input_files(saved)
    desk.says("验证通过")
    assert desk.proven
    secret = b64u(private.private_numbers().private_value.to_bytes(32))
    assert not any(secret in text or PASSPHRASE in text for text in desk.sent)


def test_after_a_reload_the_saved_file_is_enough(visit, tmp_path: Path) -> None:
    desk = Desk(visit())
    saved = desk.create(tmp_path)
    desk.page.reload()
    desk.page.locator("#passphrase").fill("不是这个口令，真的不是")
    desk.page.locator("#key-file").set_input_files(saved)
    desk.says("口令不对", at="passphrase")
    desk.page.locator("#passphrase").fill(PASSPHRASE)
    desk.page.locator("#key-file").set_input_files(saved)
    desk.says("验证通过")
    assert desk.proven


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:-40], "不是完好的钥匙文件"),
        (lambda text: text.replace(ROUND_ID, "ef" * 16), "别的轮次"),
        (lambda text: "hello", "不是完好的钥匙文件"),
    ],
)
def test_a_wrong_file_is_named(visit, tmp_path: Path, change, message: str) -> None:
    desk = Desk(visit())
    saved = desk.create(tmp_path)
    saved.write_text(change(saved.read_text("utf-8")), "utf-8")
    desk.page.locator("#key-file").set_input_files(saved)
    desk.says(message, at="key-file")
    assert not desk.proven


def test_passphrases_are_checked_first(visit) -> None:
    desk = Desk(visit())
    desk.page.locator("#passphrase").fill("短")
    desk.page.get_by_text("生成").click()
    desk.says("口令至少 12 个字符", at="passphrase")
    desk.page.locator("#passphrase").fill("123456789012")
    desk.page.get_by_text("生成").click()
    desk.says("太容易猜到", at="passphrase")
    desk.page.locator("#passphrase").fill(PASSPHRASE)
    desk.page.locator("#passphrase-again").fill(PASSPHRASE[:-1])
    desk.page.get_by_text("生成").click()
    desk.says("两遍口令不一样", at="passphrase-again")
    assert desk.sent == []


def test_a_suggested_passphrase_makes_a_key(visit, tmp_path: Path) -> None:
    desk = Desk(visit())
    desk.page.get_by_text("替我想一个").click()
    desk.says("请抄在纸上")
    passphrase = desk.page.locator("#passphrase").input_value()
    assert passphrase in desk.page.locator("#key-status").inner_text()
    with desk.page.expect_download() as waiting:
        desk.page.get_by_text("生成", exact=True).click()
    saved = tmp_path / "key.json"
    waiting.value.save_as(saved)
    assert keyfile.open_key_file(saved.read_text("utf-8"), passphrase, round_id=ROUND_ID)
