"""Public pages of rounds, and the check of a receipt. They set no cookie."""

from __future__ import annotations

import hashlib
from types import ModuleType
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from survey.clock import today
from survey.errors import N_, NotFound
from survey.models import Round
from survey.services.invitations import growth, replacing
from survey.services.opening import receipts_file
from survey.services.people import round_people
from survey.services.rounds import code_lists, contacts, descriptions, editions
from survey.services.rounds.real import get_real_round, real_rounds
from survey.services.voting import paper_counts, participation, telephone_check
from survey.services.voting.collected_list import collected_list
from survey.web.languages import LANGUAGES
from survey.web.site import codes
from survey.web.site.request import database, settings
from survey.web.site.timeline import timeline
from survey.wording.editions import interviews as interview_words
from survey.wording.editions import paper_forms
from survey.wording.telephone import telephone_check as sentences

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

blueprint = Blueprint("public", __name__)


@blueprint.app_context_processor
def _words() -> dict[str, ModuleType]:
    return {"words": codes}


@blueprint.app_url_defaults
def _keep_language(endpoint: str, values: dict[str, object]) -> None:
    """Add `lang` to addresses of public pages if this page has it, since visitors have no cookie."""
    asked = request.args.get("lang") if request else None
    if endpoint.startswith(("public.", "auth.login")) and asked in LANGUAGES:
        values.setdefault("lang", asked)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    with database().read() as session:
        listed = [r for r in real_rounds(session) if r.frozen]
    return render_template("public/index.html", rounds=listed, day=today())


@blueprint.get("/public/<slug>", endpoint="round")
def round_page(slug: str) -> ResponseReturnValue:
    with database().read() as session:
        found = known_round(session, slug)
        description = descriptions.describe(session, found)
        totals = participation.totals(session, found, today())
        replaced, most_replaced = replacing.replacements(session, found)
        held = replacing.interviews(session, found)
        edition = editions.current(session, found)
        issued = growth.by_day(session, found)
        people_changes = round_people.changes(session, found)
        contact = contacts.of_round(session, found)
        drawn = telephone_check.drawn_of(session, found)
        paper = paper_counts.stated(session, found)
    return render_template(
        "public/round.html",
        edition=edition,
        issued=issued,
        people_changes=people_changes,
        paper=paper_forms(paper),
        telephone_check=drawn and list(sentences(*drawn.counts)),
        round=found,
        contact=contact,
        description=description,
        totals=totals,
        replaced=replaced,
        most_replaced=most_replaced,
        interviews=interview_words(held) if held else "",
        holders=[(h.name, hashlib.sha256(h.public_key).hexdigest()) for h in description.holders],
        scripts=_scripts(),
        steps=timeline(found, today()),
        link=f"{settings().base_url}/s/{slug}",
    )


@blueprint.get("/public/<slug>/receipts.txt")
def receipts(slug: str) -> Response:
    with database().read() as session:
        found = known_round(session, slug)
        listed = receipts_file.text_of(session, found, settings().data)
    return Response(listed, mimetype="text/plain", headers={"Cache-Control": "public, max-age=300"})


@blueprint.get("/public/<slug>/paper.json")
def paper_counts_signed(slug: str) -> ResponseReturnValue:
    """Counts of paper forms with the signatures of the two people of each reading station."""
    with database().read() as session:
        listed = paper_counts.as_signed(session, known_round(session, slug))
    if not listed:
        raise NotFound(N_("本轮没有登记纸质评议表的记录。"))
    return jsonify(counts=[count.published() for count in listed])


@blueprint.get("/public/<slug>/collected.txt")
def collected(slug: str) -> Response:
    """List of the codes of a round with a witness that were collected, by hash, after closing."""
    with database().read() as session:
        found = known_round(session, slug)
        if not found.witness:
            raise NotFound(N_("本轮没有监票机。"))
        listed = collected_list(session, found)
    return Response(listed, mimetype="text/plain", headers={"Cache-Control": "public, max-age=300"})


@blueprint.get("/public/<slug>/lists.json")
def lists(slug: str) -> Response:
    """Which lists of codes this site imported, for the witness to compare."""
    with database().read() as session:
        found = known_round(session, slug)
        if not found.witness:
            raise NotFound(N_("本轮没有监票机。"))
        text = code_lists.published(session, found).to_json()
    return Response(text, mimetype="application/json", headers={"Cache-Control": "public, no-cache"})


@blueprint.get("/public/<slug>/statement.json")
def statement(slug: str) -> Response:
    """Newest statement of the round's witness that this site has."""
    with database().read() as session:
        found = known_round(session, slug)
        if not found.witness_statement:
            raise NotFound(N_("还没有取到监票机的声明。"))
        text = found.witness_statement
    return Response(text, mimetype="application/json", headers={"Cache-Control": "public, no-cache"})


@blueprint.get("/anonymity")
def anonymity() -> ResponseReturnValue:
    return render_template("public/anonymity.html")


def known_round(session: Session, slug: str) -> Round:
    """Round that the public may know of, since its invitations were issued; raises `NotFound`."""
    found = get_real_round(session, slug)
    if not found.frozen:
        raise NotFound(N_("没有这个轮次。"), remedy=N_("请检查网址是否完整。"))
    return found


def _scripts() -> list[tuple[str, str, str]]:
    """Triples (name, address, SRI hash) of every script that this site serves."""
    assets = current_app.extensions["pingyi.assets"]
    names = sorted((name for name in assets.by_name if name.endswith(".js")), reverse=True)
    return [(name, assets.url(name), assets.integrity(name)) for name in names]
