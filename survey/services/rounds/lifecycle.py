"""Lifecycle of a round: drafted, started, extended or cancelled; closing is in `closing`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypedDict

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey.database.locking import locked
from survey.errors import N_, Conflict, Forbidden, Frozen, InvalidInput, NotFound, Phrase
from survey.models import Invitation, KeyHolder, Mode, Period, Role, Round, State, User
from survey.models.base import random_id
from survey.models.round import Mixing
from survey.protocol.crypto import at_rest
from survey.protocol.crypto.blind import RoundKey
from survey.protocol.description import (
    MOST_AT_LEAST,
    MOST_HOLDERS,
    NOTHING_BLANKED,
    SLUG,
    SMALLEST_THRESHOLD,
    VERSION,
)
from survey.protocol.questionnaire import Questionnaire
from survey.services.operations.audit import Actor, record
from survey.services.rounds import witnessing
from survey.services.rounds.descriptions import questionnaire_of
from survey.services.rounds.notices import public_reason
from survey.texts import OddSign, odd_sign, require_drawable
from survey.trial import marks

FEWEST_DEPARTMENTS = 2
LONGEST_TEXT = 120
AT_LEAST = 5
"""Default of `NewRound.at_least`: a declared fact is kept where at least so many ballots declare the same."""
COLUMNS = (
    *("slug", "title", "body", "period", "mode", "opens_on", "closes_on"),
    *("threshold", "quorum", "at_least"),
)


@dataclass(frozen=True, slots=True)
class NewRound:
    """Settings of a round as an administrator decides them; `holders` are ids of reviewers, in order."""

    slug: str
    title: str
    body: str
    period: str
    mode: str
    opens_on: date
    closes_on: date
    threshold: int
    quorum: int
    questionnaire: Questionnaire
    holders: tuple[bytes, ...]
    at_least: int = AT_LEAST
    trial: bool = False
    """For practice."""


class RoundChanges(TypedDict, total=False):
    """Some settings of a `NewRound`."""

    slug: str
    title: str
    body: str
    period: str
    mode: str
    opens_on: date
    closes_on: date
    threshold: int
    quorum: int
    questionnaire: Questionnaire
    holders: tuple[bytes, ...]
    at_least: int


def create_round(
    session: Session, new: NewRound, *, secret_key: str, actor: Actor, key: RoundKey | None = None
) -> Round:
    """New draft with its own signing key; raises `InvalidInput` or `Conflict`.

    Making a key takes a second: whoever holds SQLite's only writer makes `key` before.
    """
    new = replace(new, **marks(new.title, new.slug, trial=new.trial))
    if session.scalar(select(Round.id).where(Round.slug == new.slug)):
        raise Conflict(N_("网址名“%(slug)s”已经用过，请换一个。"), slug=new.slug)
    key, round_id = key or RoundKey.generate(), random_id()
    round = Round(
        id=round_id,
        slug=new.slug,
        trial=new.trial,
        state=State.DRAFT,
        blind_key_public=key.public.n_bytes,
        blind_key_private=at_rest.lock(secret_key, round_id, key.to_pem()),
        frozen=False,
        format_version=VERSION,
    )
    _apply(session, round, new)
    record(session, actor=actor, action="round.create", subject=new.slug)
    return round


def update_round(session: Session, round: Round, changes: RoundChanges, actor: Actor) -> Round:
    """Change settings of a draft, named as in `NewRound`; raises `Frozen` after the first invitation,
    `InvalidInput` or `Conflict`."""
    round = locked(session, round)
    if round.frozen or round.state != State.DRAFT:
        raise Frozen(
            N_("邀请已经签发，本轮的设置不能再改。"), remedy=N_("如果必须修改，请取消本轮，另建一轮。")
        )
    new = replace(_settings(session, round), **changes)
    new = replace(new, **marks(new.title, new.slug, trial=new.trial))
    if new.slug != round.slug and session.scalar(select(Round.id).where(Round.slug == new.slug)):
        raise Conflict(N_("网址名“%(slug)s”已经用过，请换一个。"), slug=new.slug)
    _apply(session, round, new)
    record(session, actor=actor, action="round.update", subject=round.slug, fields=sorted(changes))
    return round


def get_round(session: Session, slug: str) -> Round:
    """Round with this slug; raises `NotFound`."""
    round = session.scalars(select(Round).where(Round.slug == slug)).first()
    if round is None:
        raise NotFound(N_("没有这个轮次：%(slug)s。"), remedy=N_("请检查网址是否完整。"), slug=slug)
    return round


def require_opened(round: Round) -> None:
    """Raise `Forbidden` before the opening: there is no result that anybody could see."""
    if round.state != State.OPENED:
        raise Forbidden(
            N_("这一轮还没有开箱，没有结果可看。"), remedy=N_("截止并由持钥人开箱后，这里会有排名。")
        )


def list_rounds(session: Session) -> list[Round]:
    """Rounds, newest first, those for practice among them."""
    return list(session.scalars(select(Round).order_by(Round.opens_on.desc(), Round.slug.desc())))


def missing_before_issuing(
    session: Session, round: Round, translate: Callable[[str], str] = str
) -> list[str]:
    """Sentences on what still has to be done before invitations can be issued; empty when nothing.

    Every text that will be drawn later is tried, as long as it can be changed.
    """
    query = select(KeyHolder.proven).where(KeyHolder.round_id == round.id)
    proven = list(session.scalars(query))
    questionnaire = questionnaire_of(round)
    checks = [
        (len(questionnaire.departments) >= FEWEST_DEPARTMENTS, N_("至少选两个部门。")),
        (bool(proven), N_("还没有指定持钥人。")),
        (all(proven), N_("还有持钥人没有生成并验证钥匙。")),
        (round.quorum <= len(proven), N_("开箱所需的钥匙数多于持钥人数。")),
        (round.opens_on <= round.closes_on, N_("截止日期早于开始日期。")),
    ]
    missing = [translate(message) for passed, message in checks if not passed]
    return missing + ([] if round.frozen else [odd.say(translate) for odd in odd_signs(round)])


def odd_signs(round: Round) -> list[OddSign]:
    """Errors for characters in the round's own words that are printed as a mark."""
    texts = texts_of(round.title, round.body, questionnaire_of(round))
    return [odd for place, text in texts if (odd := odd_sign(text, place))]


