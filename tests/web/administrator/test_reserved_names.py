"""No page of the site hides a page of a round, whatever the round is called."""

from __future__ import annotations

from county import County
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from test_admin import round_form
from werkzeug.routing import IntegerConverter, Rule

from survey.web.site.forms.reserved import reserved_slugs


def test_the_words_are_read_from_the_addresses(site: Flask) -> None:
    assert reserved_slugs(site.url_map) == {
        "new",
        "composites",
        "departments",
        "indicators",
        "themes",
        "template",
        "problems.xlsx",
    }


def test_no_new_round_is_called_so(place: County, administrator: FlaskClient) -> None:
    for slug in ("new", "composites", "departments", "indicators", "themes", "template"):
        answer = administrator.post("/admin/rounds/new", data=round_form(slug=slug))
        assert answer.status_code == 400, slug
        assert "网站自己的网址" in answer.text
    place.draft()
    changed = administrator.post("/admin/rounds/2026-q4/setup/basics", data=round_form(slug="themes"))
    assert changed.status_code == 400


def own_value(rule: Rule, name: str, slug: str) -> object:
    if name == "name":
        return "basics"
    whole = isinstance(rule._converters.get(name), IntegerConverter)
    return 1 if whole else slug


def test_every_page_of_a_round_that_is_called_so_is_still_reached(site: Flask) -> None:
    addresses = site.url_map.bind("localhost")
    reached = 0
    for slug in reserved_slugs(site.url_map) - {"problems.xlsx"}:
        for rule in site.url_map.iter_rules():
            if "slug" not in rule.arguments or "path:" in rule.rule:
                continue
            for method in (rule.methods or set()) & {"GET", "POST"}:
                values = {name: own_value(rule, name, slug) for name in rule.arguments}
                address = addresses.build(rule.endpoint, values, method=method)
                found, given = addresses.match(address, method=method)
                assert (found, given["slug"]) == (rule.endpoint, slug), address
                reached += 1
    assert reached > 200


def test_the_pages_of_a_round_called_new(
    place: County, administrator: FlaskClient, reviewer: FlaskClient
) -> None:
    place.draft()
    for slug in ("new", "composites"):
        place.database.write(
            lambda s, slug=slug: s.execute(text("UPDATE round SET slug = :s"), {"s": slug}) and None
        )
        lists = administrator.get("/admin/").text
        address = "/admin/rounds/new/" if slug == "new" else f"/admin/rounds/{slug}"
        assert f'href="{address}"' in lists
        assert "2026 年第四季度评议" in administrator.get(address).text
        assert reviewer.get(f"/review/{slug}/").status_code == 200
        assert reviewer.get(f"/review/{slug}/key").status_code == 200
