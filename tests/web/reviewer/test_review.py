"""The reviewers' desk: a key proven over HTTP, the second signature, the opening, and what comes of it."""

from __future__ import annotations

import io
import json
import random
import re
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from county import County
from flask.testing import FlaskClient
from sqlalchemy import update

from analysis import premises
from survey.clock import now
from survey.models import LoginSession, State
from survey.protocol.answers import Answers
from survey.protocol.crypto.encoding import b64u, unb64u
from survey.protocol.holders.keyfile import answer_challenge, create_key_file, open_key_file
from survey.services.opening import opening_job as openings
from survey.services.people import half_filled
from survey.services.results import ranking as rankings
from survey.services.results.facts import facts_of
from survey.services.rounds import closing, keyholders
from survey.web.site.forms.half_filled import KEY
from survey.wording.numbers import score

BASE = "/review/2026-q4"
WAIT_SECONDS = 60


def test_a_key_counts_only_after_its_proof(place: County, reviewer: FlaskClient) -> None:
    place.draft(keys=False)
    round_id = place.description().id
    text, public = create_key_file(slug=place.slug, round_id=round_id, holder="甲", passphrase="口令")
    page = reviewer.get(f"{BASE}/key").text
    assert f'data-round-id="{round_id}"' in page
    assert f'data-prove-url="{BASE}/key/prove"' in page
    challenge = reviewer.post(f"{BASE}/key/register", json={"public_key": b64u(public)}).json["challenge"]
    assert not place.look(keyholders.holders)[0].proven
    key = open_key_file(text, "口令", round_id=round_id)
    proof = answer_challenge(key, round_id, unb64u(challenge))
    assert reviewer.post(f"{BASE}/key/prove", json={"proof": b64u(proof)}).json == {"proven": True}
    assert place.look(keyholders.holders)[0].proven


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("register", {"public_key": b64u(bytes(65))}),
        ("register", {"public_key": b64u(bytes(64))}),
        ("register", {"public_key": "not base64url!"}),
        ("register", {"public_key": 7}),
        ("register", {}),
        ("register", []),
        ("prove", {"proof": b64u(bytes(32))}),
        ("prove", {"proof": None}),
    ],
)
def test_malformed_keys_and_wrong_proofs_change_nothing(
    place: County, reviewer: FlaskClient, address: str, body: object
) -> None:
    place.draft(keys=False)
    answer = reviewer.post(f"{BASE}/key/{address}", json=body)
    assert answer.status_code == 400
    assert answer.json["message"]
    assert place.look(keyholders.holders)[0].public_key is None


def test_a_key_request_without_the_csrf_token_is_refused(place: County, reviewer: FlaskClient, site) -> None:
    place.draft(keys=False)
    site.config.update(WTF_CSRF_ENABLED=True)
    answer = reviewer.post(f"{BASE}/key/register", json={"public_key": b64u(bytes(65))})
    assert answer.status_code == 400
    assert answer.json["error"] == "expired"


def test_who_holds_no_key_of_the_round_gets_none(place: County, sign_in) -> None:
    place.draft(keys=False)
    outsider = sign_in(place.add_user("别的评议员", "reviewer"))
    assert outsider.get(f"{BASE}/key").status_code == 403
    assert outsider.post(f"{BASE}/key/prove", json={"proof": b64u(bytes(32))}).status_code == 403


def test_a_frozen_round_takes_no_new_key(place: County, reviewer: FlaskClient) -> None:
    place.draft().issue()
    _text, public = create_key_file(
        slug=place.slug, round_id=place.description().id, holder="甲", passphrase="x"
    )
    answer = reviewer.post(f"{BASE}/key/register", json={"public_key": b64u(public)})
    assert answer.status_code == 409


