"""A round with a witness on the box: frozen, issued elsewhere, begun, filled by batches, closed, opened."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from county import BASE_URL, SECRET
from pretended_day import pretend
from sqlalchemy import select

from survey.clock import today
from survey.database.engine import Database
from survey.errors import (
    Conflict,
    Frozen,
    InvalidInput,
    InvitationReplaced,
    NotFound,
    PingyiError,
    RoundClosed,
)
from survey.models import Ballot, Enterprise, Invitation, Round
from survey.protocol.box.opening import open_ballots
from survey.protocol.box.verify import verify_box
from survey.protocol.codes import box_code, format_code, parse_code, parse_pinned
from survey.protocol.holders.keys import unlock_keys
from survey.protocol.witness.batches import Batch
from survey.protocol.witness.code_lists import CodeList, NewCode, make_lists
from survey.protocol.witness.statements import Statement
from survey.services.invitations import imported_codes, issuing, replacing
from survey.services.opening import box_files, opening_job
from survey.services.rounds import closing, lifecycle, witnessing
from survey.services.rounds.closing import closing_entry
from survey.services.voting import casting
from survey.services.voting.batches import BatchDiffers, take_batch
from survey.services.voting.collected_list import collected_list
from survey.witness.rounds import signing_key
from tests.witness.two_machines import TwoMachines


@pytest.fixture
def place(database: Database, tmp_path: Path, _cheap_keys: None) -> Iterator[TwoMachines]:
    found = TwoMachines(database, folder=tmp_path)
    yield found
    if hasattr(found, "witness"):
        found.witness.store.close()


def test_the_whole_way(place: TwoMachines, tmp_path: Path) -> None:
    place.collecting(slips=6)
    phones = [place.phone() for _ in range(4)]
    receipts = [phone.answer() for phone in phones]
    with pytest.raises(NotFound, match="监票机"):
        casting.cast(place.database, place.slug, phones[0].ballot())
    assert place.look(lambda s, _r: s.scalars(select(Ballot.spent)).all()) == []
    assert place.hand_over() == (4, 0)
    with pytest.raises(Conflict, match="还没有截止"):
        super(TwoMachines, place).close()
    place.act(lambda s, r: closing.withdraw_closing(s, r, place.administrator))
    assert place.close().round().cast_count == 4
    account = place.look(lambda s, r: closing_entry(s, r).detail["witness"])
    assert account | {"statement": 0} == {
        "stamped": 4,
        "posted": 4,
        "batches": 1,
        "kept": 4,
        "refused": 0,
        "missing": 0,
        "statement": 0,
    }
    path = tmp_path / "box.jsonl"
    box_files.export_box(place.database, place.slug, path)
    lines = path.read_text("utf-8").splitlines()
    names = ["message", "signature", "stamp_message", "stamp", "sealed", "proof"]
    assert [list(json.loads(line)) for line in lines[1:-1]] == [names] * 4
    report = verify_box(io.BytesIO(path.read_bytes()), receipt=receipts[0])
    assert report.failures == []
    opening_job.open_round(place.database, place.slug, place.key_files, actor="评议员")
    assert place.round().state == "opened"
    assert verify_box(io.BytesIO(path.read_bytes())).passed


def test_before_it_is_frozen(place: TwoMachines) -> None:
    place.populate().draft()
    place.act(lambda s, r: witnessing.remove_witness(s, r, "管理员"))
    assert place.description().witness is None
    with pytest.raises(Conflict, match="没有监票机"):
        place.freeze()
    text = place.witness.offer.to_json()
    for wrong in ("{}", text.replace(place.round().id.hex(), "0" * 32)):
        with pytest.raises(InvalidInput):
            place.act(
                lambda s, r, w=wrong: witnessing.set_witness(s, r, w, secret_key=SECRET, actor="管理员")
            )
    place.act(lambda s, r: witnessing.set_witness(s, r, text, secret_key=SECRET, actor="管理员") and None)
    assert place.freeze().description().complete
    with pytest.raises(Frozen):
        place.act(lambda s, r: witnessing.remove_witness(s, r, "管理员"))
    with pytest.raises(Conflict, match="不在这台机器上签发"):
        place.act(lambda s, r: issuing.prepare_slips(s, r, BASE_URL, 3))


def test_it_begins_when_both_machines_have_the_same_codes(place: TwoMachines) -> None:
    place.populate().draft().freeze()
    with pytest.raises(Conflict, match="还没有签发"):
        place.start()
    first, second = place.made(4), place.made(4)
    place.act(lambda s, r: imported_codes.import_codes(s, r, first[0], "管理员"))
    with pytest.raises(Conflict, match="还没有取到监票机的声明"):
        place.start()
    place.witness.import_codes(place.description(), second[1])
    place.take_statement()
    with pytest.raises(Conflict, match=f"名单 {first[1].digest[:12]}… 只有票箱机导入了"):
        place.start()
    place.act(lambda s, r: imported_codes.import_codes(s, r, second[0], "管理员"))
    place.witness.import_codes(place.description(), first[1])
    place.take_statement().start()
    assert place.round().state == "open"


def test_lists_that_do_not_fit(place: TwoMachines) -> None:
    place.populate(enterprises=3).draft().freeze()
    box_list, witness_list = place.made(3)
    for wrong in (witness_list,):
        with pytest.raises(InvalidInput, match="另一台"):
            place.act(lambda s, r, w=wrong: imported_codes.import_codes(s, r, w, "管理员"))
    stranger = place.made(enterprises=["91130999MA99999999"])[0]
    with pytest.raises(Conflict, match="不在本机的名录里"):
        place.act(lambda s, r: imported_codes.import_codes(s, r, stranger, "管理员"))
    place.import_lists(box_list, witness_list)
    with pytest.raises(Conflict, match="已经导入过"):
        place.act(lambda s, r: imported_codes.import_codes(s, r, box_list, "管理员"))
    place.issue_attributed()
    again = place.made(enterprises=["91130999MA00000000"])[0]
    with pytest.raises(Conflict, match="已经邀请过"):
        place.act(lambda s, r: imported_codes.import_codes(s, r, again, "管理员"))
    place.start()
    with pytest.raises(Conflict, match="增发"):
        place.act(lambda s, r: imported_codes.import_codes(s, r, place.made(2)[0], "管理员"))


def _replacement(place: TwoMachines, new: bytes, old: str, owner: str) -> tuple[CodeList, CodeList]:
    halves = NewCode(parse_pinned(old)[0]).hashes(place.description().id)
    return make_lists(place.description(), [NewCode(new, owner, halves)])


def test_a_lost_link_is_replaced_once_and_counted(place: TwoMachines) -> None:
    place.populate(enterprises=3).draft().freeze()
    owners = place.look(lambda s, _r: [e.credit_code for e in s.query(Enterprise)])
    place.import_lists(*place.made(enterprises=owners)).start()
    lost, other = place.codes[0], place.codes[1]
    for old, owner in ((other, owners[0]), (lost, owners[1])):  # somebody else's code
        strange = _replacement(place, b"n" * 16, old, owner)[0]
        with pytest.raises(Conflict, match="对不上"):
            place.act(lambda s, r, w=strange: imported_codes.import_codes(s, r, w, "管理员"))
    place.import_lists(*_replacement(place, b"n" * 16, lost, owners[0]))
    with pytest.raises(InvitationReplaced):
        place.phone(lost).collect()
    place.phone(format_code(b"n" * 16)).answer()
    for old in (lost, format_code(b"n" * 16)):
        again = _replacement(place, b"m" * 16, old, owners[0])[0]
        with pytest.raises(Conflict, match="换发过一次"):
            place.act(lambda s, r, w=again: imported_codes.import_codes(s, r, w, "管理员"))
    assert place.look(lambda s, r: replacing.replacements(s, r))[0] == 1
    assert place.witness.statement.replaced == 1
    assert place.close().round().cast_count == 1


def test_what_a_list_would_do_is_said_before_it_is_done(place: TwoMachines) -> None:
    place.populate(enterprises=3).draft().freeze()
    owners = place.look(lambda s, _r: [e.credit_code for e in s.query(Enterprise)])
    listed = place.made(enterprises=owners)[0]
    for _ in range(2):
        planned = place.look(lambda s, r: imported_codes.plan(s, r, listed))
        assert (planned.kind, len(planned.hashes), planned.added) == ("attributed", 3, 3)
    assert place.look(lambda s, _r: s.query(Invitation).count()) == 0


def test_a_batch_is_taken_once(place: TwoMachines) -> None:
    place.collecting()
    for _ in range(3):
        place.phone().answer()
    sent: list[Batch] = []

    def send(round, batch):
        sent.append(batch)
        return place.send(round, batch)

    assert place.witness.hand_over(send) == (3, 0)
    again = take_batch(place.database, place.slug, sent[0])
    assert again == {"number": 1, "kept": 3, "refused": 0}
    place.phone().answer()
    place.witness.hand_over(send)
    from survey.witness.rounds import signing_key

    key = signing_key(place.witness.store, place.witness.round.id)
    with pytest.raises(BatchDiffers):
        take_batch(place.database, place.slug, Batch.signed(key, place.description().id, 1, sent[1].blobs))
    replayed = Batch.signed(key, place.description().id, 3, sent[1].blobs)  # by a witness that cheats
    assert take_batch(place.database, place.slug, replayed) == {"number": 3, "kept": 0, "refused": 1}
    rubbish = Batch.signed(key, place.description().id, 4, [b"x" * 50, sent[1].blobs[0]])
    assert take_batch(place.database, place.slug, rubbish)["refused"] == 2
    assert len(place.look(lambda s, _r: s.scalars(select(Ballot.spent)).all())) == 4


def test_batches_come_after_the_last_day_until_it_is_closed(place: TwoMachines) -> None:
    place.collecting()
    place.phone().answer()
    with pretend(today() + timedelta(days=60)):
        place.close()
    assert place.round().cast_count == 1
    assert place.round().post_key_private is None
    late = place.witness
    with pytest.raises(RoundClosed):
        take_batch(
            place.database,
            place.slug,
            Batch.signed(_key(late), place.description().id, 9, [b"x"]),
        )


def _key(witness):
    from survey.witness.rounds import signing_key

    return signing_key(witness.store, witness.round.id)


def test_closing_without_a_witness_that_is_gone_says_how_many_are_missing(place: TwoMachines) -> None:
    place.collecting()
    for _ in range(2):
        place.phone().answer()
    place.hand_over()
    lost = place.phone()
    lost.answer()

    def lose(_round, _batch):
        raise OSError

    with pytest.raises(OSError):
        place.witness.hand_over(lose)
    with place.witness.store.read() as connection:
        from survey.witness.rounds import state

        text = state(place.witness.store, connection, place.witness.round.id, keep=False).to_json()
    place.act(lambda s, r: witnessing.accept_statement(s, r, text, "管理员") and None)
    propose = lambda s, r, why: closing.propose_closing(  # noqa: E731
        s, r, place.administrator, without_witness=True, reason=why
    )
    with pytest.raises(InvalidInput, match="原因"):
        place.act(lambda s, r: propose(s, r, " ") and None)
    assert place.round().close_proposed_by is None
    place.act(lambda s, r: propose(s, r, "监票机的硬盘坏了") and None)
    place.act(lambda s, r: closing.confirm_closing(s, r, place.reviewers[0]) and None)
    assert place.round().notice == "监票机的硬盘坏了"
    assert place.look(lambda s, r: closing_entry(s, r).detail["reason"]) == "监票机的硬盘坏了"
    account = place.look(lambda s, r: closing_entry(s, r).detail["witness"])
    assert (account["missing"], account["kept"]) == (1, 2)


def test_a_statement_takes_nothing_back(place: TwoMachines) -> None:
    place.collecting()
    old = place.witness.round.statement
    place.phone().answer()
    place.hand_over()
    place.take_statement()
    newest = place.round().witness_statement
    changed = newest.replace('"stamped":0', '"stamped":1')
    stated, key = Statement.from_json(newest), signing_key(place.witness.store, place.witness.round.id)
    other = replace(stated, posted=stated.posted + 1).signed(key).to_json()  # two faces of one number
    again = stated.signed(key).to_json()  # ECDSA signs anew each time
    for refused in (old, changed, other):
        with pytest.raises(PingyiError):
            place.act(lambda s, r, text=refused: witnessing.accept_statement(s, r, text, "管理员") and None)
    place.act(lambda s, r: witnessing.accept_statement(s, r, again, "管理员") and None)
    assert place.round().witness_statement == newest


def test_the_collected_list(place: TwoMachines) -> None:
    place.collecting(slips=4)
    unused = place.codes[0]
    phone = place.phone()
    used = phone.code
    phone.answer()
    with pytest.raises(Conflict):
        place.look(collected_list)
    place.close()
    lines = place.look(collected_list).splitlines()
    assert lines == sorted(lines)
    for code, bit in ((used, 1), (unused, 0)):
        stored = hashlib.sha256(box_code(parse_code(code), place.description().id)).digest()
        assert f"{hashlib.sha256(stored).hexdigest()} {bit}" in lines
        assert stored in place.look(lambda s, _r: [bytes(h) for h in s.scalars(select(Invitation.code_hash))])


def test_what_is_frozen_stays(place: TwoMachines) -> None:
    place.collecting()
    for change in ("witness = NULL", "post_key_public = NULL", "post_key_private = round.id"):
        with pytest.raises(Exception, match="frozen"):
            place.database.write(
                lambda s, c=change: s.connection().exec_driver_sql(f"UPDATE round SET {c}") and None
            )
    place.act(lambda s, r: lifecycle.cancel_round(s, r, "管理员", "原因", second="评议员0") and None)
    assert place.look(lambda s, _r: s.scalars(select(Round.post_key_private)).all()) == [None]


def test_opening_demands_the_stamps(place: TwoMachines) -> None:
    place.collecting()
    for _ in range(3):
        place.phone().answer()
    place.close()
    description = place.description()
    keys = unlock_keys(description, place.key_files)
    ballots = list(opening_job.StoredBallots(place.database, place.round().id))
    root = place.round().merkle_root
    assert open_ballots(description, ballots, keys, merkle_root=root).scores.valid == 3
    with pytest.raises(InvalidInput, match="监票机"):
        open_ballots(
            description, [b._replace(stamp_message=b"", stamp=b"") for b in ballots], keys, merkle_root=root
        )
