"""The count, signed by two and given to the site; then the images, erased or kept under seal."""

from __future__ import annotations

import json

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey.errors import N_, InvalidInput
from survey.paper.station import erasing
from survey.paper.station.casting import split_address
from survey.paper.station.folder import CERTIFICATE, COUNT, KEPT
from survey.paper.station.people import TWO
from survey.paper.station.report import count, report, rows
from survey.paper.station.signing import confirm, confirmed, is_stale, require_confirmed
from survey.paper.web.room import blueprint, room, somebody, two_only
from survey.texts import grouped
from survey.web.site.downloads import attachment

LONGEST_LIST = 16 << 20
"""Bytes of a list of receipts; a million stand in it."""
SAID = {CERTIFICATE: N_("销毁证明"), KEPT: N_("封存记录")}


@blueprint.get("/count")
@somebody
def counted() -> ResponseReturnValue:
    here = room()
    station, found = here.station, count(here.station, here.settling)
    made = confirmed(station)
    return render_template(
        "station/count.html",
        made=made,
        stale=made is not None and is_stale(station, made, here.settling),
        erased=station.is_erased,
        count=found,
        rows=[(gettext(n), x) for n, x in rows(found, made.handed_out if made else None)],
        people=here.people.names,
        keys=[grouped(key) for key in made.fingerprints] if made else [],
    )


@blueprint.post("/count")
@somebody
@two_only
def make() -> ResponseReturnValue:
    """Make the count anew, for a number of forms handed out, by both passphrases typed for it."""
    given = request.form.get("handed_out", "").strip()
    if not given.isascii() or not given.isdigit() or len(given) > 6:
        raise InvalidInput(N_("发出的份数应是一个整数。"))
    confirm(room().station, int(given), _passphrases())
    return redirect(url_for("station.counted"), 303)


@blueprint.get("/count.json")
@somebody
@two_only
def count_file() -> ResponseReturnValue:
    content = json.dumps(
        require_confirmed(room().station, room().settling).to_dict(), ensure_ascii=False, indent=1
    )
    return attachment(content.encode(), COUNT, "application/json")


@blueprint.get("/images")
@somebody
def images() -> ResponseReturnValue:
    station = room().station
    base, slug = split_address(station.url)
    done = [name for name in SAID if (station.folder / name).exists()]
    return render_template(
        "station/images.html",
        ready=(station.folder / COUNT).exists(),
        unfinished=erasing.is_begun(station),
        records=[(gettext(SAID[name]), (station.folder / name).read_text("utf-8")) for name in done],
        erased=CERTIFICATE in done,
        before=gettext(erasing.BEFORE),
        people=room().people.names,
        address=f"{base}/public/{slug}/receipts.txt",
    )


@blueprint.post("/images")
@somebody
@two_only
def end() -> ResponseReturnValue:
    station = room().station
    if erasing.is_begun(station):  # what is checked and counted may be erased already
        erasing.go_on(station, gettext)
        return redirect(url_for("station.images"), 303)
    station.require_unerased()
    signed = require_confirmed(station, room().settling)
    text = report(station, signed.handed_out, gettext, signed)
    if request.form.get("do") == "keep":
        erasing.keep(station, text, gettext)
    elif request.form.get("confirm") != "yes":
        raise InvalidInput(N_("请先勾选确认。"))
    else:
        erasing.check_receipts(station, _receipts())
        room().people.require_all(_passphrases())
        erasing.erase(station, text, gettext)
    return redirect(url_for("station.images"), 303)


def _passphrases() -> list[str]:
    """What both typed for this one step, in the order of the people."""
    return [request.form.get(f"passphrase-{n}", "") for n in range(TWO)]


def _receipts() -> str:
    """The published list that was uploaded."""
    file = request.files.get("receipts")
    content = file.read(LONGEST_LIST + 1) if file else b""
    if not content or len(content) > LONGEST_LIST or b"\x00" in content:
        raise InvalidInput(N_("请选择公示页上的回执清单 receipts.txt。"))
    return content.decode("ascii", "replace")