def test_closing_takes_a_proposal_and_a_confirmation(place: County, reviewer: FlaskClient) -> None:
    place.draft().issue().start()
    assert reviewer.post(f"{BASE}/confirm-closing", data={"confirm": "y"}).status_code == 409
    place.act(lambda s, r: closing.propose_closing(s, r, place.administrator))
    reviewer.post(f"{BASE}/confirm-closing")
    assert place.round().state == State.OPEN  # the tick was missing
    done = reviewer.post(f"{BASE}/confirm-closing", data={"confirm": "y"}, follow_redirects=True)
    assert place.round().state == State.CLOSED
    assert "等待开箱" in done.text


def test_results_do_not_exist_before_opening(place: County, reviewer: FlaskClient) -> None:
    place.draft().issue().start()
    for page in ("ranking", "comments", "files/ranking.png", "open"):
        assert reviewer.get(f"{BASE}/{page}").status_code == 403, page
    assert reviewer.get(f"{BASE}/box.jsonl").status_code == 409
    assert reviewer.get(f"{BASE}/job").status_code == 404


def ceremony(place: County, given: Sequence[int] = (0, 1), **changes: object) -> dict[str, object]:
    """What the holders present hand in."""
    data: dict[str, object] = {"ready": "y"}
    for position in given:
        text, passphrase = place.key_files[position]
        data[f"holder{position}-file"] = (io.BytesIO(text.encode()), "pingyi.key.json")
        data[f"holder{position}-passphrase"] = passphrase
        data[f"holder{position}-root"] = (place.round().merkle_root or b"").hex()[:8]
    return data | changes


def closed(place: County) -> County:
    """A closed round of twelve ballots that differ, with a comment in each."""
    place.draft(keys=False)
    place.key_files = [County.make_key(place, user) for user in place.reviewers]
    place.issue(12).start()
    chance = random.Random(5)
    for number in range(12):
        ratings = tuple((chance.choice((1, 1, 2)), 1 + (department > 1)) for department in range(4))
        place.phone().answer(Answers(ratings=ratings, strata=(0,), comments={number % 2: f"意见 <{number}>"}))
    return place.close()


@pytest.mark.parametrize(
    ("given", "changes", "said"),
    [
        ((0,), {}, "需要 2 位持钥人到场，现在只有 1 位。"),
        ((), {}, "需要 2 位持钥人到场，现在只有 0 位。"),
        ((0, 1), {"ready": ""}, "请先勾选确认。"),
        ((0, 1), {"holder1-passphrase": ""}, "选了钥匙文件，但没有填口令。"),
        ((0,), {"holder1-passphrase": "x"}, "填了口令，但没有选择钥匙文件。"),
        ((0, 1), {"holder1-root": ""}, "选了钥匙文件，但没有填校验根的前 8 位。"),
        ((0,), {"holder1-root": "x"}, "填了校验根，但没有选择钥匙文件。"),
        ((0, 1), {"holder1-root": "00000000"}, "与这里的票箱不符"),
        ((0, 1), {"holder0-root": "e3b0"}, "与这里的票箱不符"),
    ],
)
def test_an_incomplete_ceremony_opens_nothing(
    place: County, reviewer: FlaskClient, given: Sequence[int], changes: dict[str, object], said: str
) -> None:
    place.draft().issue().start().close()
    answer = reviewer.post(f"{BASE}/open", data=ceremony(place, given, **changes))
    assert answer.status_code == 400
    assert said in answer.text
    assert place.round().state == State.CLOSED


def test_a_picture_is_no_key_file(place: County, reviewer: FlaskClient) -> None:
    place.draft().issue().start().close()
    picture = (io.BytesIO(b"\x89PNG\xff\xfe"), "photo.png")
    answer = reviewer.post(f"{BASE}/open", data=ceremony(place, **{"holder1-file": picture}))
    assert "这不是钥匙文件" in answer.text
    assert place.round().state == State.CLOSED


def ended(reviewer: FlaskClient) -> dict[str, object]:
    """The job's last word."""
    limit = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < limit:
        job = reviewer.get(f"{BASE}/job.json").json
        if job["state"] not in ("waiting", "running"):
            return job
        time.sleep(0.1)
    raise AssertionError("the job did not end")


