"""Rounds made from the first: one for practice that is deleted whole, and the next one."""

from __future__ import annotations

import walk_holders
from playwright.sync_api import expect
from walk_hands import PATIENCE, Hand
from walk_site import DEPARTMENTS, Walk


def practise(walk: Walk, office: Hand, slug: str) -> None:
    """Copy the draft as a trial round, take it to collecting, and delete it whole."""
    office.go(f"/admin/rounds/{slug}")
    with walk.step("练习轮：建立、签发、收票"):
        office.follow("照此新建一轮")
        office.tick("这是练习轮")
        office.fill("标题", "练一练")
        office.click("建立草稿，下一步")
        office.told("（练习，不计入）练一练")
    trial = office.page.url.split("/rounds/")[1].split("/")[0]
    assert trial.startswith("practice-")
    walk_holders.make_keys(walk, trial, "练习轮：两把钥匙")
    office.go(f"/admin/rounds/{trial}")
    with walk.step("练习轮：建立、签发、收票"):
        office.follow("去签发邀请")
        for _ in range(2):  # the page may first ask who sits here
            office.fill("张数", "6")
            office.press(office.page.locator("#slips-confirm"))
            office.click("签发 PDF")
            if not office.prove():
                break
        office.page.get_by_role("button", name="下载 PDF").wait_for(timeout=PATIENCE)
        office.follow("返回轮次")
        office.twice("开始收票", "邀请已经全部签发")
        office.told("已开始收票")
    office.look("practice-collecting")
    assert office.page.request.get(f"{walk.url}/public/{trial}").status == 404
    with walk.step("练习轮：整轮删除"):
        office.press(office.page.locator("summary", has_text="整轮删除练习"))
        office.tick("我知道：练习轮")
        office.click("整轮删除")
        office.told("练习轮已经整轮删除")
    office.page.wait_for_timeout(2000)  # a phone's page is repeated from memory for a second
    assert office.page.request.get(f"{walk.url}/s/{trial}").status == 404


def begin_the_next(walk: Walk, office: Hand, slug: str) -> None:
    """A second round with the departments, questions and holders of the first."""
    office.go(f"/admin/rounds/{slug}")
    office.look("round-published")
    with walk.step("照第一轮建第二轮"):
        office.follow("照此新建一轮")
        office.fill("标题", "2027 年第一季度评议")
        office.click("建立草稿，下一步")
        office.told("已建好")
    office.look("second-round")
    names = [box.input_value() for box in office.page.locator("input[name$='-name']").all()]
    assert [name for name in names if name] == DEPARTMENTS
    office.go("/admin/")
    office.look("desk-at-the-end")
    expect(office.page.get_by_role("link", name="2027 年第一季度评议").first).to_be_visible()
