"""What reviewers do after the opening: comments, problems, editions."""

from __future__ import annotations

import re
import zipfile

from walk_hands import PATIENCE, Hand
from walk_site import Walk

TASK = "窗口服务态度差"


def release_comments(walk: Walk, first: Hand, second: Hand, slug: str) -> int:
    """All comments without a finding, by two people; returns how many."""
    first.go(f"/review/{slug}/")
    with walk.step("两人转出全部没有可疑内容的意见"):
        first.follow("看意见")
        first.look("comments")
        first.follow("先处理没有标出可疑内容的")
        first.look("comments-clean")
        first.tick("没有标出可疑内容的")
        first.click("记下，交另一位评议员确认")
        first.told("等另一位评议员确认")
        second.go("/review/")
        second.follow(re.compile("等您确认的意见处理"))
        second.look("comments-to-confirm")
        second.tick("按原文转给部门、没有标出可疑内容的")
        second.click("确认")
        second.told("已确认")
    said = second.page.get_by_role("status").filter(has_text="已确认").inner_text()
    return int("".join(c for c in said if c.isdigit()))


def record_problem(walk: Walk, first: Hand, slug: str) -> str:
    """The first finding of the first department that has one; returns the department."""
    first.go(f"/review/{slug}/")
    with walk.step("记下一个问题"):
        first.follow("问题清单")
        department = first.page.locator("main details summary strong").first
        name = department.inner_text()
        first.press(department)
        finding = first.page.locator("main details[open]")
        finding.get_by_role("radio").first.check()
        walk.ledger.now.clicks += 1
        finding.get_by_label("要解决的问题").fill(TASK)
        first.look("finding")
        first.click("记入清单")
        first.told("已记入问题清单，编号 1")
    return name


def publish(walk: Walk, first: Hand, second: Hand, slug: str, *, correction: str = "") -> None:
    """One proposes an edition, the other agrees."""
    first.go(f"/review/{slug}/publication")
    with walk.step("两人公布更正版" if correction else "两人公布"):
        if correction:
            first.fill("更正说明", correction)
        first.look(f"publication-{bool(correction)}")
        first.click("提出公布稿")
        if first.prove():
            first.click("提出公布稿")
        first.told("公布稿已经定格")
        second.go("/review/")
        second.follow("公布稿等您确认")
        second.look(f"publication-to-confirm-{bool(correction)}")
        second.twice("确认公布", "我已逐项看过公布稿")
        second.told("已经公布")
    second.look(f"published-{bool(correction)}")


def make_documents(walk: Walk, hand: Hand, slug: str) -> None:
    hand.go(f"/review/{slug}/publication")
    with walk.step("制作并下载全部文件"):
        hand.follow("通报、报告、反馈函等全部文件")
        hand.click("制作全部文件")
        link = hand.page.get_by_role("link", name=re.compile("下载全部文件"))
        link.wait_for(timeout=3 * PATIENCE)
        with hand.page.expect_download() as found:
            hand.press(link)
    hand.look("documents")
    with zipfile.ZipFile(found.value.path()) as bundle:
        names = bundle.namelist()
    for ending in (".docx", ".pdf", ".xlsx", ".pptx"):
        assert any(name.endswith(ending) for name in names), ending


def hand_over(walk: Walk, hand: Hand) -> None:
    hand.go("/review/")
    with walk.step("转办一个问题"):
        hand.follow("已记录、还没有转办的问题：1 个")
        hand.follow(TASK)
        hand.look("problem-to-assign")
        hand.click("转办")
        hand.told("已转办")


def send_back(walk: Walk, hand: Hand, why: str) -> None:
    hand.go("/review/")
    with walk.step("回访：退回一次，核实一次"):
        hand.follow("部门已回复、等回访核实的问题：1 个")
        hand.follow(TASK)
        hand.press(hand.page.locator("summary", has_text="没有解决，退回继续办理"))
        hand.page.locator("details[open] textarea").fill(why)
        hand.look("problem-sent-back")
        hand.click("退回")
        hand.told("已退回继续办理")


def verify(walk: Walk, hand: Hand) -> None:
    hand.go("/review/")
    with walk.step("回访：退回一次，核实一次"):
        hand.follow("部门已回复、等回访核实的问题：1 个")
        hand.follow(TASK)
        hand.page.locator("main textarea").locator("visible=true").first.fill("回访三家，均已一次办结")
        hand.click("问题已经解决")
        hand.told("已核实")
    hand.look("problem-verified")
