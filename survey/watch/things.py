"""List `THINGS` of all that a watcher looks at in a round; to watch one more, add a `Thing`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin, urlsplit

from survey.errors import N_, InvalidInput
from survey.protocol.crypto.blind import BlindPublicKey
from survey.protocol.description import RoundDescription
from survey.protocol.receipt_list import read_receipts, receipts_root
from survey.protocol.receipts import format_receipt
from survey.watch import of_witness
from survey.watch.asking import CouldNotLook
from survey.watch.look import Look
from survey.watch.rules import (
    Field,
    NamedChange,
    added,
    at_one_number,
    backward,
    changed,
    fell,
    for_ever,
    grown,
    settled,
    unlike_sources,
)
from survey.watch.served_page import page_problems, page_state
from survey.watch.served_scripts import ADDRESS, Scripts, served_problems

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a round's site shows, such as its survey page or its list of receipts.

    `look` returns its values by field (JSON values), None when the site says that there is none; it raises
    `CouldNotLook`. `fields` are compared by their rules, any other field by `others` (None: not at all).
    `lost` lists the entries of one copy (bytes) that another lacks; the copies are kept under the hash in the
    field `sha256`.
    """

    name: str
    label: str
    look: Callable[[Look], dict[str, Any] | None]
    fields: Mapping[str, Field]
    others: Field | None = None
    lost: Callable[[bytes, bytes], list[str]] | None = None


def _page(look: Look) -> dict[str, Any] | None:
    if look.page is None:
        return None
    if look.carried is None and look.described is None:
        raise CouldNotLook("not_pingyi")
    as_sources = state = None
    if look.sources:
        state = page_state(look.page, look.sources.render)
        hashes, get = look.sources.hashes, lambda url: look.content(url) or b""
        problems = list(served_problems(look.round.url, hashes, get))
        problems += page_problems(look.page, look.sources.render)
        look.findings += [NamedChange("sources", "page", "", problem.say()) for problem in problems]
        as_sources = not problems
    announcement = look.carried.announcement if look.carried else ""
    contact = look.carried.contact.line if look.carried and look.carried.contact else ""
    digest = look.note(look.page.encode())
    seen = {"sha256": digest, "as_sources": as_sources, "state": state}
    return seen | {"announcement": announcement, "contact": contact}


def _scripts(look: Look) -> dict[str, Any] | None:
    if look.page is None:
        return None
    page, found = Scripts(look.page), dict[str, Any]()
    for number, script in enumerate((s for s in page.found if not s.address), 1):
        found[f"inline-{number}"] = sha256(script.text.encode()).hexdigest()
    for address in (s.address for s in (*page.found, *page.fetched) if s.address):
        known, url = ADDRESS.search(urlsplit(address).path), urljoin(look.round.url, address)
        name = known["name"] + known["suffix"] if known else address
        content = look.content(url) if urlsplit(url).netloc == urlsplit(look.round.url).netloc else None
        found[name] = None if content is None else look.note(content)
    return found


def _description(look: Look) -> dict[str, Any] | None:
    served, embedded = look.described, look.carried.description if look.carried else None
    about = embedded or served
    if about is None:
        return None
    if served and embedded:
        look.contradicts("description.digest", served.frozen_digest(), embedded.frozen_digest())
        look.contradicts("description", _changeable(served), _changeable(embedded))
    key = BlindPublicKey.from_bytes(about.blind_key_n, about.blind_key_e).fingerprint
    look.contradicts("description.key", about.blind_key_fingerprint, key)
    if look.round.check_number:
        look.contradicts("description.check_number", look.round.check_number, about.check_number)
    return {
        "digest": about.frozen_digest(),
        "check_number": about.check_number,
        "key": key,
        "holders": [f"{h.name} {sha256(h.public_key).hexdigest()}" for h in about.holders],
        "departments": [department.name for department in about.questionnaire.departments],
        "complete": about.complete,
        "title": about.title,
        "body": about.body,
        "opens_on": about.opens_on,
        "closes_on": about.closes_on,
    }


def _changeable(about: RoundDescription) -> str:
    return " ".join((about.title, about.body, about.opens_on, about.closes_on))


def _public(look: Look) -> dict[str, Any] | None:
    page, content = look.public, look.content(f"/public/{look.round.slug}")
    if page is None or content is None:
        return None
    if not page.fingerprints:
        raise CouldNotLook("not_pingyi")
    if look.carried:
        about = look.carried.description
        keys = [sha256(holder.public_key).hexdigest() for holder in about.holders]
        for digest in (about.frozen_digest(), about.blind_key_fingerprint, *keys):
            if digest not in page.fingerprints:
                look.contradicts("public.fingerprints", digest, "–")
    names = ("invited", "collected", "cast", "replaced")
    if page.root:
        ordered = sorted((page.counts.get(name, 0) for name in names[:3]), reverse=True)
        look.contradicts("public", ordered, [page.counts.get(name, 0) for name in names[:3]])
    counts = {name: page.counts.get(name) for name in names}
    return {"sha256": look.note(content), **counts, "root": page.root, "log": page.log}


