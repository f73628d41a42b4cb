"""Each step of a round in a process of its own, as after a restart: its seconds and greatest memory.

`python -m bench.growth.steps STEP FOLDER URL` prints them as JSON."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import url_for
from sqlalchemy import select

from bench.growth import building
from bench.growth.building import SLUG, Grown
from bench.measuring import measured
from survey.clock import now
from survey.config import Settings
from survey.database.engine import Database
from survey.models import Job, State, User
from survey.services.opening import closing_job
from survey.services.opening.closing_job import Confirmed
from survey.services.operations.job_kinds import Nothing, Running, Workplace
from survey.services.rounds import closing, lifecycle


@dataclass(frozen=True)
class Place:
    """The county that is measured."""

    settings: Settings
    database: Database
    grown: Grown

    def file(self, name: str) -> Path:
        """A file beside the county's data."""
        return self.settings.data / name

    def ask(self, who: str, endpoint: str, *, post: bool = False, **values: str) -> Callable[[], None]:
        """A request of somebody who is signed in, for a page that must be there."""
        from survey.app import create_app
        from survey.services.people import sign_ins
        from survey.web.site.request import SESSION_TOKEN

        app = create_app(self.settings, self.database)
        app.config.update(WTF_CSRF_ENABLED=False)
        client = app.test_client()
        with self.database.read() as session:
            user = session.get_one(User, bytes.fromhex(who))
        token = self.database.write(lambda s: sign_ins.start_session(s, user, now()))
        with client.session_transaction() as session:
            session[SESSION_TOKEN] = token
        client.get("/login")  # what the server has made when it says that it is ready
        with app.test_request_context():
            address = url_for(endpoint, slug=SLUG, **values)

        def asked() -> None:
            answer = client.post(address, data={"confirm": "y"}) if post else client.get(address)
            if answer.status_code != (302 if post else 200):
                raise RuntimeError(f"{address}: {answer.status}")

        return asked


def _first_page(place: Place) -> Callable[[], None]:
    """The administrator's page of the round, when the day's batch has not been done."""
    place.database.write(lambda s: building.yesterday(lifecycle.get_round(s, SLUG)))
    return place.ask(place.grown.administrator, "admin.overview")


def _daily(place: Place) -> Callable[[], None]:
    from survey.services.voting.daily import keep_house

    return partial(keep_house, place.database)


def _participation(place: Place) -> Callable[[], None]:
    return place.ask(place.grown.administrator, "admin.participation")


def _waiting(place: Place) -> Callable[[], None]:
    """The reviewer's first page."""
    return place.ask(place.grown.reviewer, "review.rounds")


def _backup(place: Place) -> Callable[[], None]:
    from survey.services.operations.backup import make_backup

    place.file("growth.backup").unlink(missing_ok=True)
    return lambda: make_backup(place.settings, place.file("growth.backup")) and None  # type: ignore[func-returns-value]


def _closing(place: Place) -> Callable[[], None]:
    """What the reviewer waits for who confirms."""
    with place.database.read() as session:
        administrator = session.get_one(User, bytes.fromhex(place.grown.administrator))
    place.database.write(
        lambda s: closing.propose_closing(s, lifecycle.get_round(s, SLUG), administrator) and None  # type: ignore[func-returns-value]
    )
    return place.ask(place.grown.reviewer, "review.confirm_closing", post=True)


def _left(place: Place) -> Running[Confirmed, Nothing]:
    """The job that the request began, whose process has ended."""
    with place.database.read() as session:
        job = session.scalars(select(Job).where(Job.kind == closing_job.KIND.name)).one()
    asked = closing_job.KIND.asked(job)
    assert asked is not None
    work = Workplace(place.database, place.settings.data)
    return Running(work, job.id, job.round_id, asked)


def _checking(place: Place) -> Callable[[], None]:
    """What a closing does while phones go on."""
    running = _left(place)
    with place.database.read() as session:
        round = lifecycle.get_round(session, SLUG)
    if round.state != State.OPEN:  # so small that it was closed within the request
        return lambda: None
    return lambda: closing_job._check(running, round) and None  # type: ignore[func-returns-value]


def _moment(place: Place) -> Callable[[], None]:
    """What phones wait for when a round is closed."""
    running = _left(place)
    with place.database.read() as session:
        round = lifecycle.get_round(session, SLUG)
    if round.state != State.OPEN:
        return lambda: None
    confirm = partial(closing_job._confirm, slug=SLUG, asked=running.asked)
    checked = closing_job._check(running, round)
    return lambda: place.database.write(partial(confirm, checked=checked))


def _rewriting(place: Place) -> Callable[[], None]:
    from survey.database.storage_order import erase_all_traces

    return partial(erase_all_traces, place.database)


def _receipts(place: Place) -> Callable[[], None]:
    from survey.services.opening.receipts_file import make_missing

    return partial(make_missing, place.database, place.settings.data)


def _receipts_page(place: Place) -> Callable[[], None]:
    return place.ask(place.grown.reviewer, "public.receipts")


def _export(place: Place) -> Callable[[], None]:
    from survey.services.opening.box_files import export_box

    return partial(export_box, place.database, SLUG, place.file("box.jsonl"))


def _verify(place: Place) -> Callable[[], None]:
    from click.testing import CliRunner

    from survey.cli.box.offline import verify

    def verified() -> None:
        result = CliRunner().invoke(verify, [str(place.file("box.jsonl"))])
        if result.exit_code:
            raise RuntimeError(result.output)

    return verified


def _opening(place: Place) -> Callable[[], None]:
    from survey.services.opening.opening_job import open_round

    return partial(open_round, place.database, SLUG, place.grown.holders, "bench")


def _comments(place: Place) -> Callable[[], None]:
    return place.ask(place.grown.reviewer, "review.comment_list", department="税务局")


STEPS: dict[str, Callable[[Place], Callable[[], None]]] = {
    "first page of a day": _first_page,
    "reviewer's first page": _waiting,
    "daily batch": _daily,
    "participation": _participation,
    "backup": _backup,
    "closing, the request": _closing,
    "closing, the check": _checking,
    "closing, phones wait": _moment,
    "rewriting": _rewriting,
    "receipts made": _receipts,
    "receipts asked for": _receipts_page,
    "export": _export,
    "verify": _verify,
    "opening": _opening,
    "comments of a department": _comments,
}
"""Name of a step -> what prepares it and returns the work that is measured, in the order of a round."""


def main(step: str, folder: Path, url: str | None) -> None:
    """Do one step and print what it took."""
    settings = building.settings_of(folder, url)
    database = Database(settings.database_url, secret_key=settings.secret_key)
    work = STEPS[step](Place(settings, database, building.read(folder)))
    wall, cpu = measured(work)
    database.close()
    most = max(_own_peak(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    print(json.dumps({"wall": wall, "CPU": cpu, "MB": most / 1024}))


def _own_peak() -> int:
    """Greatest memory of this process in KiB; `ru_maxrss` would begin with that of who started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
