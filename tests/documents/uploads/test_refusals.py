"""What the reader refuses, on a page: one sentence in the visitor's language, and what to do about it."""

from __future__ import annotations

import io
import json

import pytest
from babel.support import Translations

from survey.documents.uploads.reading import read_upload
from survey.documents.uploads.refusals import SheetRefused
from survey.errors import InvalidInput
from survey.models import Job
from survey.paths import TRANSLATIONS
from survey.services.operations import job_threads

ENGLISH = Translations.load(TRANSLATIONS, ["en"]).gettext


@pytest.mark.parametrize(
    ("data", "zh", "en"),
    [
        (b"", "文件是空的", "The file is empty."),
        (b"%PDF-1.7 ...", "其实是PDF 文件", "really a PDF file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版 Excel", "old Excel (.xls)"),
        (b'a,b\n"x,1\n', "第 2 行附近", "near line 2"),
        (b"x\n" * 200_001, "最多 200000 行", "at most 200000"),
    ],
)
def test_a_refusal_is_in_one_language(data: bytes, zh: str, en: str) -> None:
    with pytest.raises(SheetRefused) as caught:
        read_upload(io.BytesIO(data))
    assert zh in caught.value.say()
    assert en in caught.value.say(ENGLISH)
    assert caught.value.say_remedy()
    assert caught.value.say_remedy(ENGLISH).isascii() or "“" in caught.value.say_remedy(ENGLISH)


def test_a_job_that_failed_by_it_says_so_in_any_language() -> None:
    error = InvalidInput.bilingual("样本太小。", "The sample is too small.")
    job = Job(error=job_threads._kept(error))
    assert json.loads(job.error)
    assert job_threads.why(job) == ["样本太小。"]
    assert job_threads.why(job, ENGLISH) == ["The sample is too small."]
