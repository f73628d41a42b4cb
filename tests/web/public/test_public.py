"""What everybody may see: never a draft, never a count before closing, never a cookie."""

from __future__ import annotations

import hashlib
import re

from county import County
from flask.testing import FlaskClient

from survey.clock import now
from survey.paths import TEMPLATES
from survey.protocol.crypto.merkle import merkle_root
from survey.protocol.receipts import parse_receipt
from survey.scripts import script_hashes
from survey.services.rounds import cancelling

PAGE = "/public/2026-q4"


def test_a_draft_is_nobodys_business(place: County, visitor: FlaskClient) -> None:
    place.draft()
    assert visitor.get(PAGE).status_code == 404
    assert "2026 年第四季度评议" not in visitor.get("/").text


def test_public_pages_set_no_cookie(place: County, visitor: FlaskClient) -> None:
    place.draft().issue().start()
    for address in ("/", PAGE, "/anonymity", "/?lang=en", f"{PAGE}?lang=en"):
        answer = visitor.get(address)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers, address


def test_the_language_follows_the_links(place: County, visitor: FlaskClient) -> None:
    place.draft().issue().start()
    page = visitor.get("/?lang=en").text
    assert '<html lang="en">' in page
    assert 'href="/public/2026-q4?lang=en"' in page


def test_an_open_round_shows_no_counts(place: County, visitor: FlaskClient) -> None:
    place.draft().issue(7).start()
    place.cast_all([None] * 5)
    page = visitor.get(PAGE).text
    assert "<dd>5</dd>" not in page
    assert "<dd>7</dd>" not in page
    refused = visitor.get(f"{PAGE}/receipts.txt")
    assert refused.status_code == 409


def test_a_closed_round_proves_every_receipt(place: County, visitor: FlaskClient) -> None:
    place.draft().issue(7).start()
    receipts = place.cast_all([None] * 5)
    place.close()
    listed = visitor.get(f"{PAGE}/receipts.txt")
    assert listed.mimetype == "text/plain"
    assert listed.text.split() == sorted(receipts)
    root = merkle_root([parse_receipt(line) for line in listed.text.split()]).hex()
    page = visitor.get(PAGE).text
    assert root in page.replace(" ", "")
    assert "<dd>7</dd>" in page
    assert "<dd>5</dd>" in page


def test_fingerprints_are_those_of_the_keys(place: County, visitor: FlaskClient) -> None:
    place.draft().issue().start()
    page = visitor.get(PAGE).text.replace(" ", "")
    description = place.description()
    for holder in description.holders:
        assert hashlib.sha256(holder.public_key).hexdigest() in page
    assert description.blind_key_fingerprint in page
    assert description.frozen_digest() in page


def test_every_script_has_its_hash_in_public(place: County, visitor: FlaskClient) -> None:
    place.draft().issue().start()
    page = visitor.get(PAGE).text
    for name, value in script_hashes().items():
        assert name in page
        assert value in page.replace("&#43;", "+")


def test_no_template_loads_a_script_without_its_hash() -> None:
    tags = [
        tag
        for path in TEMPLATES.rglob("*.html")
        for tag in re.findall(r"<script[^>]*src=[^>]*>", path.read_text())
    ]
    tags += re.findall(r"<template[^>]*\.js[^>]*>", (TEMPLATES / "phone" / "page.html").read_text())
    assert len(tags) >= 6
    assert [tag for tag in tags if "integrity=" not in tag] == []


def test_a_cancelled_round_says_why(place: County, visitor: FlaskClient, administrator: FlaskClient) -> None:
    place.draft().issue().start()
    data = {"cancel-confirm": "y", "cancel-reason": "问卷有误，另行通知"}
    administrator.post("/admin/rounds/2026-q4/cancel", data=data | {"shown": data["cancel-reason"]})
    made = place.look(cancelling.waiting)
    place.database.write(lambda s: cancelling.confirm(s, made, place.reviewers[0], now()) and None)
    assert "问卷有误，另行通知" in visitor.get(PAGE).text


def test_the_limits_are_stated_where_the_promise_is(visitor: FlaskClient) -> None:
    page = visitor.get("/anonymity").text
    assert "匿名承诺" in page
    assert '<details class="limits" id="limits" open>' in page


def test_whatever_shows_an_edition_brings_its_styles() -> None:
    """Without them its tables stand one character a line on a phone, in a page of 13,800 pixels."""
    showing = [
        path
        for path in TEMPLATES.rglob("*.html")
        if "edition as published_edition" in path.read_text("utf-8")
    ]
    assert TEMPLATES / "public" / "results.html" in showing
    for path in showing:
        text = path.read_text("utf-8")
        assert all(f"asset_url('{name}.css')" in text for name in ("results", "workflow")), path


def test_a_day_has_one_form_in_either_language(place: County, visitor: FlaskClient) -> None:
    round = place.draft().issue().start().round()
    opens = round.opens_on
    assert f"{opens.isoformat()} —" in visitor.get(f"{PAGE}?lang=en").text
    assert f"{opens.year}年{opens.month}月{opens.day}日 —" in visitor.get(PAGE).text
