"""Checks of the database: whole, at this version's schema, durable, log chain unbroken."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey.clock import AHEAD, now, today
from survey.config import Settings
from survey.database.engine import Database, open_database
from survey.database.kinds import kind_at
from survey.database.migrations import current, head
from survey.errors import N_, Phrase, PingyiError
from survey.models import AuditEvent, Job, LoginSession, Role, Round, Throttle, User
from survey.services.doctor.findings import Finding, bad, ok, warning
from survey.services.operations.audit import newest, verify_chain
from survey.services.people import enrolment
from survey.texts import grouped


def database(settings: Settings) -> Iterator[Finding]:
    """Findings on the database, made without changing or creating it."""
    file = kind_at(settings.database_url).file(settings.database_url)
    if file is not None and not file.exists():
        yield bad("database", N_("还没有数据库。"), N_("运行：pingyi migrate"))
        return
    opened = open_database(settings)
    try:
        try:
            revision = current(opened.engine)
        except Exception as error:
            yield bad(
                "database",
                N_("连不上数据库：%(why)s"),
                N_("请核对 PINGYI_DATABASE_URL、数据库服务是否在运行、用户和密码。"),
                why=str(error).splitlines()[0][:200],
            )
            return
        yield from _inside(opened, revision)
    finally:
        opened.close()


def _inside(opened: Database, revision: str | None) -> Iterator[Finding]:
    if revision != head():
        yield bad(
            "database",
            N_("数据库的版本是 %(now)s，程序需要 %(head)s。"),
            N_("先备份（pingyi backup），再运行 pingyi migrate。"),
            now=revision or "—",
            head=head(),
        )
        return
    yield ok("database", N_("数据库版本 %(head)s。"), head=head())
    with opened.read() as session:
        yield from _whole(opened, session)
        yield from _log(session)
        yield from _people(session)
        yield from _ahead(session)


def _whole(opened: Database, session: Session) -> Iterator[Finding]:
    try:
        sound = opened.kind.check(session)
    except PingyiError as error:
        yield bad("database", error.message, error.remedy, **error.values)
    else:
        yield ok("database", sound)


def _log(session: Session) -> Iterator[Finding]:
    try:
        verify_chain(session)
    except PingyiError as error:
        remedy = N_("请保全现场并报告评议员；与备份里的日志比对，找出改动。")
        yield bad("audit", error.message, remedy, **error.values)
        return
    last = newest(session)
    if last is None:
        yield ok("audit", N_("操作日志还没有记录。"))
        return
    yield ok(
        "audit",
        N_(
            "操作日志到第 %(number)s 条为止前后吻合，摘要 %(hash)s。末尾有没有被截掉，要与纸上抄下的比："
            "截止公示页、公布版次和会议记录都写着当时的条数和摘要，条数只会增加，同一条的摘要不会变。"
        ),
        number=last.number,
        hash=grouped(last.hash.hex()),
    )


# What has a moment that says when something happened, by the name of what it is.
_HAPPENED = (
    (N_("操作日志"), AuditEvent.at),
    (N_("登录"), LoginSession.seen_at),
    (N_("输错次数"), Throttle.failed_at),
    (N_("后台工作"), Job.beat_at),
    (N_("每日汇总"), Round.participation_on),
)


def _ahead(session: Session) -> Iterator[Finding]:
    """Rows with a moment that has not come: the clock was ahead once, or is behind now."""
    for what, column in _HAPPENED:
        limit = today() if column is Round.participation_on else now() + AHEAD
        count, last = session.execute(select(func.count(), func.max(column)).where(column > limit)).one()
        if count:
            yield warning(
                "clock",
                N_("%(what)s有 %(count)s 条记在将来，最晚的是 %(last)s：系统时间曾经快了，或者现在慢了。"),
                N_("请先核对系统时间。时间不对的登录和等候不再算数，操作日志保持原样，按序号看先后。"),
                what=Phrase(what),
                count=count,
                last=last,
            )


def _people(session: Session) -> Iterator[Finding]:
    active = list(session.scalars(select(User).where(User.active).order_by(User.name)))
    roles = {user.role for user in active}
    if Role.ADMINISTRATOR not in roles:
        yield warning(
            "people",
            N_("还没有管理员。"),
            N_("运行：pingyi user add 姓名 --role administrator --link"),
        )
    enrolled = [u for u in active if u.role != Role.LIAISON]
    if enrolled:
        said = "；".join(
            f"{u.name}（{u.body or '—'}）{grouped(enrolment.fingerprint(u)) or '—'}" for u in enrolled
        )
        yield ok("people", N_("登记指纹，请与登记表上的核对：%(list)s。"), list=said)
    bare = [user.name for user in active if user.role != Role.LIAISON and user.totp_secret is None]
    if bare:
        yield warning(
            "people",
            N_("还没有设置两步验证：%(names)s。"),
            N_("本人下次登录时会被要求设置；不再用的账号请停用。"),
            names="、".join(bare[:10]),
        )
    elif active:
        yield ok("people", N_("%(count)s 位工作人员，管理员和评议员都设了两步验证。"), count=len(active))
