"""Reserved slugs: words in the site's own addresses that stand where other addresses have a round's slug."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext
from werkzeug.routing import Map
from wtforms import Field, ValidationError
from wtforms.form import BaseForm

_SLUG = "<slug>"


def reserved_slugs(addresses: Map) -> frozenset[str]:
    """Words that no new round may have as slug, since a page of the site would hide a page of the round."""
    rules = [rule.rule for rule in addresses.iter_rules()]
    before = {rule.partition(_SLUG)[0] for rule in rules if _SLUG in rule}
    beside = (rule.removeprefix(start) for start in before for rule in rules if rule.startswith(start))
    return frozenset(word for rest in beside if (word := rest.partition("/")[0]) and "<" not in word)


def not_reserved(_form: BaseForm, field: Field) -> None:
    """Validator that refuses a reserved slug."""
    if field.data in reserved_slugs(current_app.url_map):
        raise ValidationError(gettext("这个名称是网站自己的网址用的，请换一个，如 2026-q4。"))
