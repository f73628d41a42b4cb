"""What the liaison of a department does: say who and how, answer, and answer again what was sent back."""

from __future__ import annotations

from playwright.sync_api import expect
from walk_hands import Hand, enrol
from walk_reviewers import TASK
from walk_site import Walk


def come_in(walk: Walk, department: str) -> Hand:
    hand = walk.hand(f"{department}联络员")
    enrol(hand, walk.links[department], factor=False)
    hand.look("liaison-first-page")
    return hand


def accept_and_answer(walk: Walk, hand: Hand) -> None:
    with walk.step("联络员：领办并回复"):
        hand.follow(TASK)
        hand.look("liaison-problem")
        hand.fill("责任人", "李四，副局长")
        hand.page.get_by_label("整改措施").fill("窗口轮训，一次性告知")
        hand.click("开始办理")
        hand.told("已记下责任人和措施")
        hand.page.get_by_label("情况说明").fill("已轮训两期，窗口增加一人")
        hand.click("回复")
        hand.told("已回复，等待回访核实")
    hand.look("liaison-answered")


def answer_again(walk: Walk, hand: Hand, why: str) -> None:
    """The page of a problem that was sent back says why before it asks for another answer."""
    hand.go("/liaison/")
    with walk.step("联络员：退回以后再回复"):
        hand.follow(TASK)
        expect(hand.page.locator("main .note-warn")).to_contain_text(why)
        hand.look("liaison-sent-back")
        hand.page.get_by_label("情况说明").fill("改为一窗办结")
        hand.click("回复")
        hand.told("已回复，等待回访核实")


def read_results(hand: Hand, slug: str) -> None:
    hand.go(f"/liaison/{slug}/results")
    hand.look("liaison-results")
