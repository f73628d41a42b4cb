"""Who may call what: every route, every method, every role, against a table written by hand.

A route that is not in the table fails the test, so that nobody adds one without saying whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from nightly import NIGHTLY
from walking import ask, stored
from whole_county import Whole

from survey.services.publication import files as edition_files

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
ROLES = "ARL"


@pytest.fixture(autouse=True)
def _no_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may ask for documents is of interest here; making them would outlast the test."""
    monkeypatch.setattr(edition_files, "make", lambda *_given: None)


# Whose a route is: * everybody, A administrators, R reviewers (key holders), L liaisons of departments.
TABLE = """
*    GET       /
*    GET       /anonymity
*    GET       /help/
*    GET       /help/<name>
*    GET       /help/<name>.pdf
*    GET       /health/live
*    GET       /health/ready
*    GET       /public/<slug>
*    GET       /public/<slug>/lists.json
*    GET       /public/<slug>/collected.txt
*    GET       /public/<slug>/paper.json
*    GET       /public/<slug>/receipts.txt
*    GET       /public/<slug>/statement.json
*    GET       /public/<slug>/results
*    GET       /public/<slug>/results/<int:number>
*    GET       /public/<slug>/results/<int:number>/<name>
*    GET       /s/<slug>
*    GET       /s/<path:slug>
*    GET       /s/<slug>/round.json
*    POST      /s/<slug>/credential
*    POST      /s/<slug>/ballot
*    POST      /s/<slug>/batch
*    GET       /static/<file_name>
*    POST      /language
*    GET POST  /login
*    GET POST  /login/code
*    GET POST  /enrol
*    POST      /logout
ARL  GET       /account/
ARL  GET POST  /account/password
ARL  GET POST  /account/prove
ARL  GET POST  /account/recovery-codes
ARL  GET POST  /account/second-factor
ARL  POST      /account/second-factor/remove
ARL  POST      /account/sessions/<handle>/end
ARL  POST      /account/sessions/end-others
AR   GET       /audit/
AR   POST      /audit/verify
AR   GET POST  /ratings/
AR   GET       /ratings/<id:analysis>
AR   POST      /ratings/<id:analysis>/delete
AR   GET       /ratings/<id:analysis>/files/<name>
AR   GET       /ratings/<id:analysis>/job.json
AR   POST      /ratings/<id:analysis>/keep
AR   GET POST  /ratings/<id:analysis>/mapping.json
AR   POST      /ratings/<id:analysis>/rank
AR   POST      /ratings/<id:analysis>/read
A    GET       /admin/
A    GET POST  /admin/contact
A    GET POST  /admin/enterprises/<code>
A    POST      /admin/enterprises/<code>/retire
A    GET POST  /admin/enterprises/new
A    GET POST  /admin/rounds/new
A    GET       /admin/rounds/new/
A    GET       /admin/rounds/<slug>
A    POST      /admin/rounds/<slug>/cancel
A    POST      /admin/rounds/<slug>/delete
A    POST      /admin/rounds/<slug>/delete-trial
A    GET       /admin/rounds/<slug>/closing-record.pdf
A    GET POST  /admin/rounds/<slug>/calls
A    GET POST  /admin/rounds/<slug>/codes
A    POST      /admin/rounds/<slug>/codes/confirm
A    POST      /admin/rounds/<slug>/codes/discard
A    GET POST  /admin/rounds/<slug>/contact
A    GET       /admin/rounds/<slug>/departments.xlsx
A    POST      /admin/rounds/<slug>/extend
A    GET POST  /admin/rounds/<slug>/interview
A    POST      /admin/rounds/<slug>/interview/firm
A    GET       /admin/rounds/<slug>/invitations
A    POST      /admin/rounds/<slug>/invitations/attributed
A    POST      /admin/rounds/<slug>/invitations/cancel
A    POST      /admin/rounds/<slug>/invitations/destroy
A    POST      /admin/rounds/<slug>/invitations/download
A    GET       /admin/rounds/<slug>/invitations/job
A    GET       /admin/rounds/<slug>/invitations/job.json
A    POST      /admin/rounds/<slug>/invitations/lost
A    POST      /admin/rounds/<slug>/invitations/more
A    POST      /admin/rounds/<slug>/invitations/reissue
A    POST      /admin/rounds/<slug>/invitations/slips
A    GET       /admin/rounds/<slug>/mail
A    GET       /admin/rounds/<slug>/mail/job.json
A    POST      /admin/rounds/<slug>/mail/send
A    POST      /admin/rounds/<slug>/mail/settle
A    POST      /admin/rounds/<slug>/mail/stop
A    GET       /admin/rounds/<slug>/participation
A    GET       /admin/rounds/<slug>/poster.pdf
A    GET       /admin/rounds/<slug>/preview
A    GET       /admin/rounds/<slug>/preview/phone
A    POST      /admin/rounds/<slug>/propose-closing
A    POST      /admin/rounds/<slug>/propose-closing-without-witness
A    GET       /admin/rounds/<slug>/reminders.xlsx
A    GET POST  /admin/rounds/<slug>/replacements
A    GET       /admin/rounds/<slug>/replaced/<shown>
A    POST      /admin/rounds/<slug>/replacements/firm
A    GET       /admin/rounds/<slug>/round.json
A    GET POST  /admin/rounds/<slug>/sample
A    GET       /admin/rounds/<slug>/sample.csv
A    POST      /admin/rounds/<slug>/sample/drop
A    GET POST  /admin/rounds/<slug>/setup/<name>
A    POST      /admin/rounds/<slug>/setup/departments/copy
A    POST      /admin/rounds/<slug>/setup/departments/import
A    POST      /admin/rounds/<slug>/start
A    POST      /admin/rounds/<slug>/statement
A    POST      /admin/rounds/<slug>/statement/fetch
A    POST      /admin/rounds/<slug>/withdraw-closing
A    GET POST  /admin/rounds/<slug>/witness
A    POST      /admin/rounds/<slug>/witness/freeze
A    POST      /admin/rounds/<slug>/witness/remove
A    GET       /admin/roster
A    GET       /admin/roster.xlsx
A    POST      /admin/roster/confirm
A    POST      /admin/roster/discard
A    POST      /admin/roster/import
A    GET       /admin/roster/job
A    GET       /admin/roster/job.json
A    POST      /admin/roster/match
A    POST      /admin/roster/options
A    GET       /admin/roster/problems.xlsx
A    GET       /admin/roster/preview
A    GET       /admin/roster/template.xlsx
A    GET       /admin/people/
A    GET POST  /admin/people/list
A    POST      /admin/people/list/read
A    GET       /admin/people/list/template.xlsx
A    GET POST  /admin/people/new
A    GET POST  /admin/people/<person>
A    POST      /admin/people/<person>/activate
A    POST      /admin/people/<person>/deactivate
A    POST      /admin/people/<person>/link
A    POST      /admin/people/<person>/reset
AR   GET       /changes/
AR   GET       /changes/<id:proposal>
R    POST      /changes/<id:proposal>/confirm
AR   POST      /changes/<id:proposal>/refuse
A    POST      /changes/bodies
A    POST      /changes/bodies/remove
R    GET       /review/
R    GET POST  /review/composites
R    GET POST  /review/composites/<id:composite>
R    GET       /review/composites/<id:composite>/files/<name>
R    GET       /review/composites/<id:composite>/job.json
R    GET POST  /review/departments
R    POST      /review/departments/withdraw
R    GET POST  /review/indicators
R    POST      /review/indicators/remove
R    GET       /review/indicators/template-<name>.xlsx
R    GET POST  /review/themes
R    GET       /review/<slug>/
R    GET       /review/<slug>/box.jsonl
R    GET       /review/<slug>/closing-record.pdf
R    GET       /review/<slug>/closing.json
R    GET       /review/<slug>/comments
R    POST      /review/<slug>/comments/confirm
R    GET       /review/<slug>/comments/list
R    POST      /review/<slug>/comments/propose
R    POST      /review/<slug>/comments/take-back
R    GET       /review/<slug>/compare
R    POST      /review/<slug>/confirm-closing
R    GET       /review/<slug>/departments/<int:index>
R    GET       /review/<slug>/files/<name>
R    GET       /review/<slug>/documents
R    POST      /review/<slug>/documents/<int:number>
R    GET       /review/<slug>/documents/<int:number>.zip
R    GET       /review/<slug>/documents/job.json
R    POST      /review/<slug>/finish
R    GET       /review/<slug>/job
R    GET       /review/<slug>/job.json
R    GET       /review/<slug>/key
R    POST      /review/<slug>/key/prove
R    POST      /review/<slug>/key/register
R    GET POST  /review/<slug>/open
R    GET       /review/<slug>/overview
R    GET POST  /review/<slug>/paper
R    GET POST  /review/template
R    GET       /review/template/default.docx
R    GET       /review/template/own.docx
R    GET       /review/template/specimen.docx
R    POST      /review/template/default
R    GET POST  /review/<slug>/problems
R    GET       /review/<slug>/problems.xlsx
R    GET       /review/<slug>/problems/<int:number>
R    POST      /review/<slug>/problems/<int:number>/assign
R    POST      /review/<slug>/problems/<int:number>/deadline
R    POST      /review/<slug>/problems/<int:number>/reassign
R    GET       /review/<slug>/problems/<int:number>/files/<int:file>
R    POST      /review/<slug>/problems/<int:number>/recall
R    POST      /review/<slug>/problems/<int:number>/send-back
R    POST      /review/<slug>/problems/<int:number>/verify
R    POST      /review/<slug>/problems/<int:number>/withdraw
R    GET       /review/<slug>/publication
R    POST      /review/<slug>/publication/confirm
R    POST      /review/<slug>/publication/propose
R    POST      /review/<slug>/publication/withdraw
R    GET       /review/<slug>/ranking
R    GET POST  /review/<slug>/telephone
R    POST      /review/<slug>/telephone/draw
L    GET       /liaison/
L    GET       /liaison/problems.xlsx
L    GET       /liaison/<slug>/problems/<int:number>
L    POST      /liaison/<slug>/problems/<int:number>/read
L    POST      /liaison/<slug>/problems/<int:number>/accept
L    GET POST  /liaison/<slug>/problems/<int:number>/answer
L    GET       /liaison/<slug>/problems/<int:number>/files/<int:file>
L    GET       /liaison/<slug>/results
L    GET       /liaison/<slug>/letter.docx
"""
NOT_YOURS = "您的账号不能查看这个页面。"


