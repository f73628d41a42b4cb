"""Every page that a route leads to, as whoever may see it: both widths, both languages, axe, pictures."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import axe
import pictures
import pytest
from county import BASE_URL, SECRET
from phone_server import RunningServer
from playwright.sync_api import Page
from whole_county import CLOSED, COLLECTING, DRAFT, OPENED, Whole

from survey.app import create_app
from survey.clock import now
from survey.config import Settings
from survey.models import User
from survey.services.people import sign_ins
from survey.web.administrator import setup_steps
from survey.web.site.request import SESSION_TOKEN
from tests.security.walking import built_as_file, copied

pytestmark = pytest.mark.browser

WIDE = {"viewport": {"width": 1280, "height": 900}, "has_touch": False}
PHONE = {"viewport": {"width": 390, "height": 844}}
# All rounds, and both languages at both widths, take minutes: `make nightly` looks at them.
NIGHTLY = os.environ.get("NIGHTLY") == "1"
LOOKS = {"zh-1280": WIDE, "en-390": PHONE} | ({"zh-390": PHONE, "en-1280": WIDE} if NIGHTLY else {})
STEPS = tuple(step.name for step in setup_steps.STEPS)
# The desks whose pages each may see; what is everybody's is looked at without signing in.
DESKS = {"A": ("/admin", "/account", "/audit"), "R": ("/review",), "L": ("/liaison",)}


# Tables that have to be pushed to and fro although the screen is wide.
CUT = """() => [...document.querySelectorAll('.scroll')]
  .map((box) => [box.clientWidth && box.scrollWidth - box.clientWidth, box.innerText.slice(0, 60)])
  .filter(([wide]) => wide > 1).map(([wide, text]) => `${wide} px of ${text}`)"""


class Site:
    """The running site and a cookie for each of its people."""

    def __init__(self, whole: Whole, folder: Path) -> None:
        self.whole = whole
        database = whole.place.database
        settings = Settings(folder, database.url, BASE_URL, SECRET, insecure_http=True)
        self.app = create_app(settings, database)
        self.running = RunningServer(self.app)
        self.running.start()
        self.url = f"http://127.0.0.1:{self.running.port}"
        # Asking which addresses lead somewhere makes every page of every round once more.
        self.addresses = cache(self._addresses)

    def cookie(self, user: User, language: str) -> dict[str, str]:
        client = self.app.test_client()
        token = self.whole.place.database.write(lambda s: sign_ins.start_session(s, user, now()))
        with client.session_transaction() as session:
            session[SESSION_TOKEN], session["language"] = token, language
        cookie = client.get_cookie("pingyi")
        assert cookie
        return {"name": "pingyi", "value": cookie.value, "url": self.url}

    def _addresses(self, who: str) -> list[str]:
        """Pages of one desk; addresses with a round lead to the rounds that have such a page."""
        starts = DESKS.get(who)
        found: set[str] = set()
        for rule in self.app.url_map.iter_rules():
            mine = rule.rule.startswith(starts) if starts else not rule.rule.startswith(_all_desks())
            if mine and "GET" in (rule.methods or ()):
                found |= self._leading_somewhere(who, rule.rule)
        return sorted(found)

    def _leading_somewhere(self, who: str, rule: str) -> set[str]:
        rounds = (OPENED, COLLECTING, CLOSED, DRAFT) if "<slug>" in rule else (OPENED,)
        steps = STEPS if "/setup/" in rule else (None,)
        names = [{"name": step} if step else {} for step in steps]
        given = [self.whole.address(rule, slug=slug, **name) for slug in rounds for name in names]
        client = self.app.test_client()
        if who in DESKS:
            client.set_cookie("pingyi", self.cookie(self.whole.users()[who], "zh")["value"])
        answers = {address: client.get(address) for address in given}
        there = [a for a, r in answers.items() if r.status_code == 200 and r.mimetype == "text/html"]
        return set(there if NIGHTLY or len(steps) > 1 else there[:1])


def _all_desks() -> tuple[str, ...]:
    return tuple(start for starts in DESKS.values() for start in starts)


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("pages")
    built = Site(copied(built_as_file(sqlite_template, tmp_path_factory), folder), folder)
    yield built
    built.running.stop()
    for thread in threading.enumerate():
        if thread.name.startswith("pingyi-open"):
            thread.join(20)
    built.whole.place.database.close()


def complaints(page: Page, address: str, look: str) -> list[str]:
    """What axe says, whether the page is wider than its screen, and how often it names itself."""
    # tests/browser/desk/test_desk.py has axe look at the usual pages on phones every time.
    thorough = NIGHTLY or look == "zh-1280"
    violations = axe.violations(page) if thorough else []
    found = [f"{address}: {v['id']}: {[n['html'][:140] for n in v['nodes']][:2]}" for v in violations]
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        found.append(f"{address}: {wide} px wider than the screen")
    if look.endswith("1280"):
        found += [f"{address}: a table is cut: {text}" for text in page.evaluate(CUT)]
    if page.locator("h1").count() != 1:
        found.append(f"{address}: {page.locator('h1').count()} h1")
    return found


@pytest.mark.parametrize("who", ["*", *DESKS])
@pytest.mark.parametrize("look", LOOKS)
def test_every_page(site: Site, visit: Callable[..., Page], screenshots: Path, look: str, who: str) -> None:
    language = look[:2]
    page = visit(**LOOKS[look], locale="zh-CN" if language == "zh" else "en")
    if who in DESKS:
        page.context.add_cookies([site.cookie(site.whole.users()[who], language)])
    folder = screenshots / "pages"
    folder.mkdir(exist_ok=True)
    found: list[str] = []
    addresses = site.addresses(who)
    assert len(addresses) > 2
    for address in addresses:
        page.goto(f"{site.url}{address}{'' if who in DESKS else f'?lang={language}'}")
        found += complaints(page, address, look)
        name = re.sub(r"\W+", "-", address).strip("-") or "index"
        pictures.take(page, folder / f"{who.replace('*', 'all')}-{name}-{look}.png")
    assert found == []
