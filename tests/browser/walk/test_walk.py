"""A whole review from an empty installation, by night: five roles at real browsers, each step counted.

`NIGHTLY=1 pytest -s tests/browser/walk` prints what each step took, beside the first walk;
the pages are kept in screenshots/walk/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import walk_holders
import walk_liaisons
import walk_office
import walk_owners
import walk_practice
import walk_reviewers
from nightly import NIGHTLY
from playwright.sync_api import Page
from walk_hands import Hand
from walk_site import Walk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not NIGHTLY, reason="walked by night"),
]
SLUG = "2026-q4"
BY_HAND, VOTES = 2, 50
WHY = "回访两家企业仍要跑三趟"
# Clicks of the first walk, where they were counted: its roster took three uploads.
BEFORE = {
    "登记一人（三人）": 3 * 6,
    "建一轮": 19,
    "导入名录（两次上传）": 7,
    "两人转出全部没有可疑内容的意见": 34 + 33,
}
# What they must not exceed again; a file chosen is a click, and so is a file fetched.
MOST = {
    "登记一人（三人）": 12,
    "建一轮": 13,
    "导入名录（两次上传）": 8,
    "两人转出全部没有可疑内容的意见": 7,
}


@pytest.fixture
def walk(tmp_path: Path, visit: Callable[..., Page], screenshots: Path) -> Iterator[Walk]:
    (screenshots / "walk").mkdir(exist_ok=True)
    walk = Walk(tmp_path, screenshots / "walk", visit)
    walk.start()
    yield walk
    walk.stop()


def test_a_review_from_an_empty_installation(walk: Walk, capsys: pytest.CaptureFixture[str]) -> None:
    walk.hold_ceremony()
    walk_office.let_in_the_first(walk)
    prepare(walk, walk.people["王主任"])
    collect(walk, walk.people["王主任"])
    conclude(walk, walk.people["陈委员"], walk.people["李委员"])
    walk_practice.begin_the_next(walk, walk.people["王主任"], SLUG)
    with capsys.disabled():
        print("\n" + account(walk))
    assert over(walk) == []


def prepare(walk: Walk, office: Hand) -> None:
    """From the first page to invitations; a trial round between."""
    walk_office.add_colleagues(walk, office)
    walk_office.set_up_round(walk, office)
    walk_office.import_roster(walk, office)
    walk_office.add_liaisons(walk, office)
    walk_practice.practise(walk, office, SLUG)
    walk_holders.make_keys(walk, SLUG, "两位持钥人生成钥匙")
    walk_office.issue(walk, office, SLUG)


def collect(walk: Walk, office: Hand) -> None:
    """Ballots, the call list, closing and opening."""
    receipts = {walk_owners.vote_by_hand(walk, walk.invitations[n], n) for n in range(BY_HAND)}
    assert len(receipts) == BY_HAND
    walk_owners.vote_over_http(walk, SLUG, walk.invitations[BY_HAND:VOTES])
    walk_office.call(walk, office, SLUG, walk_office.FIRMS - VOTES)
    walk_office.propose_closing(walk, office, SLUG)
    walk_holders.open_box(walk, SLUG, walk_holders.confirm_closing(walk, walk.people["李委员"]))
    walk_owners.find_receipt(walk, SLUG, receipts.pop())


def conclude(walk: Walk, first: Hand, second: Hand) -> None:
    """Comments, an edition with its documents, a problem that is solved at the second try, a correction."""
    assert walk_reviewers.release_comments(walk, first, second, SLUG) > 0
    department = walk_reviewers.record_problem(walk, first, SLUG)
    walk_reviewers.publish(walk, first, second, SLUG)
    walk_reviewers.make_documents(walk, second, SLUG)
    walk_reviewers.hand_over(walk, first)
    liaison = walk_liaisons.come_in(walk, department)
    walk_liaisons.accept_and_answer(walk, liaison)
    walk_reviewers.send_back(walk, first, WHY)
    walk_liaisons.answer_again(walk, liaison, WHY)
    walk_reviewers.verify(walk, first)
    walk_reviewers.publish(walk, first, second, SLUG, correction="一条问题的表述有误，已改正。")
    walk_liaisons.read_results(liaison, SLUG)


def account(walk: Walk) -> str:
    """A line a step: clicks now, clicks before, seconds."""
    lines = [f"{'clicks':>6} {'before':>6} {'seconds':>8}  step"]
    for name, step in walk.ledger.steps.items():
        lines.append(f"{step.clicks:6} {BEFORE.get(name, '—'):>6} {step.seconds:8.1f}  {name}")
    return "\n".join(lines)


def over(walk: Walk) -> list[str]:
    """Steps that take more clicks than they did once."""
    return [name for name, clicks in MOST.items() if walk.ledger.steps[name].clicks > clicks]