def allowed() -> dict[str, tuple[str, set[str]]]:
    """Route → (whose, methods)."""
    table = {}
    for line in TABLE.strip().splitlines():
        whose, *methods, rule = line.split()
        table[rule] = (whose, set(methods) | ({"HEAD"} if "GET" in methods else set()))
    return table


def strangers(site: Flask, whole: Whole) -> Iterator[tuple[str, str, set[str]]]:
    """(address, whose, methods) of every route that is not everybody's."""
    table = allowed()
    for rule, address in whole.addresses(site):
        whose, methods = table[rule.rule]
        if whose != "*":
            yield address, whose, methods


def test_every_route_is_in_the_table_and_no_more(site: Flask) -> None:
    found: dict[str, set[str]] = {}
    for rule in site.url_map.iter_rules():
        found.setdefault(rule.rule, set()).update((rule.methods or set()) - {"OPTIONS"})
    assert found == {rule: methods for rule, (_whose, methods) in allowed().items()}


def test_a_stranger_is_sent_to_sign_in_and_changes_nothing(
    site: Flask, whole: Whole, visitor: FlaskClient
) -> None:
    before = stored(whole.place)
    for address, _whose, methods in strangers(site, whole):
        for method in methods:
            answer = ask(visitor, method, address)
            assert (answer.status_code, answer.location[:6]) == (302, "/login"), (method, address)
    assert stored(whole.place) == before