def test_a_wrong_passphrase_is_told_and_the_box_stays_shut(place: County, reviewer: FlaskClient) -> None:
    closed(place)
    answer = reviewer.post(f"{BASE}/open", data=ceremony(place, **{"holder1-passphrase": "猜的"}))
    assert answer.status_code == 400
    assert field_of(answer.text, "holder1-passphrase").keys() >= {"autofocus", "aria-invalid"}
    assert "holder1-passphrase-error-1" in answer.text
    assert "autofocus" not in field_of(answer.text, "holder0-passphrase")
    assert "checked" in field_of(answer.text, "ready")
    assert place.round().state == State.CLOSED


def test_what_was_prepared_is_there_when_the_opening_failed_or_came_too_late(
    place: County, reviewer: FlaskClient, tmp_path: Path
) -> None:
    closed(place)
    twice = ceremony(place) | {"holder1-file": (io.BytesIO(place.key_files[0][0].encode()), "a.key.json")}
    twice |= {"holder1-passphrase": place.key_files[0][1]}
    assert reviewer.post(f"{BASE}/open", data=twice).location == f"{BASE}/job"
    assert ended(reviewer)["state"] == "failed"
    page = reviewer.get(f"{BASE}/job").text
    assert ("给了两次" in page, "票箱原封不动" in page, place.round().state) == (True, True, State.CLOSED)
    root = (place.round().merkle_root or b"").hex()[:8]
    for _failed_then_late in range(2):
        page = reviewer.get(f"{BASE}/open").text
        assert field_of(page, "holder0-root")["value"] == field_of(page, "holder1-root")["value"] == root
        assert "checked" in field_of(page, "ready")
        assert not field_of(page, "holder0-passphrase")["value"]
        prove(place, minutes_ago=61)
        typed = {"holder0-passphrase": "nobody-keeps-this"}
        late = reviewer.post(f"{BASE}/open", data=ceremony(place, **typed))
        assert late.location.startswith("/account/prove")
        prove(place, minutes_ago=0)
    kept = half_filled.fetch(tmp_path, *key_of(reviewer))
    assert kept is not None
    assert not [name for name, values in kept.fields.items() if "nobody-keeps-this" in values]
    assert set(kept.fields) == {"ready", "holder0-root", "holder1-root"}


def prove(place: County, *, minutes_ago: int) -> None:
    proved = update(LoginSession).values(proved_at=now() - timedelta(minutes=minutes_ago))
    place.database.write(lambda s: s.execute(proved) and None)


def key_of(client: FlaskClient) -> tuple[str, str]:
    """Name and key of what is kept for this browser."""
    with client.session_transaction() as session:
        return tuple(session[KEY])


def field_of(page: str, name: str) -> dict[str, str]:
    """Attributes of a field; those without a value have ""."""
    found = re.search(rf'<input [^>]*name="{name}"[^>]*>', page)
    assert found, name
    return dict(re.findall(r'([a-z-]+)(?:="([^"]*)")?', found[0].removeprefix("<input")))