def texts_of(title: str, body: str, questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    """Pairs (place, text) of everything that a round's pages, charts and documents say in its own words."""
    yield N_("标题"), title
    yield N_("主办单位"), body
    for department in questionnaire.departments:
        yield N_("部门"), department.name
        yield N_("英文名"), department.name_en
        yield N_("类别"), department.group
    for item in questionnaire.items:
        yield from ((N_("指标"), item.name), (N_("英文名"), item.name_en))
    for level in questionnaire.scale.levels:
        yield from ((N_("等级"), level.label), (N_("英文"), level.label_en))
    yield from (
        (N_("不了解"), questionnaire.scale.not_known),
        (N_("不了解的英文"), questionnaire.scale.not_known_en),
    )
    for stratum in questionnaire.strata:
        for text in (stratum.name, stratum.name_en, *stratum.options, *stratum.options_en):
            yield N_("分层"), text


def start_round(session: Session, round: Round, actor: Actor) -> Round:
    """Set a draft with invitations to open: it collects ballots from its first day on. Raises `Conflict`."""
    round = locked(session, round)
    if round.state != State.DRAFT:
        raise Conflict(N_("本轮已经开始过，或者已经取消。"))
    if session.scalar(select(Invitation.code_hash).where(Invitation.round_id == round.id).limit(1)) is None:
        raise Conflict(N_("还没有签发邀请，不能开始。"), remedy=N_("请先签发邀请。"))
    if not_ready := witnessing.missing_at_witness(session, round):
        raise Conflict(
            not_ready[0].message,
            remedy=N_("两台机器要有同一份轮次说明和同一批邀请码。请核对两边显示的摘要，再取一次声明。"),
            **not_ready[0].values,
        )
    round.state = State.OPEN
    record(session, actor=actor, action="round.start", subject=round.slug)
    return round


def cancel_round(
    session: Session, round: Round, actor: Actor, reason: str, *, second: Actor | None = None
) -> Round:
    """Cancel a round that was not closed; its ballots will never be counted or opened.

    Raises `Conflict`, also for a round that collects unless `second` names the reviewer who agreed
    (`cancelling`).
    """
    round = locked(session, round)
    if round.state not in (State.DRAFT, State.OPEN):
        raise Conflict(N_("本轮已经截止或取消，不能再取消。"))
    if round.state == State.OPEN and second is None:
        raise Conflict(
            N_("正在收票的轮次，取消要两个人。"), remedy=N_("请由管理员提出、由本轮的一位评议员确认。")
        )
    round.mixing, round.mixed_cast = Mixing.DONE, 0
    round.state, round.blind_key_private, round.post_key_private = State.CANCELLED, None, None
    round.notice = public_reason(reason)
    agreed = {} if second is None else {"confirmed_by": second if isinstance(second, str) else second.name}
    record(session, actor=actor, action="round.cancel", subject=round.slug, reason=round.notice, **agreed)
    return round


def _settings(session: Session, round: Round) -> NewRound:
    query = select(KeyHolder.user_id).where(KeyHolder.round_id == round.id).order_by(KeyHolder.position)
    return NewRound(
        **{name: getattr(round, name) for name in COLUMNS},
        questionnaire=questionnaire_of(round),
        holders=tuple(session.scalars(query)),
        trial=round.trial,
    )


def _apply(session: Session, round: Round, new: NewRound) -> None:
    _check(new)
    for name in COLUMNS:
        setattr(round, name, getattr(new, name))
    round.questionnaire = new.questionnaire.to_json()
    session.add(round)
    session.flush()
    _set_holders(session, round, new.holders)


def _set_holders(session: Session, round: Round, wanted: tuple[bytes, ...]) -> None:
    """Replace the round's key holders by the users with the ids `wanted`, in that order; one who stays keeps
    the key and its proof. Raises `InvalidInput` unless all are active reviewers."""
    query = select(KeyHolder).where(KeyHolder.round_id == round.id)
    before = {holder.user_id: holder for holder in session.scalars(query)}
    if tuple(sorted(before, key=lambda user: before[user].position)) == wanted:
        return
    kept = {u: (h.public_key, h.challenge_hash, h.proven) for u, h in before.items()}
    for holder in before.values():
        session.delete(holder)
    session.flush()
    for position, user_id in enumerate(wanted):
        user = session.get(User, user_id)
        if user is None or user.role != Role.REVIEWER or not user.active:
            raise InvalidInput(N_("持钥人应当是有效的评议员账号。"))
        key, challenge, proven = kept.get(user_id, (None, None, False))
        holder = KeyHolder(round_id=round.id, position=position, user_id=user_id, name=user.body or user.name)
        holder.public_key, holder.challenge_hash, holder.proven = key, challenge, proven
        session.add(holder)
    session.flush()


def _check(new: NewRound) -> None:
    if not SLUG.fullmatch(new.slug):
        raise InvalidInput(N_("网址名应为 3 到 40 个小写字母、数字或连字符，例如 2026-q4。"))
    for name, value in ((N_("标题"), new.title), (N_("主办单位"), new.body)):
        if not 0 < len(value.strip()) <= LONGEST_TEXT:
            said = N_("“%(name)s”应为 1 到 %(longest)s 个字。")
            raise InvalidInput(said, name=Phrase(name), longest=LONGEST_TEXT)
    require_drawable(texts_of(new.title, new.body, new.questionnaire))
    if new.period not in set(Period) or new.mode not in set(Mode):
        raise InvalidInput(N_("周期或邀请方式不在可选范围内。"))
    if new.closes_on < new.opens_on:
        raise InvalidInput(N_("截止日期早于开始日期。"))
    if new.threshold < SMALLEST_THRESHOLD:
        raise InvalidInput(N_("发布门槛至少为 %(least)s 张选票。"), least=SMALLEST_THRESHOLD)
    if not NOTHING_BLANKED <= new.at_least <= MOST_AT_LEAST:
        raise InvalidInput(N_("企业情况至少几家相同才保留，应在 1 到 %(most)s 之间。"), most=MOST_AT_LEAST)
    if not 1 <= len(new.holders) <= MOST_HOLDERS or len(set(new.holders)) != len(new.holders):
        raise InvalidInput(N_("持钥人应为 1 到 %(most)s 位，且不能重复。"), most=MOST_HOLDERS)
    if not 1 <= new.quorum <= len(new.holders):
        raise InvalidInput(N_("开箱所需的钥匙数应在 1 和持钥人数之间。"))
