"""Address to which the witness posts batches of ballots, in a round that has a witness."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from survey.protocol.witness.batches import Batch
from survey.services.voting.batches import take_batch
from survey.web.phone.protocol import json_object, posted_json, unstored
from survey.web.site.request import database

blueprint = Blueprint("batch", __name__)


@blueprint.post("/s/<slug>/batch")
def take(slug: str) -> Response:
    return unstored(jsonify(take_batch(database(), slug, Batch.from_dict(json_object(posted_json())))))
