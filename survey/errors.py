"""Errors of the product: every failure that a person may meet is a `PingyiError`.

A message says what happened; its remedy says what is kept and what to do. Both are Chinese message ids with
named placeholders; whoever shows them (page, JSON, command line) translates and fills them in.
"""

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark a text for the catalogue without translating it."""
    return message


LANGUAGE = N_("zh")
"""Each catalogue answers with the name of its own language."""


def worded(message: str, values: Mapping[str, object], translate: Callable[[str], str]) -> str:
    """Text of the message id in the language of `translate`, with the placeholders filled in; "" for an empty
    id."""
    text = translate(message) if message else ""
    if not values or not text:
        return text
    return text % {n: v.say(translate) if isinstance(v, Phrase) else v for n, v in values.items()}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Message id with values for its placeholders: a remark, or a part of a message with a translation of its
    own.

    Where `english` is given, `message` is the Chinese sentence and `english` the English one, as `analysis`
    words them outside the catalogue.
    """

    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    english: str = ""

    def say(self, translate: Callable[[str], str] = str) -> str:
        """Text of the phrase in the language of `translate`."""
        if self.english:
            return self.english if translate(LANGUAGE) == "en" else self.message
        return worded(self.message, self.values, translate)

    def __str__(self) -> str:
        return self.say()

    def to_dict(self) -> dict[str, object]:
        """Dictionary of the phrase for JSON, from which `from_dict` makes it again.

        Values that are neither numbers nor phrases become texts.
        """
        return {"message": self.message, "values": plain_values(self.values), "english": self.english}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Phrase from the parsed JSON of `to_dict`; raises `KeyError` for other objects."""
        return cls(value["message"], phrased_values(value["values"]), value.get("english", ""))


def plain_values(values: Mapping[str, object]) -> dict[str, object]:
    """Values of placeholders for JSON: phrases as dictionaries, numbers as they are, all else as text."""
    return {
        name: v.to_dict() if isinstance(v, Phrase) else v if isinstance(v, int | float) else str(v)
        for name, v in values.items()
    }


def phrased_values(values: Mapping[str, Any]) -> dict[str, object]:
    """Values of placeholders from the parsed JSON of `plain_values`."""
    return {name: Phrase.from_dict(v) if isinstance(v, dict) else v for name, v in values.items()}


class Advising(Protocol):
    """What has a message and a remedy: an error, a problem of a row, a finding."""

    def say(self, translate: Callable[[str], str] = str) -> str: ...

    def say_remedy(self, translate: Callable[[str], str] = str) -> str: ...


def in_full(problem: Advising, translate: Callable[[str], str] = str) -> str:
    """Message and remedy as one text in the language of `translate`; English parts sentences by a space."""
    between = " " if translate(LANGUAGE) == "en" else ""
    return between.join(filter(None, (problem.say(translate), problem.say_remedy(translate))))


class PingyiError(Exception):
    """Error with a sentence for the person who caused or met it.

    `status` is the HTTP status; commands exit with 2 whatever the status.
    """

    status = 400
    code = "invalid"
    remedy = ""

    def __init__(self, message: str, *, remedy: str | None = None, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values
        if remedy is not None:
            self.remedy = remedy

    def say(self, translate: Callable[[str], str] = str) -> str:
        """Message in the language of `translate`."""
        return worded(self.message, self.values, translate)

    def say_remedy(self, translate: Callable[[str], str] = str) -> str:
        """Advice on what to do now, in the language of `translate`; "" where there is nothing to do."""
        return worded(self.remedy, self.values, translate)


class InvalidInput(PingyiError):
    """Typed or uploaded input that cannot be used; the message names the field or row."""

    code = "invalid_input"

    @classmethod
    def bilingual(cls, zh: str, en: str, remedy: str | None = None) -> Self:
        """Error with the Chinese and the English sentence in which `analysis` refused some input."""
        return cls(N_("%(why)s"), remedy=remedy, why=Phrase(zh, english=en))


class Malformed(PingyiError):
    """Request of the ballot protocol that no honest phone sends."""

    code = "malformed"
    remedy = N_("什么也没有保存。请刷新页面再试。")


class NotFound(PingyiError):
    """Request for something that does not exist (HTTP 404)."""

    status = 404
    code = "not_found"


class Forbidden(PingyiError):
    """Request that this person may not make, or not in the present state (HTTP 403)."""

    status = 403
    code = "forbidden"


class Conflict(PingyiError):
    """Change refused because another came first or the state no longer allows it; nothing was changed (HTTP
    409)."""

    status = 409
    code = "conflict"


class Frozen(Conflict):
    """Change of something that has been fixed since the first invitation was made (HTTP 409)."""

    code = "frozen"


class CodeMistyped(PingyiError):
    code = "code_mistyped"
    remedy = N_("请对照邀请函再输入一遍。字母 O 和数字 0、字母 I 和数字 1 不必区分。")

    def __init__(self) -> None:
        super().__init__(N_("邀请码输入有误。"))


class CodeUnknown(NotFound):
    code = "code_unknown"
    remedy = N_("请检查链接是否完整，或联系评议办公室。")

    def __init__(self) -> None:
        super().__init__(N_("本轮评议没有这个邀请码。"))


class InvitationUsed(Conflict):
    code = "invitation_used"
    remedy = N_("如果是您本人领取的，请用当时那部手机继续填写；如果不是，请联系评议办公室。")

    def __init__(self) -> None:
        super().__init__(N_("这个邀请码已经领取过选票凭证。"))


class InvitationReplaced(PingyiError):
    status = 410
    code = "invitation_replaced"
    remedy = N_("请使用新的邀请链接。")

    def __init__(self) -> None:
        super().__init__(N_("这个邀请码已经作废，换发了新的。"))


class RoundNotOpen(Forbidden):
    code = "round_not_open"
    remedy = N_("请在开始之后再打开这个链接，链接届时仍然有效。")

    def __init__(self) -> None:
        super().__init__(N_("本轮评议还没有开始。"))


class RoundClosed(Forbidden):
    code = "round_closed"
    remedy = N_("结果公布后，可以在公示页查看。")

    def __init__(self) -> None:
        super().__init__(N_("本轮评议已经截止，不再收票。"))


class RoundCancelled(Forbidden):
    code = "round_cancelled"

    def __init__(self) -> None:
        super().__init__(N_("本轮评议已经取消。"))


class CredentialInvalid(Forbidden):
    code = "credential_invalid"
    remedy = N_("请重新打开邀请链接再试一次。")

    def __init__(self) -> None:
        super().__init__(N_("选票凭证无效。"))


class CredentialSpent(Conflict):
    code = "credential_spent"

    def __init__(self) -> None:
        super().__init__(
            N_("这张选票凭证已经投过另一张选票。"),
            remedy=N_("一张凭证只投一张票。请用手机里保存的回执，在截止后核对那张选票是否在册。"),
        )


class Busy(PingyiError):
    status = 503
    code = "busy"
    remedy = N_("填写的内容还在，请稍后再试。")

    def __init__(self) -> None:
        super().__init__(N_("服务器正忙，这次没有保存。"))


class Closed(Busy):
    """The database is closed, since this process is ending; nothing more will be written."""


def is_of_disk(error: OSError) -> bool:
    """Whether the disk is full, broken or closed to us: what people can mend."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG)


def disk_trouble(error: OSError) -> PingyiError:
    """What is said of it."""
    remedy = N_("没有写成的文件不算数。请清理磁盘或换一处，再做一次。")
    return PingyiError(N_("读写磁盘出错：%(why)s"), remedy=remedy, why=error.strerror)
