"""Form of the opening ceremony: one key file and one passphrase for each key holder present."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, PasswordField, StringField, ValidationError
from wtforms.validators import Length, Optional

from survey.web.site.forms.clean import CleanForm
from survey.web.site.forms.state import CONFIRM

KEY_FILE_BYTES = 64 * 1024


class OpenForm(CleanForm):
    """Form with the tick before the opening, which stays set where the page has to be left and comes back:
    nothing is opened before somebody presses again, with keys."""

    ready = BooleanField(_("我已看清后果，确认继续。"), CONFIRM)


class KeyForm(CleanForm):
    """Form for one holder's key; all fields are filled in, or none if the holder is absent."""

    root = StringField(
        _("校验根的前 8 位"),
        [Optional(), Length(max=64, message=_("校验根最多 64 个字符。"))],
        description=_("照您那一份截止记录上的大字输入，不要照屏幕抄。"),
    )
    file = FileField(_("钥匙文件"))
    passphrase = PasswordField(
        _("口令"), [Optional(strip_whitespace=False), Length(max=1024, message=_("口令最多 1024 个字符。"))]
    )

    @property
    def given(self) -> bool:
        return bool(self.file.data) or bool(self.passphrase.data) or bool(self.root.data)

    def validate_file(self, field: Field) -> None:
        if self.passphrase.data and not field.data:
            raise ValidationError(gettext("填了口令，但没有选择钥匙文件。"))
        if field.data and not self.passphrase.data:
            raise ValidationError(gettext("选了钥匙文件，但没有填口令。"))
        if self.root.data and not field.data:
            raise ValidationError(gettext("填了校验根，但没有选择钥匙文件。"))
        if field.data and not self.root.data:
            raise ValidationError(gettext("选了钥匙文件，但没有填校验根的前 8 位。"))

    def read(self) -> tuple[str, str]:
        """Text of the key file, and the passphrase; raises `ValueError` when it is not a text file or too
        long."""
        content = self.file.data.read(KEY_FILE_BYTES + 1)
        if len(content) > KEY_FILE_BYTES:
            raise ValueError("too long")
        return content.decode("utf-8-sig"), self.passphrase.data or ""
