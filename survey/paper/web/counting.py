"""The count, signed by two and given to the site; then the images, erased or kept under seal."""

from __future__ import annotations

import json

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from survey.errors import N_, InvalidInput
from survey.paper.station import erasing
from survey.paper.station.casting import split_address
from survey.paper.station.folder import CERTIFICATE, KEPT, Station, read_json, write_json
from survey.paper.station.report import count, final, report, rows
from survey.paper.web.room import blueprint, room, somebody, two_only
from survey.web.site.downloads import attachment

FILE = "count.json"
LONGEST_LIST = 16 << 20
"""Bytes of a list of receipts; a million stand in it."""
SAID = {CERTIFICATE: N_("销毁证明"), KEPT: N_("封存记录")}


@blueprint.get("/count")
@somebody
def counted() -> ResponseReturnValue:
    here = room()
    station, found = here.station, count(here.station, here.settling)
    handed_out = _handed_out(station)
    return render_template(
        "station/count.html",
        made=(station.folder / FILE).exists(),
        erased=(station.folder / CERTIFICATE).exists(),
        count=found,
        handed_out=handed_out,
        rows=None if handed_out is None else [(gettext(n), x) for n, x in rows(found, handed_out)],
        people=here.people.names,
    )


@blueprint.post("/count")
@somebody
@two_only
def make() -> ResponseReturnValue:
    """Make the count anew, for a number of forms handed out."""
    station, given = room().station, request.form.get("handed_out", "").strip()
    station.require_unerased()
    if not given.isascii() or not given.isdigit() or len(given) > 6:
        raise InvalidInput(N_("发出的份数应是一个整数。"))
    write_json(station.folder / FILE, final(station, int(given)).to_dict())
    return redirect(url_for("station.counted"), 303)


@blueprint.get("/count.json")
@somebody
@two_only
def count_file() -> ResponseReturnValue:
    path = room().station.folder / FILE
    if not path.exists():
        raise InvalidInput(N_("还没有作记录。"))
    content = json.dumps(read_json(path), ensure_ascii=False, indent=1).encode()
    return attachment(content, FILE, "application/json")


@blueprint.get("/images")
@somebody
def images() -> ResponseReturnValue:
    station = room().station
    base, slug = split_address(station.url)
    done = [name for name in SAID if (station.folder / name).exists()]
    return render_template(
        "station/images.html",
        ready=(station.folder / FILE).exists(),
        unfinished=(station.folder / erasing.STARTED).exists(),
        records=[(gettext(SAID[name]), (station.folder / name).read_text("utf-8")) for name in done],
        erased=CERTIFICATE in done,
        address=f"{base}/public/{slug}/receipts.txt",
    )


@blueprint.post("/images")
@somebody
@two_only
def end() -> ResponseReturnValue:
    station = room().station
    station.require_unerased()
    handed_out = _handed_out(station)
    if handed_out is None:
        raise InvalidInput(N_("还没有作记录。"), remedy=N_("请先作计票记录。"))
    if request.form.get("do") == "keep":
        erasing.keep(station, report(station, handed_out, gettext), gettext)
    elif request.form.get("confirm") != "yes":
        raise InvalidInput(N_("请先勾选确认。"))
    else:
        if not (station.folder / erasing.STARTED).exists():  # what is checked may be erased already
            erasing.check_receipts(station, _receipts())
        erasing.erase(station, report(station, handed_out, gettext), gettext)
    return redirect(url_for("station.images"), 303)


def _receipts() -> str:
    """The published list that was uploaded."""
    file = request.files.get("receipts")
    content = file.read(LONGEST_LIST + 1) if file else b""
    if not content or len(content) > LONGEST_LIST or b"\x00" in content:
        raise InvalidInput(N_("请选择公示页上的回执清单 receipts.txt。"))
    return content.decode("ascii", "replace")


def _handed_out(station: Station) -> int | None:
    """Forms handed out, as the count says; None before there is one."""
    path = station.folder / FILE
    return int(read_json(path)["handed_out"]) if path.exists() else None
