"""What enterprise owners do on their phones; most of them without a screen."""

from __future__ import annotations

import phone
from walk_hands import NARROW
from walk_site import Walk

from survey.demo.crowd import Crowd
from survey.demo.phone import PhoneClient
from survey.protocol.answers import encode_answers

SAID = "办事大厅排队太久，希望多开两个窗口"


def vote_by_hand(walk: Walk, link: str, number: int) -> str:
    """One owner from the link to the receipt; two departments, one remark."""
    owner = walk.hand(f"企业主{number}", viewport=NARROW, has_touch=True)
    page, see = owner.page, f"phone-{number}"
    with walk.step("手机上填一份（两个部门）"):
        page.goto(link)
        page.get_by_role("button", name="开始填写").wait_for()
        owner.look(f"{see}-promise")
        owner.click("开始填写")
        phone.title_is(page, "今年打过交道的部门")
        phone.pick(page, "税务局", "公安局")
        owner.look(f"{see}-rate")
        phone.rate(page, "税务局", "满意", comment=SAID)
        phone.rate(page, "公安局", "不满意", "基本满意")
        owner.look(f"{see}-facts")
        phone.tap(page, "下一步")
        owner.look(f"{see}-review")
        phone.tap(page, "提交")
        walk.ledger.now.clicks += 11  # two departments, four marks, five times on
        receipt = phone.receipt_of(page)
    owner.look(f"{see}-done")
    return receipt


def vote_over_http(walk: Walk, slug: str, links: list[str]) -> None:
    with PhoneClient(walk.url, slug) as client:
        round = client.description()
        crowd = Crowd(round.questionnaire, 5)
        for number, link in enumerate(links):
            answers = encode_answers(round.questionnaire, crowd.answers(number))
            client.vote(round, link.partition("#")[2], answers)


def find_receipt(walk: Walk, slug: str, receipt: str) -> None:
    """An owner looks the ballot up on the public page."""
    owner = walk.hand("企业主", viewport=NARROW, has_touch=True)
    owner.go(f"/public/{slug}")
    with walk.step("企业在公示页查回执"):
        owner.fill("回执号", receipt)
        owner.click("在清单里查找")
        owner.page.get_by_text("这张票在票箱里").wait_for()
    owner.look("receipt-found")
