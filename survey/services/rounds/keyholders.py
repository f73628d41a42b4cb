"""Key holders of a round: registering a key, and proving that the saved file opens what is sealed to it."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.answers.spelling import name_key
from survey.database.locking import locked
from survey.errors import N_, Forbidden, Frozen, InvalidInput, Phrase
from survey.models import KeyHolder, Round, State, User
from survey.protocol.crypto.hpke import load_point
from survey.protocol.holders.keyfile import make_challenge
from survey.services.operations.audit import record
from survey.services.people.passwords import UNSET

MOST_BY_DEFAULT = 3


class ProofFailed(InvalidInput):
    """Proof of a key that does not open the challenge, or for which there is no challenge."""

    code = "proof_failed"
    remedy = N_("请选择刚才保存的钥匙文件再试；如果文件丢了，请重新生成钥匙。")

    def __init__(self) -> None:
        super().__init__(N_("没有验证通过，这把钥匙还不能使用。"))


def holders(session: Session, round: Round) -> list[KeyHolder]:
    """Key holders of the round, in the order of the description."""
    query = select(KeyHolder).where(KeyHolder.round_id == round.id).order_by(KeyHolder.position)
    return list(session.scalars(query))


def people(session: Session, round: Round) -> dict[bytes, str]:
    """Names of the persons who hold the keys, by user id."""
    query = select(User.id, User.name).join(KeyHolder, KeyHolder.user_id == User.id)
    return {row[0]: row[1] for row in session.execute(query.where(KeyHolder.round_id == round.id))}


def able_alone(bodies: Iterable[str], quorum: int) -> list[str]:
    """Bodies that hold at least `quorum` keys, so that each could open the box without another."""
    everyone = list(bodies)
    spelled = {name_key(body): body for body in everyone}
    counted = Counter(map(name_key, everyone))
    return [spelled[key] for key, count in counted.items() if count >= quorum]


def warning(session: Session, round: Round) -> Phrase | None:
    """Warning to show where one body could open the box without another; None where none could."""
    alone = able_alone((holder.name for holder in holders(session, round)), round.quorum)
    if not alone:
        return None
    return Phrase(
        N_("%(bodies)s：任何一家单独到场就能开箱，没有别人监督。企业在手机上会看到这句话。"),
        {"bodies": "、".join(alone)},
    )


def proposed(reviewers: Sequence[User]) -> tuple[bytes, ...]:
    """Ids of the first reviewers, one of each body, at most three, as default key holders; who cannot sign
    in yet comes after those who can."""
    by_body: dict[str, bytes] = {}
    for user in sorted(reviewers, key=lambda user: user.password_hash == UNSET):
        by_body.setdefault(name_key(user.body or user.name), user.id)
    return tuple(by_body.values())[:MOST_BY_DEFAULT]


def register_key(session: Session, round: Round, user: User, public_key: bytes) -> bytes:
    """Store the public key (65 bytes) as not yet proven; returns the challenge to open.

    May be repeated until the round is frozen.
    """
    round = locked(session, round)
    holder = _holder(session, round, user)
    _refuse_frozen(round)
    _check_point(public_key)
    if any(other.public_key == public_key for other in holders(session, round) if other.user_id != user.id):
        raise InvalidInput(
            N_("这把钥匙已经由另一位持钥人登记。"), remedy=N_("每位持钥人请在自己的电脑上生成自己的钥匙。")
        )
    sealed, secret = make_challenge(public_key, round.id.hex())
    holder.public_key, holder.proven = public_key, False
    holder.challenge_hash = hashlib.sha256(secret).digest()
    fingerprint = hashlib.sha256(public_key).hexdigest()
    record(session, actor=user, action="key.register", subject=round.slug, fingerprint=fingerprint)
    return sealed


def prove_key(session: Session, round: Round, user: User, proof: bytes) -> None:
    """Mark the holder's key as proven if `proof` is the opened challenge; raises `ProofFailed`."""
    round = locked(session, round)
    holder = _holder(session, round, user)
    _refuse_frozen(round)
    expected = holder.challenge_hash
    if expected is None or not hmac.compare_digest(hashlib.sha256(proof).digest(), expected):
        raise ProofFailed
    holder.proven, holder.challenge_hash = True, None
    record(session, actor=user, action="key.prove", subject=round.slug)


def _holder(session: Session, round: Round, user: User) -> KeyHolder:
    query = select(KeyHolder).where(KeyHolder.round_id == round.id, KeyHolder.user_id == user.id)
    holder = session.scalars(query).first()
    if holder is None:
        raise Forbidden(N_("您不是本轮评议的持钥人。"))
    return holder


def _check_point(public_key: bytes) -> None:
    try:
        load_point(public_key)
    except ValueError as error:
        raise InvalidInput(
            N_("收到的公钥不是 P-256 公钥。"), remedy=N_("请换用较新的浏览器重新生成钥匙。")
        ) from error


def _refuse_frozen(round: Round) -> None:
    if round.frozen or round.state != State.DRAFT:
        raise Frozen(N_("邀请已经签发，钥匙不能再更换。"))
