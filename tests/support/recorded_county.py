"""The demonstration and the tests' whole county, built in this process with fixed chance (record.py)."""

from __future__ import annotations

import io
import json
import os
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import fixed_chance
from flask import Flask
from flask.testing import FlaskClient
from recorded_pages import STRANGER, walk_all, write

from survey.app import create_app
from survey.cli import main as pingyi
from survey.cli.linkfile import read_codes
from survey.cli.simulate import Voting
from survey.config import Settings, load_settings
from survey.database.engine import Database
from survey.database.migrations import upgrade
from survey.demo.county import ADMINISTRATOR, LIAISON, REVIEWERS, CountyBuilder, Invited
from survey.demo.data import Quarter
from survey.demo.phone import PhoneClient
from survey.services.rounds import lifecycle

TESTS = Path(__file__).parents[1]
HELPERS = ("county", "whole_county", "walking")  # modules of the tests, wherever they lie
BASE_URL = "http://127.0.0.1:8000"
ENVIRONMENT = {
    "PINGYI_BASE_URL": BASE_URL,
    "PINGYI_DEMO": "1",
    "PINGYI_INSECURE_HTTP": "1",
    "PINGYI_SECRET_KEY": "a secret of the record, long enough to be one",
}
WHOLE_ROUNDS = ("2026-q3", "2026-q4", "2027-q1", "2027-q2")
NEXT = Quarter(2027, 1)
SLIPS = 24
ROLES = {"administrator": ADMINISTRATOR[0], "reviewer": REVIEWERS[0][0], "liaison": LIAISON[0]}


def record_demo(data: Path, out: Path) -> None:
    """The documents of the demonstration and everybody's pages."""
    os.environ.update(ENVIRONMENT)
    fixed_chance.begin("demonstration")
    settings = load_settings(data=data)
    with CountyBuilder(settings, lambda words: print(words, file=sys.stderr)) as county:
        county.populate()
        site = _site(settings)
        county.hold_rounds(partial(_vote, site, data))
        issue(county, settings, out)
        facts = county.facts()
    passwords = {facts[role]["name"]: facts[role]["password"] for role in ("administrator", "liaison")}
    passwords |= {reviewer["name"]: reviewer["password"] for reviewer in facts["reviewers"]}
    people: dict[str, Any] = {STRANGER: site.test_client}
    people |= {role: partial(_signed_in, site, name, passwords[name]) for role, name in ROLES.items()}
    make_documents(people["reviewer"](), facts["rounds"]["opened"][0], out)
    slugs = [*facts["rounds"]["opened"], facts["rounds"]["open"], NEXT.slug]
    walk_all(site, people, BASE_URL, out / "pages" / "demo", addresses(site, slugs), fixed_chance.begin)


def record_whole(data: Path, out: Path) -> None:
    """Pages of the county that has something behind every address."""
    for name in HELPERS:
        sys.path.append(str(next(TESTS.rglob(f"{name}.py")).parent))
    import county
    import walking

    fixed_chance.begin("whole county")
    url = f"sqlite:///{data / 'whole.sqlite3'}"
    empty = Database(url)
    upgrade(empty.engine)
    empty.close()
    whole = walking.built(url)
    site = walking.served(whole, data)
    site.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    roles = {"A": "administrator", "R": "reviewer", "L": "liaison"}
    people: dict[str, Any] = {STRANGER: partial(walking.browser, site)}
    people |= {roles[k]: partial(walking.signed_in, site, whole, user) for k, user in whole.users().items()}
    rules = [rule.rule for rule in site.url_map.iter_rules() if "GET" in (rule.methods or ())]
    known = {whole.address(rule, slug=slug) for rule in rules for slug in WHOLE_ROUNDS}
    walk_all(site, people, county.BASE_URL, out / "pages" / "whole", sorted(known), fixed_chance.begin)
    whole.place.database.close()


def addresses(site: Flask, slugs: Sequence[str]) -> list[str]:
    """All addresses without parameters, and those of every round."""
    rules = {rule.rule: rule.arguments for rule in site.url_map.iter_rules() if "GET" in (rule.methods or ())}
    plain = [rule for rule, arguments in rules.items() if not arguments - {"slug"}]
    return sorted({rule.replace("<slug>", slug) for rule in plain for slug in slugs if "<path:" not in rule})


def issue(county: CountyBuilder, settings: Settings, out: Path) -> None:
    """A round that has not begun, its slips and its links."""
    new = county._new_round(NEXT)
    county._database.write(
        lambda s: lifecycle.create_round(s, new, secret_key=settings.secret_key, actor=ADMINISTRATOR[0])
    )
    for name, _body in REVIEWERS:
        county._make_key(NEXT.slug, name)
    issued = out / "issued"
    issued.mkdir()
    for wanted, name in ((["--count", str(SLIPS)], "slips.pdf"), (["--all"], "links.xlsx")):
        command = ["links", "issue", NEXT.slug, *wanted, "--out", str(issued / name)]
        pingyi([*command, "--data", str(settings.data)], standalone_mode=False)


def make_documents(reviewer: FlaskClient, slug: str, out: Path) -> None:
    """The zip of the first edition, as a whole and unpacked."""
    where = f"/review/{slug}/documents"
    reviewer.post(f"{where}/1")
    while (state := reviewer.get(f"{where}/job.json").json["state"]) in ("waiting", "running"):
        time.sleep(0.2)
    content = reviewer.get(f"{where}/1.zip").data
    if state != "done" or not zipfile.is_zipfile(io.BytesIO(content)):
        raise SystemExit(f"the edition's documents: {state}")
    write(out / "edition.zip", content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            write(out / "edition" / name, archive.read(name))


class _Client(FlaskClient):
    """Asks for the site's own address unless told otherwise."""

    def open(self, *args: Any, **options: Any) -> Any:
        return super().open(*args, **({"base_url": BASE_URL} | options))


class _Phone(PhoneClient):
    """Asks the application instead of a server."""

    def __init__(self, site: Flask, slug: str) -> None:
        super().__init__(BASE_URL, slug)
        self._site = site.test_client()

    def _exchange(self, method: str, name: str, content: bytes | None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", "Accept-Language": "zh-CN"}
        answer = self._site.open(f"{self._path}/{name}", method=method, data=content, headers=headers)
        return answer.status_code, answer.data


class _Crowd(Voting):
    def __init__(self, phone: _Phone, slug: str, seed: int, facts: Sequence[Mapping[str, str]]) -> None:
        super().__init__(BASE_URL, phone.description(), seed, slug, facts)
        self._phone = phone

    def _client(self) -> PhoneClient:
        return self._phone


def _vote(site: Flask, data: Path, slug: str, invited: Sequence[Invited], seed: int) -> None:
    path = data / "links.json"
    path.write_text(json.dumps([link for link, _strata in invited]))
    crowd = _Crowd(_Phone(site, slug), slug, seed, [strata for _link, strata in invited])
    crowd.run(read_codes(path, slug), workers=1)
    path.unlink()
    if crowd.refusals:
        raise SystemExit(f"ballots were refused: {crowd.refusals}")


def _site(settings: Settings) -> Flask:
    site = create_app(settings)
    site.test_client_class = _Client
    site.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=False)
    return site


def _signed_in(site: Flask, name: str, password: str) -> FlaskClient:
    client = site.test_client()
    answer = client.post("/login", data={"name": name, "password": password})
    if answer.status_code != 302:
        raise SystemExit(f"{name} was not let in: {answer.status}")
    return client
