import subprocess
import sys
from pathlib import Path

import pytest

from analysis.charts import fonts, labels


@pytest.fixture
def wheel_font_only(monkeypatch):
    caches = (fonts.families, fonts.faces, fonts._has_glyph, labels._em_width)
    monkeypatch.setattr(fonts, "_SYSTEM_FONTS", ())
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


def test_the_wheel_brings_noto_sans_sc_without_being_imported():
    code = (
        "import sys; from analysis.charts import fonts;"
        "print(fonts.font_files()[0]); print('zhplot' in sys.modules)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert Path(out[0]).name == "NotoSansSC-Regular.ttf"
    assert out[1] == "False"


def test_a_system_font_stands_in_for_a_missing_wheel(monkeypatch, tmp_path):
    stand_in = tmp_path / "wqy-microhei.ttc"
    stand_in.write_bytes(b"font")
    monkeypatch.setattr(fonts, "wheel_font", lambda: None)
    monkeypatch.setattr(fonts, "_SYSTEM_FONTS", ("/nowhere/font.ttc", str(stand_in)))
    assert fonts.font_files() == (stand_in,)


def test_without_any_font_the_message_is_a_command(monkeypatch):
    monkeypatch.setattr(fonts, "_WHEEL", "no-such-distribution")
    monkeypatch.setattr(fonts, "_SYSTEM_FONTS", ())
    with pytest.raises(fonts.MissingFontError) as caught:
        fonts.font_files()
    assert "pip install zhplot" in caught.value.zh
    assert "apt-get install fonts-noto-cjk" in caught.value.en


@pytest.mark.usefixtures("wheel_font_only")
def test_characters_outside_the_font_are_named_once_in_order():
    assert fonts.families() == ("Noto Sans SC",)
    assert fonts.missing_characters("营商局\U0002a6a5A\U0002a6a5\u0f40") == "\U0002a6a5\u0f40"
    assert fonts.missing_characters("行政审批局 −–→≥é\n") == ""


def test_width_is_the_advance_of_the_font():
    # NotoSansSC-Regular: 1000 units to the em; 中 advances 1000, W 878, i 275 (its hmtx table).
    assert labels.text_width("中", 72) == pytest.approx(1.0, abs=1e-3)
    assert labels.text_width("Wi", 72) == pytest.approx(0.878 + 0.275, abs=1e-3)


@pytest.mark.parametrize(
    "name",
    [
        "住房和城乡建设局（住房公积金管理中心、房屋征收与补偿服务中心）",
        "Ministry of Housing and Urban Development",
        "Supercalifragilisticexpialidocious-Antidisestablishmentarianism",
        "A  B\nC",
        "一",
    ],
)
def test_no_line_is_wider_than_asked_and_no_character_is_lost(name):
    wrapped = labels.wrap(name, 1.2, 9)
    closing = max(labels.text_width(c, 9) for c in "、）")  # closing marks may hang over the edge
    assert all(labels.text_width(line, 9) <= 1.2 + closing for line in wrapped.split("\n"))
    assert "".join(wrapped.split()) == "".join(name.split())
    assert not any(line[0] in "、）" for line in wrapped.split("\n"))


def test_a_word_stays_whole_where_it_fits():
    assert labels.wrap("Ministry of Housing", 0.9, 9).split("\n") == ["Ministry of", "Housing"]