@pytest.mark.parametrize("role", ROLES)
def test_the_wrong_role_is_refused_and_changes_nothing(site: Flask, whole: Whole, sign_in, role: str) -> None:
    client = sign_in(whole.users()[role])
    before = stored(whole.place)
    for address, whose, methods in strangers(site, whole):
        for method in methods:
            if role not in whose:
                answer = ask(client, method, address)
                assert answer.status_code == 403, (method, address)
                assert method == "HEAD" or NOT_YOURS in answer.text, (method, address)
    assert stored(whole.place) == before


@pytest.mark.parametrize("role", ROLES)
def test_the_right_role_sees_every_page(site: Flask, whole: Whole, sign_in, role: str) -> None:
    client = sign_in(whole.users()[role])
    said = {}
    for address, whose, methods in strangers(site, whole):
        if role in whose and "GET" in methods:
            said[address] = ask(client, "GET", address).status_code
    odd = {address: status for address, status in said.items() if status != 200}
    assert odd == {address: status for address, status in ELSEWHERE.items() if address in said}


# Addresses behind which the county has nothing; 302 leads to where there is something.
ELSEWHERE: dict[str, int] = {
    "/account/recovery-codes": 302,
    "/admin/roster/job": 404,
    "/admin/roster/job.json": 404,
    "/admin/roster/preview": 404,
    "/admin/roster/problems.xlsx": 404,
    "/admin/rounds/new/": 404,
    "/admin/rounds/2026-q4/codes": 404,
    "/admin/rounds/2026-q4/invitations/job": 404,
    "/admin/rounds/2026-q4/invitations/job.json": 404,
    "/admin/rounds/2026-q4/replaced/00000000": 302,
    "/admin/rounds/2027-q2/sample.csv": 404,
    "/liaison/2026-q4/letter.docx": 404,
    "/review/template/own.docx": 404,
    "/review/2026-q4/documents/1.zip": 404,
    "/review/2026-q4/job": 404,
    "/review/2026-q4/job.json": 404,
    "/review/2026-q4/open": 403,
}


