"""A site that changes what it shows of the witness, or of who collected: the watcher names it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cheap
import county
import pytest
from county import SLUG
from cryptography.hazmat.primitives.asymmetric import ec
from served import served
from two_faced import TwoFaced, two_faced

from survey.database.engine import Database
from survey.protocol.canonical_json import canonical_json
from survey.protocol.witness.statements import Statement
from survey.watch.asking import Visitor
from survey.watch.look import RoundAddress
from survey.watch.watching import Watcher
from survey.witness.rounds import signing_key
from tests.witness.two_machines import TwoMachines

STATEMENT, COLLECTED, LISTS = (
    f"/public/{SLUG}/{name}" for name in ("statement.json", "collected.txt", "lists.json")
)
Change = Callable[[str, bytes], bytes]
Keys = tuple[ec.EllipticCurvePrivateKey, Statement]


@pytest.fixture(scope="module")
def front_and_keys(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TwoFaced, Keys]]:
    """A closed round with a witness, behind a machine with two faces; and what the witness signs with."""
    folder = tmp_path_factory.mktemp("two")
    url = f"sqlite:///{shutil.copyfile(sqlite_template, folder / 'pingyi.sqlite3')}"
    with pytest.MonkeyPatch.context() as patch:
        cheap.keys(patch)
        database = Database(url, secret_key=county.SECRET)
        place = TwoMachines(database, folder=folder / "there").collecting()
        for _ in range(3):
            place.phone().answer()
        place.close()
        keys = (signing_key(place.witness.store, place.witness.round.id), place.witness.statement)
        place.witness.store.close()
        database.close()
    with served(url, folder) as site, two_faced(site.port) as front:
        yield front, keys


@pytest.fixture
def honest(front_and_keys: tuple[TwoFaced, Keys]) -> Iterator[TwoFaced]:
    front, _ = front_and_keys
    front.honest()
    yield front
    front.honest()


@pytest.fixture
def keys(front_and_keys: tuple[TwoFaced, Keys]) -> Keys:
    return front_and_keys[1]


def saying(statement: Statement) -> Change:
    text = statement.to_json().encode()
    return lambda path, content: text if path == STATEMENT else content


def edited(_key: ec.EllipticCurvePrivateKey, said: Statement) -> Change:
    """By somebody who cannot sign: one more was stamped."""
    return saying(replace(said, stamped=4, codes=5))


def of_another_key(_key: ec.EllipticCurvePrivateKey, said: Statement) -> Change:
    return saying(replace(said, number=said.number + 1).signed(ec.generate_private_key(ec.SECP256R1())))


def two_under_one_number(key: ec.EllipticCurvePrivateKey, said: Statement) -> Change:
    """With the witness, which signs two things under one number."""
    return saying(replace(said, stamped=said.stamped + 1).signed(key))


def older(key: ec.EllipticCurvePrivateKey, said: Statement) -> Change:
    return saying(replace(said, number=said.number - 1, closed=False, stamped=2).signed(key))


def opened_again(key: ec.EllipticCurvePrivateKey, said: Statement) -> Change:
    return saying(replace(said, number=said.number + 1, closed=False).signed(key))


def takes_back(key: ec.EllipticCurvePrivateKey, said: Statement) -> Change:
    less = {"posted": 2, "handed_over": 2, "batches": 0, "stamped": 2, "lists": ("0" * 64,)}
    return saying(replace(said, number=said.number + 1, **less).signed(key))


def dropped_list(_key: object, _said: Statement) -> Change:
    """The site says that it never imported a list that the witness has."""

    def change(path: str, content: bytes) -> bytes:
        return canonical_json(json.loads(content) | {"lists": []}) if path == LISTS else content

    return change


def exchanged_list(_key: object, _said: Statement) -> Change:
    """The site says that it imported other codes than it said before."""

    def change(path: str, content: bytes) -> bytes:
        if path != LISTS:
            return content
        value = json.loads(content)
        value["lists"][0]["box"] = "0" * 64
        return canonical_json(value)

    return change


def relabelled(_key: object, _said: Statement) -> Change:
    """A firm that never voted is shown that nobody collected in its place, another's line is the price."""

    def change(path: str, content: bytes) -> bytes:
        if path != COLLECTED:
            return content
        lines = content.decode().splitlines()
        one, other = (next(n for n, line in enumerate(lines) if line.endswith(bit)) for bit in (" 1", " 0"))
        for number, bit in ((one, "0"), (other, "1")):
            lines[number] = lines[number][:-1] + bit
        return "".join(line + "\n" for line in lines).encode()

    return change


