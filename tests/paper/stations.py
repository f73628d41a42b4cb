"""Stations for tests: pages as the reader leaves them, without an image; and files of counts, signed as
docs/formats.md says without the program."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from survey.documents.paper.codes import PageCode, form_number, round_letters
from survey.documents.paper.layout import Question, QuestionKind, Style
from survey.documents.paper.setting_out import form_layout
from survey.paper.scans.judge import Doubt, ReadAnswer
from survey.paper.scans.pages import Source
from survey.paper.scans.reading import PageRead
from survey.paper.station.folder import Station
from survey.protocol.description import RoundDescription

KEYS = tuple(ec.derive_private_key(number, ec.SECP256R1()) for number in (12345, 67890))


def keep_form(
    station: Station,
    code: str,
    values: dict[Question, int] | None = None,
    doubts: dict[Question, Doubt] | None = None,
    *,
    pages: set[int] | None = None,
    with_code: bool = True,
    copy: str = "",
) -> str:
    """Leave a form in a station as if its pages had been read: all of the first level unless `values` says
    otherwise; returns its number."""
    about, form = station.description, form_number(code)
    layout = form_layout(about.questionnaire, Style())
    for number, page in enumerate(layout.pages):
        if pages is not None and number not in pages:
            continue
        questions = dict.fromkeys(box.question for box in page.boxes)
        answers = tuple(
            ReadAnswer(q, _value(q, values or {}), (doubts or {}).get(q, Doubt.NONE)) for q in questions
        )
        invitation = f"{code}-{about.check_number}" if with_code and number == 0 else ""
        found = PageRead(
            PageCode(round_letters(about), form, number, Style()), answers, invitation, np.eye(3), ()
        )
        station.keep(f"{form}{copy}-{number:04}", Source(Path(f"{form}.pdf"), number + 1), found)
    return form


def _value(question: Question, values: dict[Question, int]) -> int:
    return values.get(question, int(question.kind == QuestionKind.RATING))


def begun(folder: Path, description: RoundDescription, url: str = "http://127.0.0.1:1/s/2026-q4") -> Station:
    return Station.begin(folder, description, url)


def b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def signed(value: dict[str, Any], keys: tuple[ec.EllipticCurvePrivateKey, ...] = KEYS) -> dict[str, Any]:
    """The value with the signatures of two people over all but their names."""
    said = {name: each for name, each in value.items() if name != "people"}
    said["keys"] = [b64u(point(key)) for key in keys]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    made = []
    for key in keys:
        der = key.sign(b"pingyi-paper-count:" + text.encode(), ec.ECDSA(hashes.SHA256()))
        made.append(b64u(b"".join(number.to_bytes(32) for number in decode_dss_signature(der))))
    return value | {"keys": said["keys"], "signatures": made}
