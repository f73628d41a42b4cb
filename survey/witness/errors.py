"""What only a witness answers; everything else is in survey/errors.py."""

from __future__ import annotations

from survey.errors import N_, Conflict, PingyiError


class DescriptionDiffers(Conflict):
    """A phone was served another description of the round than the frozen one."""

    code = "description_differs"
    remedy = N_("什么也没有领取。请把这件事告诉监票单位和持钥人，不要在这个页面上填写。")

    def __init__(self) -> None:
        super().__init__(N_("网站给您看的轮次说明与监票机保存的不同。"))


class TicketSpent(Conflict):
    """Another ballot came with this ticket."""

    code = "ticket_spent"
    remedy = N_("一张凭证只投一张票。请用手机里保存的回执，在截止后核对那张选票是否在册。")

    def __init__(self) -> None:
        super().__init__(N_("这张投递券已经寄过另一张选票。"))


class NotTaken(PingyiError):
    """The box did not take a batch; it is kept and sent again."""

    code = "not_taken"
    remedy = N_("选票都还在监票机上，以后会再移交，不丢失也不重复。请检查票箱机是否在运行、网络是否通。")