def test_from_the_ceremony_to_the_ranking(place: County, reviewer: FlaskClient) -> None:
    closed(place)
    reviewer.post(f"{BASE}/open", data=ceremony(place))
    assert ended(reviewer)["state"] == "done"
    assert reviewer.get(f"{BASE}/job").location == f"{BASE}/ranking"
    page = reviewer.get(f"{BASE}/ranking").text
    ranking = place.look(facts_of).ranking  # as published, so that a reviewer and a document say the same
    for department in ranking.departments:
        assert department.name in page
        assert score(department) in page
    for name, media_type, size in place.look(rankings.artifacts):
        answer = reviewer.get(f"{BASE}/files/{name}")
        assert (answer.mimetype, len(answer.data)) == (media_type, size)
        assert answer.headers["Cache-Control"] == "no-store"
    assert all(text in page for text in premises())
    english = reviewer.get(f"{BASE}/ranking?lang=en").text
    assert all(text in english for text in premises("en"))
    assert reviewer.get(f"{BASE}/files/..%2fsecret.key").status_code == 404
    comments = reviewer.get(f"{BASE}/comments/list").text
    assert "意见 &lt;3&gt;" in comments
    assert "意见 <3>" not in comments
    box = reviewer.get(f"{BASE}/box.jsonl")
    assert box.data.count(b"\n") >= 14
    assert sorted(next(iter(json.loads(x))) for x in box.data.split(b"\n")[-4:-2]) == [
        "ranking",
        "scores_digest",
    ]
    answered = no_answer_has_a_row(place, reviewer)
    assert {f"{BASE}/box.jsonl", f"{BASE}/ranking", "/public/2026-q4"} <= answered
    again = reviewer.post(f"{BASE}/open", data=ceremony(place))
    assert again.status_code == 403


def no_answer_has_a_row(place: County, reviewer: FlaskClient) -> set[str]:
    """Ask for every address of the site and every file of the round; those that were answered.

    What once went out in `box.jsonl` is looked for as bytes, hex and base64, row by row: by their facts, rows
    single firms out.
    """
    table = place.look(rankings.score_table)
    width = table.row_bytes
    rows = {table.rows[at : at + width] for at in range(0, len(table.rows), width)}
    written = {form for row in rows for form in (row, row.hex().encode(), b64u(row).encode())}
    app = reviewer.application
    known = {"slug": place.slug, "department": 1, "index": 1, "edition": 1, "number": 1, "page": 1}
    addresses = {f"{BASE}/files/{name}" for name, *_ in place.look(rankings.artifacts)}
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.arguments <= set(known):
            with app.test_request_context():
                addresses.add(app.url_for(rule.endpoint, **{name: known[name] for name in rule.arguments}))
    answers = {address: reviewer.get(address) for address in sorted(addresses) if "logout" not in address}
    carrying = {a for a, answer in answers.items() if any(form in answer.data for form in written)}
    assert carrying == set()
    naive = json.dumps({"scores": {"rows": b64u(table.rows)}}).encode()
    assert any(form in naive for form in written), "as exports of version 1 had them"
    return {address for address, answer in answers.items() if answer.status_code == 200}


def test_an_interrupted_opening_is_completed_without_keys(
    place: County, reviewer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_args: object) -> None:
        raise RuntimeError("power cut")

    closed(place)
    with monkeypatch.context() as patched:
        patched.setattr(openings, "finish_opening", stop)
        reviewer.post(f"{BASE}/open", data=ceremony(place))
        assert ended(reviewer)["state"] == "failed"
    assert "接着完成" in reviewer.get(f"{BASE}/job").text
    assert reviewer.get(f"{BASE}/ranking").status_code == 404
    reviewer.post(f"{BASE}/finish")
    assert ended(reviewer)["state"] == "done"
    assert reviewer.get(f"{BASE}/ranking").status_code == 200


def test_comments_of_a_handful_of_ballots_stay_hidden(place: County, reviewer: FlaskClient) -> None:
    place.draft(threshold=5, keys=False)
    place.key_files = [County.make_key(place, user) for user in place.reviewers]
    place.issue(4).start()
    ratings = ((1, 1),) * 4
    for number in range(4):
        place.phone().answer(Answers(ratings=ratings, strata=(0,), comments={0: f"只有我知道的事 {number}"}))
    place.close()
    reviewer.post(f"{BASE}/open", data=ceremony(place))
    ended(reviewer)
    assert place.round().state == State.OPENED
    answer = reviewer.get(f"{BASE}/comments/list")
    assert answer.status_code == 403
    assert "只有我知道的事" not in answer.text
    page = reviewer.get(f"{BASE}/ranking").text
    assert "没有可以排名的部门。" in page
    assert '<table class="ranking' not in page
