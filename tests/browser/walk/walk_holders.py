"""What key holders do: their keys, agreeing to close, opening together."""

from __future__ import annotations

from playwright.sync_api import expect
from walk_hands import PATIENCE, Hand
from walk_site import Walk

PASSPHRASE = "竹篱笆 白鹅 石板桥 炊烟 月光"
HOLDERS = ("李委员", "陈委员")


def make_keys(walk: Walk, slug: str, step: str) -> None:
    for name in HOLDERS:
        hand = walk.people[name]
        hand.go("/review/")
        with walk.step(step):
            hand.press(hand.page.locator(f"main li a[href='/review/{slug}/key']"))
            hand.fill("口令", PASSPHRASE)
            hand.fill("再输入一遍口令", PASSPHRASE)
            path = walk.folder / f"{slug}-{name}.key.json"
            hand.download("生成并保存钥匙文件").save_as(path)
            hand.upload(path)
            hand.told("验证通过，您是持钥人了")
        hand.look(f"key-{slug}-{name}")


def confirm_closing(walk: Walk, hand: Hand) -> str:
    """Agree to the closing; returns the first 8 digits of the root that the record of closing shows."""
    hand.go("/review/")
    with walk.step("两人截止"):
        hand.follow("请确认截止")
        hand.look("closing-to-confirm")
        hand.twice("确认截止", "我知道：")
        expect(hand.page.get_by_role("heading", name="抄进会议记录")).to_be_visible(timeout=PATIENCE)
    hand.look("closed")
    return hand.page.locator("main .fingerprint").first.inner_text().replace(" ", "")[:8].upper()


def open_box(walk: Walk, slug: str, root: str) -> None:
    hand = walk.people[HOLDERS[1]]
    hand.go("/review/")
    with walk.step("两位持钥人开箱"):
        hand.follow("已经截止，请持钥人到场开箱")
        hand.prove()
        hand.look("opening")
        for place, name in enumerate(HOLDERS):
            hand.upload(walk.folder / f"{slug}-{name}.key.json", place)
            hand.fill("口令", PASSPHRASE, place)
            hand.fill("校验根的前 8 位", root, place)
        hand.tick("我已看清后果")
        hand.click("开箱")
        hand.page.wait_for_url("**/ranking", timeout=PATIENCE)
    hand.look("ranking")
    hand.go(f"/review/{slug}/")
    hand.look("opened")
