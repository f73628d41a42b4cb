"""Page of the check by telephone: drawn once, entered, and concluded in words; for reviewers of the round."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from county import County
from flask.testing import FlaskClient

from survey.models import AuditEvent
from survey.services.voting import telephone_check

PAGE = "/review/2026-q4/telephone"


@pytest.fixture
def closed(place: County) -> County:
    """A closed round in which two of three enterprises collected."""
    place.draft().issue_attributed().start()
    for _ in range(2):
        place.phone().answer()
    return place.close()


@pytest.fixture
def reviewer(place: County, sign_in) -> FlaskClient:
    return sign_in(place.reviewers[0])


def test_the_whole_way(closed: County, reviewer: FlaskClient, tmp_path: Path) -> None:
    assert "只能抽一次" in reviewer.get(PAGE).text
    assert PAGE in reviewer.get("/review/2026-q4/").text
    refused = reviewer.post(f"{PAGE}/draw", data={"word": "", "size": "2"})
    assert refused.status_code == 400
    assert "请填写一个截止以后才公开的数字或词" in refused.text
    assert reviewer.post(f"{PAGE}/draw", data={"word": "3871.26", "size": "3"}).status_code == 400
    drawn = reviewer.post(f"{PAGE}/draw", data={"word": "3871.26", "size": "2"}, follow_redirects=True).text
    assert "还有 2 家没有记结果" in drawn
    names = re.findall(r'name="(said-[0-9a-f]{32})"', drawn)
    assert len(names) == 2
    said = dict.fromkeys(names, "took_part")
    done = reviewer.post(PAGE, data=said, follow_redirects=True).text
    assert "2 家说参加了，0 家说没有，0 家没有联系上" in done
    assert "没有参加而被人领了票的企业有 1 家或更多" in done
    doubtful = reviewer.post(PAGE, data={names[0]: "not_reached"}, follow_redirects=True).text
    assert "没有联系上的都当作没有参加" in doubtful
    public = reviewer.get("/public/2026-q4").text
    assert "1 家没有联系上" in public
    assert not any(f.name in public for f, _ in closed.look(telephone_check.drawn_of).calls)
    _repeated(closed, done, tmp_path)


def _repeated(closed: County, page: str, folder: Path) -> None:
    """By the command on the page, from list and seed alone."""
    codes = closed.look(telephone_check.population)
    (folder / "codes.txt").write_text("\n".join(reversed(codes)) + "\n")
    seed = re.search(r'<span class="fingerprint">([0-9a-f]{64}:-:3871\.26)</span>', page)
    assert seed
    command = ["telephone", "draw", str(folder / "codes.txt"), "--seed", seed[1], "--size", "2"]
    done = subprocess.run(
        [sys.executable, "-m", "survey.cli", *command], capture_output=True, text=True, check=True
    )
    drawn = closed.look(telephone_check.drawn_of)
    assert done.stdout.split() == [enterprise.credit_code for enterprise, _ in drawn.calls]
    assert drawn.check.digest.hex() in done.stderr


def test_what_nobody_sends_is_refused(closed: County, reviewer: FlaskClient) -> None:
    reviewer.post(f"{PAGE}/draw", data={"word": "3871.26", "size": "1"})
    assert reviewer.post(PAGE, data={"said-xx": "took_part"}).status_code == 400
    assert reviewer.post(PAGE, data={f"said-{'0' * 32}": "took_part"}).status_code == 409
    drawn = closed.look(telephone_check.drawn_of)
    name = f"said-{drawn.calls[0][0].id.hex()}"
    assert reviewer.post(PAGE, data={name: "gave_ten_points"}).status_code == 400
    actions = closed.look(lambda s, _r: [e.action for e in s.query(AuditEvent)])
    assert "telephone.enter" not in actions


def test_not_before_closing_and_not_by_others(place: County, reviewer: FlaskClient, sign_in) -> None:
    place.draft().issue_attributed().start()
    assert reviewer.get(PAGE).status_code == 409
    late = sign_in(place.add_user("后来的评议员", "reviewer"))
    assert late.get(PAGE).status_code == 403
    assert sign_in(place.administrator).get(PAGE).status_code == 403
