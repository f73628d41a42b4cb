"""What reviewers do after the opening: comments, problems, editions."""

from __future__ import annotations

import re

from walk_hands import Hand
from walk_site import Walk


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