def test_looking_changes_nothing(site: Flask, whole: Whole, sign_in) -> None:
    """Attack: a picture on another site whose address is one of ours; a GET needs no token."""
    clients = [sign_in(user) for user in whole.users().values()]
    # That a box was taken along is recorded; a TOTP secret waits for its first code.
    traces = ("audit_event", "user_account")
    before = stored(whole.place, *traces)
    for rule, address in whole.addresses(site):
        if "GET" in (rule.methods or ()):
            for client in clients:
                ask(client, "GET", address)
    assert stored(whole.place, *traces) == before


@pytest.mark.parametrize("role", ROLES)
def test_the_right_role_may_act(site: Flask, whole: Whole, sign_in, role: str) -> None:
    """An empty form is refused by the work or sent back, never at the door and never by a failure."""
    user = whole.users()[role]
    for address, whose, methods in strangers(site, whole):
        if role in whose and "POST" in methods:
            answer = ask(sign_in(user), "POST", address)
            assert answer.status_code < 500, address
            assert not (answer.location or "").startswith("/login"), address
            assert NOT_YOURS.encode() not in answer.data, address


def test_no_other_method_is_taken(site: Flask, whole: Whole, visitor: FlaskClient, sign_in) -> None:
    clients = [visitor, *map(sign_in, whole.users().values())]
    table = allowed()
    for rule, address in whole.addresses(site):
        others = set(METHODS) - table[rule.rule][1]
        for method in others:
            for client in clients if NIGHTLY else clients[: 2 if method == "POST" else 1]:
                assert ask(client, method, address).status_code == 405, (method, address)


def test_a_liaison_sees_its_own_department_only(whole: Whole, sign_in) -> None:
    """Attack: counting up the numbers in the address (an insecure direct object reference)."""
    place = whole.place
    foreign = sign_in(place.add_user("税务局联络员", whole.liaison.role))
    own = sign_in(whole.liaison)
    base = f"/liaison/{place.slug}/problems"
    assert own.get(f"{base}/1").status_code == 200
    assert own.get(f"{base}/3").status_code == 404  # recorded, not handed over yet
    before = stored(place)
    for number in (1, 2, 3):
        assert foreign.get(f"{base}/{number}").status_code == 404
        words = {"responsible": "我", "measures": "无", "text": "办好了"}
        for step in ("accept", "answer"):
            assert foreign.post(f"{base}/{number}/{step}", data=words).status_code == 404
    assert stored(place) == before