def shorter(_key: object, _said: Statement) -> Change:
    """Without a firm that never voted."""

    def change(path: str, content: bytes) -> bytes:
        if path != COLLECTED:
            return content
        lines = content.splitlines(keepends=True)
        lines.remove(next(line for line in lines if line.endswith(b" 0\n")))
        return b"".join(lines)

    return change


FORGERIES = [
    (edited, {("forged", "statement"), ("changed", "statement.sha256")}),
    (of_another_key, {("forged", "statement")}),
    (two_under_one_number, {("changed", "statement.sha256")}),
    (
        older,
        {("fell", "statement.number"), ("changed", "statement.closed"), ("fell", "statement.stamped")},
    ),
    (opened_again, {("changed", "statement.closed")}),
    (
        takes_back,
        {
            ("fell", "statement.stamped"),
            ("fell", "statement.posted"),
            ("fell", "statement.handed_over"),
            ("fell", "statement.batches"),
            ("changed", "statement.lists"),
            ("contradicts", "statement.stamped"),
            ("contradicts", "lists.lists"),
        },
    ),
    (dropped_list, {("changed", "lists.lists"), ("contradicts", "lists.lists")}),
    (exchanged_list, {("changed", "lists.lists")}),
    (relabelled, {("missing", "collected")}),
    (
        shorter,
        {("missing", "collected"), ("fell", "collected.count"), ("contradicts", "public.invited")},
    ),
]


@pytest.mark.parametrize(("forge", "named"), FORGERIES, ids=[forge.__name__ for forge, _ in FORGERIES])
def test_a_forgery_is_named(
    honest: TwoFaced,
    keys: Keys,
    watcher: Watcher,
    forge: Callable[..., Change],
    named: set[tuple[str, str]],
) -> None:
    round_ = RoundAddress(f"{honest.url}/s/{SLUG}")
    first = watcher.write(watcher.look(round_, Visitor()))
    assert (first.findings, first.missed) == ((), {})
    assert {"statement", "collected"} <= {name for name, values in first.seen.items() if values}
    honest.change = forge(*keys)
    found = watcher.write(watcher.look(round_, Visitor()))
    assert found.missed == {}
    assert {(f.code, f.field) for f in found.findings} == named


def test_without_anything_seen_before_what_contradicts_itself_is_named(
    honest: TwoFaced, keys: Keys, watcher: Watcher
) -> None:
    honest.change = takes_back(*keys)
    found = watcher.write(watcher.look(RoundAddress(f"{honest.url}/s/{SLUG}"), Visitor()))
    assert {(f.code, f.field) for f in found.findings} == {
        ("contradicts", "statement.stamped"),
        ("contradicts", "lists.lists"),
    }


def test_a_list_that_is_gone_is_named_and_one_that_is_none_was_not_looked_at(
    honest: TwoFaced, watcher: Watcher
) -> None:
    round_ = RoundAddress(f"{honest.url}/s/{SLUG}")
    watcher.write(watcher.look(round_, Visitor()))
    honest.change = lambda path, content: b"x" if path in (COLLECTED, STATEMENT) else content
    found = watcher.write(watcher.look(round_, Visitor()))
    assert found.findings == ()
    assert found.missed.keys() == {"statement", "collected"}
    honest.honest()
    honest.answer = lambda path: honest.of_site("/public/none") if path == STATEMENT else None
    found = watcher.write(watcher.look(round_, Visitor()))
    assert [(f.code, f.field) for f in found.findings] == [("gone", "statement")]


def test_a_later_statement_is_no_finding(honest: TwoFaced, keys: Keys, watcher: Watcher) -> None:
    key, said = keys
    open_ = replace(said, number=1, closed=False, stamped=1, posted=1, handed_over=1, batches=1).signed(key)
    honest.change = saying(open_)
    round_ = RoundAddress(f"{honest.url}/s/{SLUG}")
    assert watcher.write(watcher.look(round_, Visitor())).findings == ()
    honest.honest()
    assert watcher.write(watcher.look(round_, Visitor())).findings == ()


def test_the_statement_is_what_the_site_publishes(honest: TwoFaced, keys: Keys) -> None:
    assert json.loads(honest.of_site(STATEMENT)[1]) == keys[1].to_dict()
