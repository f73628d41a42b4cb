"""Errors of ballots, key files and boxes."""

from __future__ import annotations

from survey.errors import N_, InvalidInput, Phrase

REASONS = {
    "length": N_("长度不对"),
    "decryption": N_("无法解密"),
    "version": N_("格式版本不认识"),
    "rating": N_("有不存在的评价等级"),
    "stratum": N_("有不存在的分层选项"),
    "comment": N_("意见的编码不规范"),
    "repeated": N_("与另一张完全相同，只计一张"),
}


class InvalidBallot(InvalidInput):
    """A sealed ballot whose content no honest phone would make; `reason` is a key of `REASONS`."""

    code = "invalid_ballot"

    def __init__(self, reason: str) -> None:
        super().__init__(N_("无效票：%(reason)s。"), reason=Phrase(REASONS[reason]))
        self.reason = reason


class InvalidBox(InvalidInput):
    """An export of a ballot box that is damaged, edited or not one at all."""

    code = "invalid_box"
    remedy = N_("没有打开任何选票。请重新导出票箱文件，不要用其他软件编辑它。")


class InvalidKeyFile(InvalidInput):
    """A key file that cannot be used here; the message says why."""

    code = "invalid_key_file"
    remedy = N_("请选用本轮评议生成钥匙时保存的文件。")


class WrongPassphrase(InvalidKeyFile):
    code = "wrong_passphrase"
    remedy = N_("请核对口令后再试，注意大小写和输入法。如果口令无误，文件可能已被改动，请换用备份。")

    def __init__(self, holder: str) -> None:
        super().__init__(N_("口令不对，“%(holder)s”的钥匙文件没有解开。"), holder=holder)


class TooFewKeys(InvalidInput):
    """Fewer keys were given than the quorum needs."""

    code = "too_few_keys"
    remedy = N_("没有打开任何选票。请让其他持钥人也带上钥匙文件。")

    def __init__(self, *, needed: int, given: int) -> None:
        super().__init__(
            N_("开箱需要 %(needed)s 把钥匙，现在只有 %(given)s 把。"), needed=needed, given=given
        )
