"""The desk's pages of a round with two machines: chosen, frozen, codes, statements, closing, who waits."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from flask.testing import FlaskClient

from survey.database.engine import Database
from survey.models import Enterprise, Invitation
from survey.protocol.description import RoundDescription
from survey.services.invitations import imported_codes
from survey.services.rounds import code_lists, witnessing
from survey.services.rounds.closing import closing_entry
from tests.witness.two_machines import TwoMachines
from tests.witness.witnessed import Witness

ROUND = "/admin/rounds/2026-q4"
PAGE = f"{ROUND}/witness"
YES = {"confirm": "yes"}


@pytest.fixture
def place(sqlite_database: Database, tmp_path: Path) -> Iterator[TwoMachines]:
    found = TwoMachines(sqlite_database, folder=tmp_path).populate(enterprises=3)
    yield found
    if hasattr(found, "witness"):
        found.witness.store.close()


def upload(client: FlaskClient, address: str, text: str, field: str = "file"):
    return client.post(address, data={field: (io.BytesIO(text.encode()), "x.json")})


def follow(client: FlaskClient, answer) -> str:
    assert answer.status_code == 302, answer.text
    return client.get(answer.location).text


def test_one_machine_or_two(place: TwoMachines, administrator: FlaskClient) -> None:
    super(TwoMachines, place).draft()
    page = administrator.get(PAGE).text
    assert page.index("现在是这一种") < page.index('id="two"')
    assert place.round().id.hex() in page
    for sentence in ("可以冒充没有提交的企业投票", "两台的人串通了才行"):
        assert sentence in page
    place.witness = Witness(place.folder / "witness", place.round().id.hex()).begin(place.address)
    offer = place.witness.offer
    for nonsense in ("", "{}", "[" * 5000, "\ufeff{", offer.to_json().replace(offer.round_id, "0" * 32)):
        refused = upload(administrator, PAGE, nonsense)
        assert refused.status_code == 400
        assert 'aria-invalid="true"' in refused.text
        assert place.round().witness is None
    assert administrator.post(PAGE, data={}).status_code == 400
    page = follow(administrator, upload(administrator, PAGE, offer.to_json()))
    assert offer.fingerprint in page
    assert page.index("现在是这一种") > page.index('id="two"')
    assert "请先勾选" in follow(administrator, administrator.post(f"{PAGE}/remove"))
    assert place.round().witness
    page = follow(administrator, administrator.post(f"{PAGE}/remove", data=YES))
    assert place.round().witness is None
    assert "已改回一台机器" in page


def test_freezing_takes_compared_fingerprints_and_whole_settings(
    place: TwoMachines, administrator: FlaskClient
) -> None:
    place.draft(keys=False)
    page = administrator.get(PAGE).text
    assert "还有持钥人没有生成并验证钥匙" in page
    assert f"{PAGE}/freeze" not in page
    administrator.post(f"{PAGE}/freeze", data=YES)
    assert not place.round().frozen
    for user in place.reviewers:
        place.key_files.append(place.make_key(user))
    assert "去定稿" in administrator.get(ROUND).text
    assert f"核对过指纹 {place.witness.offer.fingerprint}" in administrator.get(PAGE).text
    administrator.post(f"{PAGE}/freeze")
    assert not place.round().frozen
    page = follow(administrator, administrator.post(f"{PAGE}/freeze", data=YES))
    assert place.round().frozen
    assert "已定稿" in page
    given = administrator.get(f"{ROUND}/round.json")
    assert RoundDescription.from_dict(json.loads(given.data)) == place.description()
    assert administrator.get(f"{ROUND}/setup/basics").status_code in (302, 409)
    refused = upload(administrator, PAGE, place.witness.offer.to_json())
    assert refused.status_code == 409


def test_codes_are_shown_before_they_are_kept(place: TwoMachines, administrator: FlaskClient) -> None:
    place.draft()
    assert "先定稿" in administrator.get(f"{ROUND}/invitations").text
    place.freeze()
    owners = place.look(lambda s, _r: [e.credit_code for e in s.query(Enterprise)])
    mine, other = place.made(enterprises=owners)
    issuing = administrator.get(f"{ROUND}/invitations").text
    assert "pingyi invitations make" in issuing
    assert "签发 PDF" not in issuing
    assert "还没有导入过" in issuing
    for nonsense in ("", "{}", mine.to_json()[:-1]):
        said = follow(administrator, upload(administrator, f"{ROUND}/codes", nonsense, "codes-file"))
        assert 'class="error"' in said
    assert administrator.get(f"{ROUND}/codes").status_code == 404
    refused = follow(administrator, upload(administrator, f"{ROUND}/codes", other.to_json(), "codes-file"))
    assert "给另一台机器的" in refused
    assert "/codes/confirm" not in refused
    strange = place.made(enterprises=["91130999MA99999999"])[0]
    refused = follow(administrator, upload(administrator, f"{ROUND}/codes", strange.to_json(), "codes-file"))
    assert "不在本机的名录里" in refused
    shown = follow(administrator, upload(administrator, f"{ROUND}/codes", mine.to_json(), "codes-file"))
    for text in ("记名邀请", "确认导入 3 个", _grouped(mine.digest), _grouped(mine.other)):
        assert text in shown
    assert place.look(lambda s, _r: s.query(Invitation).count()) == 0
    wrong = administrator.post(f"{ROUND}/codes/confirm", data={"digest": strange.digest})
    assert wrong.status_code == 409
    assert place.look(lambda s, _r: s.query(Invitation).count()) == 0
    said = follow(administrator, administrator.post(f"{ROUND}/codes/confirm", data={"digest": mine.digest}))
    assert "已导入 3 个" in said
    assert _grouped(mine.other) in said
    assert place.look(lambda s, _r: s.query(Invitation).count()) == 3
    assert administrator.get(f"{ROUND}/codes").status_code == 404
    follow(administrator, upload(administrator, f"{ROUND}/codes", mine.to_json(), "codes-file"))
    assert "没有导入" in follow(administrator, administrator.post(f"{ROUND}/codes/discard"))


def _grouped(digest: str) -> str:
    return " ".join(digest[place : place + 4] for place in range(0, len(digest), 4))


def test_who_waits_for_whom_from_freezing_to_closing(
    place: TwoMachines,
    administrator: FlaskClient,
    reviewer: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place.draft()
    served: list[str] = []
    monkeypatch.setattr(witnessing, "fetch_statement", lambda _description: served[-1])

    def waits() -> list[str]:
        pages = [
            client.get(where).text
            for client, where in ((administrator, ROUND), (reviewer, "/review/2026-q4/"))
        ]
        return [page.partition("现在等")[2].partition("：")[0] for page in pages]

    assert waits() == ["管理员和县政协办公室"] * 2
    place.freeze()
    assert waits() == ["签发人"] * 2
    mine, other = place.made(5)
    follow(administrator, upload(administrator, f"{ROUND}/codes", mine.to_json(), "codes-file"))
    administrator.post(f"{ROUND}/codes/confirm", data={"digest": mine.digest})
    assert waits() == ["县政协办公室"] * 2
    assert "开始收票</button>" not in administrator.get(ROUND).text
    served.append(place.witness.import_codes(place.description(), other).to_json())
    assert "签名无误" in follow(administrator, administrator.post(f"{ROUND}/statement/fetch"))
    assert waits() == ["管理员"] * 2
    administrator.post(f"{ROUND}/start", data=YES)
    assert (place.round().state, waits()) == ("open", ["企业"] * 2)
    for _ in range(2):
        place.phone().answer()
    place.hand_over()
    early = administrator.post(f"{ROUND}/propose-closing", data=YES)
    assert early.status_code == 302
    assert "现在确认不了" in reviewer.get("/review/2026-q4/").text
    refused = reviewer.post("/review/2026-q4/confirm-closing", data=YES)
    assert (refused.status_code, "再由管理员在“两台机器”页取声明" in refused.text) == (409, True)
    assert waits() == ["县政协办公室"] * 2  # no longer for the firms
    place.witness.close(place.send)
    refused = upload(
        administrator, f"{ROUND}/statement", served[0].replace('"codes":5', '"codes":6'), "statement-file"
    )
    assert (refused.status_code, "不是本轮的监票机签的" in refused.text) == (400, True)
    done = upload(administrator, f"{ROUND}/statement", place.witness.round.statement, "statement-file")
    assert "签名无误" in follow(administrator, done)
    assert waits() == ["评议员"] * 2
    assert "现在确认不了" not in reviewer.get("/review/2026-q4/").text
    assert reviewer.post("/review/2026-q4/confirm-closing", data=YES).status_code == 302
    assert (place.round().state, place.round().cast_count) == ("closed", 2)
    public = administrator.get("/public/2026-q4").text
    for name in ("statement.json", "collected.txt"):
        assert f"/public/2026-q4/{name}" in public
    for client, where in ((administrator, ROUND), (administrator, PAGE), (reviewer, "/review/2026-q4/")):
        assert "两台机器都已截止" in client.get(where).text


def test_a_witness_that_does_not_answer_is_told_on_the_page(
    place: TwoMachines, administrator: FlaskClient
) -> None:
    place.address = "http://127.0.0.1:9"
    place.draft().freeze()
    said = follow(administrator, administrator.post(f"{ROUND}/statement/fetch"))
    assert "监票机没有应答" in said
    assert "statement.json" in said


def test_closing_without_the_witness_takes_a_reason_and_two_people(
    place: TwoMachines, administrator: FlaskClient, reviewer: FlaskClient
) -> None:
    place.draft().issue(5).start()
    for _ in range(3):
        place.phone().answer()
    place.hand_over()
    place.take_statement()
    address = f"{ROUND}/propose-closing-without-witness"
    form = {"without-reason": "机房失火，硬盘毁了", "without-confirm": "y"}
    for name in form:
        refused = administrator.post(address, data=form | {name: ""})
        assert (refused.status_code, place.round().close_proposed_by) == (400, None)
    assert reviewer.post(address, data=form).status_code == 403
    assert administrator.post(address, data=form).status_code == 302
    assert place.round().state == "open"
    assert "机房失火" in administrator.get(ROUND).text
    assert "机房失火" in reviewer.get("/review/2026-q4/").text
    assert reviewer.post("/review/2026-q4/confirm-closing", data=YES).status_code == 302
    assert place.look(lambda s, r: closing_entry(s, r).detail["reason"]) == "机房失火，硬盘毁了"
    assert "机房失火" in administrator.get("/public/2026-q4").text
    printed = administrator.get(f"{ROUND}/closing-record.pdf").data
    text = pypdfium2.PdfDocument(printed)[0].get_textpage().get_text_bounded().replace("\r\n", "")
    assert "票箱收到 1 批 3 张，作废 0 张，没有移交到至少 0 张" in text
    assert "机房失火，硬盘毁了" in text
    log = administrator.get("/audit/").text
    assert "监票机收到的选票 3" in log


def test_a_lost_link_is_replaced_by_the_issuer(place: TwoMachines, administrator: FlaskClient) -> None:
    place.draft().issue(5).start()
    page = administrator.get(f"{ROUND}/replacements").text
    assert "pingyi invitations replace" in page
    assert "换来的又丢了不能再换" in page
    assert "这个浏览器能再看" not in page
    assert "<button name=" not in page


def test_pages_say_when_such_a_round_is_frozen(place: TwoMachines, administrator: FlaskClient) -> None:
    """Not by its first invitation, as a round of one machine."""
    place.draft()
    for where in (ROUND, f"{ROUND}/preview"):
        page = administrator.get(where).text
        assert "第一份邀请" not in page, where
        assert "定稿" in page
    place.issue(5)
    for where in (ROUND, "/public/2026-q4"):
        page = administrator.get(where).text
        assert "第一份邀请" not in page, where
        assert "定稿" in page


def test_lists_that_differ_are_shown_also_on_a_closed_round(
    place: TwoMachines, administrator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.draft().issue(5).start()
    place.grow(slips=2)
    lists = place.made(2)
    place.act(lambda s, r: imported_codes.import_codes(s, r, lists[0], "管理员"))
    said = f"名单 {lists[1].digest[:12]}… 只有票箱机导入了"
    assert said in administrator.get(PAGE).text
    refused = administrator.post(f"{ROUND}/propose-closing", data=YES)
    assert (refused.status_code, said in refused.text) == (409, True)
    with monkeypatch.context() as patch:  # as an older program closed
        patch.setattr(code_lists, "require_same", lambda *_: None)
        place.close()
    assert said in administrator.get(PAGE).text
    listed = administrator.get("/public/2026-q4/lists.json").json["lists"]
    assert {pair["witness"] for pair in listed} >= {lists[1].digest}
    place.witness.import_codes(place.description(), lists[1])
    done = upload(administrator, f"{ROUND}/statement", place.witness.round.statement, "statement-file")
    assert "签名无误" in follow(administrator, done)
    assert said not in administrator.get(PAGE).text


def test_counts_are_rounded_alike_on_the_page_and_in_the_statement(
    place: TwoMachines, administrator: FlaskClient
) -> None:
    place.draft().issue(8).start()
    step = place.round().threshold
    for _ in range(step + 1):
        place.phone().answer()
    place.hand_over()
    place.take_statement()
    stated = administrator.get("/public/2026-q4/statement.json").json
    assert (stated["stamped"], stated["posted"], stated["handed_over"]) == (step, step, step)
    for page in (administrator.get(ROUND).text, administrator.get(PAGE).text):
        assert f"收下 {step} 张" in page
        assert str(step + 1) not in re.sub(
            r"<[^>]*>", "", page.partition("最新的声明")[2].partition("从头到尾")[0]
        )
