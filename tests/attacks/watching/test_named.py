"""A site that changes something: the watcher names it; whoever only asks for status 200 notices nothing."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable
from functools import cache

import pytest
from county import SLUG
from cryptography.hazmat.primitives.asymmetric import ec
from two_faced import CLOSED, Change, TwoFaced

from survey.protocol.crypto import hpke
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.crypto.encoding import b64u
from survey.watch.asking import PHONE, Visitor
from survey.watch.look import RoundAddress
from survey.watch.rules import NamedChange
from survey.watch.things import label_of
from survey.watch.watching import Watcher

SECOND = cache(RoundKey.generate)
OTHER = b64u(hpke.point(ec.generate_private_key(ec.SECP256R1())))
PATHS = ("/s/{0}", "/s/{0}/round.json", "/public/{0}")


def described(front: TwoFaced, slug: str) -> dict:
    return json.loads(front.of_site(f"/s/{slug}/round.json")[1])


def replacing(*pairs: tuple[str, str], at: str = "") -> Change:
    def change(path: str, content: bytes) -> bytes:
        for old, new in pairs:
            content = content.replace(old.encode(), new.encode()) if at in path else content
        return content

    return change


def other_key(front: TwoFaced, slug: str) -> Change:
    """Modulus and fingerprint together, in page, round.json and public page, as a careful forger does."""
    key = described(front, slug)["frozen"]["blind_key"]
    pairs = [(key["n"], b64u(SECOND().public.n_bytes))]
    for size in (64, 8, 4):
        old, new = (
            " ".join(one[i : i + size] for i in range(0, 64, size))
            for one in (key["fingerprint"], SECOND().public.fingerprint)
        )
        pairs.append((old, new))
    return replacing(*pairs)


def other_holder(front: TwoFaced, slug: str) -> Change:
    return replacing((described(front, slug)["frozen"]["holders"][0]["public_key"], OTHER))


def other_department(front: TwoFaced, slug: str) -> Change:
    name = described(front, slug)["frozen"]["questionnaire"]["departments"][0]["name"]
    return replacing((f'"name":"{name}"', '"name":"税务分局"'), at="/s/")


def other_dates(front: TwoFaced, slug: str) -> Change:
    day = described(front, slug)["closes_on"]
    return replacing((f'"closes_on":"{day}"', '"closes_on":"2099-12-31"'), at="/s/")


def incomplete(_front: TwoFaced, _slug: str) -> Change:
    return replacing(('"format":"pingyi-round"', '"complete":false,"format":"pingyi-round"'), at="/s/")


def one_byte(_front: TwoFaced, slug: str) -> Change:
    return lambda path, content: content.replace(b"</main>", b"</main> ") if path == f"/s/{slug}" else content


def script_in_page(_front: TwoFaced, slug: str) -> Change:
    return replacing(("globalThis.pingyi", "send();globalThis.pingyi"), at=f"/s/{slug}")


def script_fetched(_front: TwoFaced, _slug: str) -> Change:
    return lambda path, content: content + b";send()" if "ballot-page" in path else content


def fewer_cast(_front: TwoFaced, _slug: str) -> Change:
    return replacing(("<dt>投票</dt><dd>3</dd>", "<dt>投票</dt><dd>2</dd>"), at="/public/")


def fewer_invited(_front: TwoFaced, _slug: str) -> Change:
    return replacing(("<dt>邀请</dt><dd>5</dd>", "<dt>邀请</dt><dd>4</dd>"), at="/public/")


def other_root(_front: TwoFaced, _slug: str) -> Change:
    return lambda path, content: (
        re.sub(rb'data-root="[0-9a-f]{8}', b'data-root="00000000', content) if "/public/" in path else content
    )


def without_a_receipt(_front: TwoFaced, _slug: str) -> Change:
    return lambda path, content: content.split(b"\n", 1)[1] if path.endswith("receipts.txt") else content


CHANGES = [
    (other_key, SLUG, {"description.key", "description.digest", "description.check_number", "page.sha256"}),
    (other_holder, SLUG, {"description.holders", "description.digest"}),
    (other_department, SLUG, {"description.departments", "description.digest"}),
    (other_dates, SLUG, {"description.closes_on"}),
    (incomplete, SLUG, {"description.complete"}),
    (one_byte, SLUG, {"page.sha256", "page"}),
    (script_in_page, SLUG, {"scripts.inline-1", "page"}),
    (script_fetched, SLUG, {"scripts.ballot-page.js", "page"}),
    (fewer_cast, CLOSED, {"public.cast"}),
    (fewer_invited, CLOSED, {"public.invited"}),
    (other_root, CLOSED, {"public.root"}),
    (without_a_receipt, CLOSED, {"receipts", "receipts.count", "receipts.root"}),
]
IDS = [change.__name__ for change, _, _ in CHANGES]


def fields(findings: tuple[NamedChange, ...]) -> set[str]:
    return {finding.field for finding in findings}


@pytest.mark.parametrize(("forge", "slug", "named"), CHANGES, ids=IDS)
def test_what_changed_is_named_and_again_when_it_is_put_back(
    honest: TwoFaced,
    watcher: Watcher,
    anew: Callable[[], Watcher],
    forge: Callable[[TwoFaced, str], Change],
    slug: str,
    named: set[str],
) -> None:
    round_, visitor = RoundAddress(f"{honest.url}/s/{slug}"), Visitor()
    first = watcher.write(watcher.look(round_, visitor))
    assert (first.findings, first.missed) == ((), {})
    honest.change = forge(honest, slug)
    again = anew()
    second = again.write(again.look(round_, visitor))
    assert second.missed == {}
    assert named <= fields(second.findings)
    assert all(f.say(label_of(f.field)) for f in second.findings)
    honest.honest()
    third = again.write(again.look(round_, visitor))
    assert any(finding.code != "contradicts" for finding in third.findings)
    assert again.write(again.look(round_, visitor)).findings == ()


@pytest.mark.parametrize(("forge", "slug"), [(c, s) for c, s, _ in CHANGES], ids=IDS)
def test_the_variant_that_only_asks_for_an_answer_notices_nothing(
    honest: TwoFaced, forge: Callable[[TwoFaced, str], Change], slug: str
) -> None:
    honest.change = forge(honest, slug)
    for path in PATHS:
        line = http.client.HTTPConnection("127.0.0.1", honest.port, timeout=60)
        line.request("GET", path.format(slug))
        assert line.getresponse().status == 200
        line.close()


def test_the_receipt_that_disappeared_is_named(honest: TwoFaced, watcher: Watcher) -> None:
    round_ = RoundAddress(f"{honest.url}/s/{CLOSED}")
    watcher.write(watcher.look(round_, Visitor()))
    lost = honest.of_site(f"/public/{CLOSED}/receipts.txt")[1].split(b"\n")[0].decode()
    honest.change = without_a_receipt(honest, CLOSED)
    findings = watcher.write(watcher.look(round_, Visitor())).findings
    assert NamedChange("missing", "receipts", lost, "") in findings
    # Without anything seen before, the list still contradicts the root and the count beside it.
    assert {("contradicts", "public.root"), ("contradicts", "public.cast")} <= {
        (f.code, f.field) for f in findings
    }


def test_a_second_visitor_of_the_same_run_is_compared_with_the_first(
    honest: TwoFaced, watcher: Watcher
) -> None:
    round_, victim = RoundAddress(f"{honest.url}/s/{SLUG}"), Visitor("Mozilla/5.0 victim")
    honest.victim, honest.change = "victim", other_key(honest, SLUG)
    first = watcher.look(round_, Visitor())
    assert watcher.write(first).findings == ()
    entry = watcher.write(watcher.look(round_, victim), first)
    assert {"description.key", "page.sha256"} <= {f.field for f in entry.findings if f.code == "visitors"}


def test_the_number_from_paper_is_compared_from_the_first_look(honest: TwoFaced, watcher: Watcher) -> None:
    honest_number = watcher.look(RoundAddress(f"{honest.url}/s/{SLUG}"), Visitor()).seen["description"][
        "check_number"
    ]
    honest.change = other_key(honest, SLUG)
    look = watcher.write(watcher.look(RoundAddress(f"{honest.url}/s/{SLUG}#{honest_number}"), Visitor()))
    assert "description.check_number" in fields(look.findings)


def test_a_round_that_vanished_is_named_once(honest: TwoFaced, watcher: Watcher) -> None:
    round_ = RoundAddress(f"{honest.url}/s/{SLUG}")
    watcher.write(watcher.look(round_, Visitor()))
    honest.answer = lambda _path: honest.of_site("/s/none")
    gone = watcher.write(watcher.look(round_, Visitor()))
    assert [(f.code, f.field) for f in gone.findings] == [("gone", "page")]
    assert watcher.write(watcher.look(round_, Visitor())).findings == ()
    honest.honest()
    assert watcher.write(watcher.look(round_, Visitor())).findings == ()


def test_a_watcher_asks_as_a_phone_does(honest: TwoFaced, watcher: Watcher) -> None:
    watcher.look(RoundAddress(f"{honest.url}/s/{SLUG}"), Visitor())
    path, headers = honest.asked[0]
    assert path == f"/s/{SLUG}"
    names = "Host Connection Upgrade-Insecure-Requests User-Agent Accept Accept-Encoding Accept-Language"
    assert [name for name, _ in headers] == names.split()
    assert dict(headers)["User-Agent"] == PHONE
    assert not any("python" in value.lower() for _, sent in honest.asked for _, value in sent)
    assert [p for p, _ in honest.asked if p.endswith(".js")], "scripts come right after the page"


def test_a_proxy_is_used(honest: TwoFaced, watcher: Watcher) -> None:
    found = watcher.look(
        RoundAddress(f"http://127.0.0.1:{honest.site}/s/{SLUG}"), Visitor(via=f"127.0.0.1:{honest.port}")
    )
    assert found.missed == {}
    assert honest.asked[0][0] == f"http://127.0.0.1:{honest.site}/s/{SLUG}"
