"""Second factor: time-based codes (RFC 6238, SHA-1, six digits, 30 s) and recovery codes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from survey.clock import AHEAD
from survey.errors import N_, Forbidden, InvalidInput, PingyiError
from survey.models import RecoveryCode, User
from survey.protocol.codes import new_code, parse_code
from survey.protocol.crypto import at_rest
from survey.services.operations.audit import record
from survey.services.people.accounts import get_user

ISSUER = "Pingyi 评议"
RECOVERY_CODES = 8
# Clocks of telephones are off by some seconds, and typing takes some.
TOLERATED_STEPS = 1
STEP_SECONDS = 30


class CodeWrong(Forbidden):
    """Six-digit code or recovery code that is wrong, or was used before."""

    code = "code_wrong"
    remedy = N_("请等验证器显示下一个验证码再试，并核对手机的时间是否准确。")

    def __init__(self) -> None:
        super().__init__(N_("验证码不对，或者已经用过。"))


def begin(session: Session, user: User, secret_key: str) -> str:
    """Secret to show to `user`, in Base32; the same one until a code confirmed it."""
    user = get_user(session, user.id)
    if user.totp_pending is None:
        secret = pyotp.random_base32()
        user.totp_pending = at_rest.lock(secret_key, _purpose(user), secret.encode())
        session.flush()
    return _secret(user, user.totp_pending, secret_key)


def provisioning_uri(user: User, secret: str) -> str:
    """Text of the QR code for an authenticator (Key URI Format)."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name=ISSUER)


def confirm(session: Session, user: User, code: str, now: datetime, secret_key: str) -> list[str]:
    """Put the pending secret into use, proven by `code`; returns the recovery codes, which are stored only as
    hashes. Raises `CodeWrong` or `InvalidInput`."""
    user = get_user(session, user.id)
    if user.totp_pending is None:
        raise InvalidInput(N_("没有待确认的验证器。"), remedy=N_("请重新打开本页，扫描二维码。"))
    step = _step(_secret(user, user.totp_pending, secret_key), code, now)
    if step is None:
        raise CodeWrong
    user.totp_secret, user.totp_pending, user.totp_step = user.totp_pending, None, step
    record(session, actor=user, action="user.second_factor", subject=user.name)
    return renew_recovery_codes(session, user)


def check(session: Session, user: User, code: str, now: datetime, secret_key: str) -> None:
    """Accept a six-digit code or a recovery code, each only once; raises `CodeWrong`."""
    user = get_user(session, user.id)
    if user.totp_secret is None:
        raise CodeWrong
    step = _step(_secret(user, user.totp_secret, secret_key), code, now)
    if step is not None and _take_step(session, user, step, _current(now)):
        return
    if step is None and _take_recovery_code(session, user, code):
        record(session, actor=user, action="user.recovery_code", subject=user.name)
        return
    raise CodeWrong


def remove(session: Session, user: User) -> None:
    """Delete the second factor of `user`, and the recovery codes."""
    user.totp_secret = user.totp_pending = user.totp_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.flush()


def renew_recovery_codes(session: Session, user: User) -> list[str]:
    """Eight new recovery codes of 128 bits; older ones stop working."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user.id, code_hash=_code_hash(user, code)) for code in codes)
    session.flush()
    return codes


def count_recovery_codes(session: Session, user: User) -> int:
    """Number of unused recovery codes."""
    query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user.id)
    return session.scalar(query) or 0


def _step(secret: str, code: str, now: datetime) -> int | None:
    """Time step (30 s) whose code `code` is; None when it is of none near `now`."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
        return None
    clock, current = pyotp.TOTP(secret), _current(now)
    steps = range(current - TOLERATED_STEPS, current + TOLERATED_STEPS + 1)
    fitting = [step for step in steps if hmac.compare_digest(clock.generate_otp(step), digits)]
    return max(fitting, default=None)


def _current(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def _take_step(session: Session, user: User, step: int, current: int) -> bool:
    """Mark a time step as used; returns False when it, or a later one, was used already, even at the same
    moment.

    A step that nobody could have used yet was marked under a wrong clock, and is not later.
    """
    ahead = current + TOLERATED_STEPS + AHEAD // timedelta(seconds=STEP_SECONDS)
    unspent = or_(User.totp_step.is_(None), User.totp_step < step, User.totp_step > ahead)
    spend = update(User).where(User.id == user.id, unspent).values(totp_step=step)
    return session.execute(spend.returning(User.id)).first() is not None


def _take_recovery_code(session: Session, user: User, code: str) -> bool:
    try:
        wanted = _code_hash(user, code)
    except PingyiError:
        return False
    mine = (RecoveryCode.user_id == user.id, RecoveryCode.code_hash == wanted)
    taken = session.execute(delete(RecoveryCode).where(*mine).returning(RecoveryCode.code_hash))
    return taken.first() is not None


def _code_hash(user: User, code: str) -> bytes:
    return hashlib.sha256(user.id + parse_code(code)).digest()


def _purpose(user: User) -> bytes:
    return b"second-factor:" + user.id


def _secret(user: User, locked: bytes, secret_key: str) -> str:
    try:
        return at_rest.unlock(secret_key, _purpose(user), locked).decode()
    except InvalidInput as error:
        raise InvalidInput(
            N_("两步验证的密钥解不开：%(name)s 与设置验证器时不同。"),
            remedy=N_("请恢复原来的 %(name)s；找不回时，由系统管理员运行 pingyi user reset 重设账号。"),
            name="PINGYI_SECRET_KEY",
        ) from error