def _receipts(look: Look) -> dict[str, Any] | None:
    content = look.content(f"/public/{look.round.slug}/receipts.txt")
    if content is None:
        return None
    try:
        receipts = read_receipts(content.decode("utf-8"))
    except (InvalidInput, UnicodeDecodeError) as error:
        raise CouldNotLook("unreadable", error) from error
    root = receipts_root(receipts).hex()
    page = look.public
    if page and page.root:
        look.contradicts("public.root", page.root, root)
        look.contradicts("public.cast", page.counts.get("cast"), len(receipts))
    return {"sha256": look.note(content), "count": len(receipts), "root": root}


def _lost_receipts(before: bytes, now: bytes) -> list[str]:
    left = Counter(read_receipts(now.decode()))
    lost = []
    for receipt in read_receipts(before.decode()):
        if left[receipt]:
            left[receipt] -= 1
        else:
            lost.append(format_receipt(receipt))
    return _most(lost)


def _most(lost: list[str]) -> list[str]:
    return lost[:MOST_NAMED] + ["…"] * (len(lost) > MOST_NAMED)


def _certificate(look: Look) -> dict[str, Any] | None:
    return {"key": " ".join(sorted(look.certificates))} if look.certificates else None


_CALENDAR = {"opens_on": Field(N_("开始日期")), "closes_on": Field(N_("截止日期"))}
THINGS = (
    Thing(
        "page",
        N_("企业打开的网页"),
        _page,
        {
            "sha256": Field(N_("企业打开的网页"), unlike_sources),
            "state": Field(N_("轮次的状态"), backward, between=False),
            "announcement": Field(N_("网页上的公告")),
            "contact": Field(N_("网页上的联系电话")),
        },
    ),
    Thing("scripts", N_("网页里的程序"), _scripts, {}, Field(N_("网页里的程序"))),
    Thing(
        "description",
        N_("轮次说明"),
        _description,
        {
            "digest": Field(N_("轮次说明的摘要")),
            "check_number": Field(N_("核对号")),
            "key": Field(N_("签票密钥")),
            "holders": Field(N_("持钥人")),
            "departments": Field(N_("部门")),
            "complete": Field(N_("轮次说明是否定稿")),
            "title": Field(N_("轮次名称")),
            "body": Field(N_("主办单位")),
            **_CALENDAR,
        },
    ),
    Thing(
        "public",
        N_("公示页"),
        _public,
        {
            "invited": Field(N_("邀请数"), settled),
            "collected": Field(N_("领票数"), settled),
            "cast": Field(N_("投票数"), settled),
            "replaced": Field(N_("换发数"), fell),
            "root": Field(N_("票箱的校验根")),
            "log": Field(N_("截止时的操作日志")),
            "fingerprints": Field(N_("公示页上的指纹")),
        },
    ),
    Thing(
        "receipts",
        N_("回执清单"),
        _receipts,
        {"count": Field(N_("回执数"), settled), "root": Field(N_("回执清单算出的校验根"))},
        lost=_lost_receipts,
    ),
    Thing(
        "statement",
        N_("监票机的声明"),
        of_witness.statement,
        {
            "sha256": Field(N_("监票机同一号的声明"), at_one_number),
            "number": Field(N_("监票机声明的号数"), fell),
            "lists": Field(N_("监票机导入的名单"), grown),
            "codes": Field(N_("监票机的邀请码数"), fell),
            "replaced": Field(N_("监票机的换发数"), fell),
            "stamped": Field(N_("监票机的盖章数"), fell),
            "posted": Field(N_("监票机收到的票数"), fell),
            "handed_over": Field(N_("监票机移交的票数"), fell),
            "batches": Field(N_("监票机移交的批数"), fell),
            "closed": Field(N_("监票机的截止"), for_ever),
        },
    ),
    Thing(
        "lists",
        N_("票箱机导入的名单"),
        of_witness.lists,
        {"lists": Field(N_("票箱机导入的名单"), added)},
    ),
    Thing(
        "collected",
        N_("领票名单"),
        of_witness.collected,
        {"count": Field(N_("名单里的邀请数"), settled), "collected": Field(N_("名单里的领票数"), settled)},
        lost=lambda before, now: _most(of_witness.other_codes(before, now)),
    ),
    Thing("certificate", N_("网站证书"), _certificate, {"key": Field(N_("网站证书的公钥"), changed)}),
)
"""Looked at in this order: first what a phone asks for, then what only visitors of the public page do."""


def field_of(path: str) -> tuple[Thing, Field | None]:
    """Thing and field for the path `thing.name`, or a thing alone, with None; raises `KeyError`."""
    name, _, field = path.partition(".")
    thing = next((thing for thing in THINGS if thing.name == name), None)
    if thing is None:
        raise KeyError(path)
    return thing, thing.fields.get(field, thing.others if field else None)


def label_of(path: str) -> str:
    """Label of a field (or of its thing), as a message id; the path itself if it is unknown."""
    try:
        thing, field = field_of(path)
    except KeyError:
        return path
    return field.label if field else thing.label
