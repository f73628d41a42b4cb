import dataclasses
import io
import math
import re
import warnings
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pypdfium2
import pytest
from defusedxml.ElementTree import fromstring
from matplotlib.colors import to_rgb
from PIL import Image

from analysis.charts import palette, rendering
from analysis.charts.change import change_chart
from analysis.charts.differences import group_differences_chart
from analysis.charts.heatmap import _Shade, item_heatmap_chart, luminance
from analysis.charts.importance import importance_performance_chart
from analysis.charts.matrix import pair_matrix_chart, pair_states
from analysis.charts.ranking import decimals, ranking_chart
from analysis.charts.rendering import FORMATS, render
from analysis.charts.sheet import Sheet
from analysis.charts.tierbars import TierBar, split_tiers, tier_bars
from analysis.errors import InputError
from analysis.ranking.reading import reading


def pdf_text(data):
    with pypdfium2.PdfDocument(data) as document:
        page = document[0]
        text = page.get_textpage()
        words = text.get_text_range()
        text.close()
        page.close()
    return words


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_same_ranking_gives_the_same_bytes(make_ranking, fmt):
    first, second = (render(ranking_chart(make_ranking(6)), fmt, dpi=80) for _ in range(2))
    assert first == second


def test_settings_of_the_process_stay_as_they_were(make_ranking):
    before = dict(mpl.rcParams)
    render(ranking_chart(make_ranking(3)), "png", dpi=50)
    assert dict(mpl.rcParams) == before


def test_png_is_300_dpi_and_shows_colour_and_paper(make_ranking):
    figure = ranking_chart(make_ranking(14))
    with Image.open(io.BytesIO(render(figure, "png"))) as image:
        # Agg cuts off the fraction of a pixel.
        assert image.size == tuple(int(inches * 300) for inches in figure.get_size_inches())
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        colours = {colour[:3] for _, colour in image.getcolors(1_000_000)}
    assert (255, 255, 255) in colours
    assert tuple(round(255 * c) for c in to_rgb(palette.ABOVE)) in colours


def test_a_very_long_chart_stays_within_what_viewers_open(make_ranking, monkeypatch):
    monkeypatch.setattr(rendering, "MAX_PIXELS", 1_500)
    figure = ranking_chart(make_ranking(30))
    assert max(figure.get_size_inches()) * 300 > 3_000
    with Image.open(io.BytesIO(render(figure, "png"))) as image:
        assert 1_400 < max(image.size) <= 1_500


def test_above_eight_departments_rank_ranges_stand_on_an_axis_instead_of_tiers(make_ranking):
    """Attack: 18 departments with 14 tiers, whose bars nobody could follow."""
    for count, ranks_drawn in ((8, False), (9, True), (18, True), (120, True)):
        ranking = make_ranking(count)
        axes = ranking_chart(ranking).axes[0]
        words = [t.get_text() for t in axes.texts]
        assert ("档次" in words) != ranks_drawn
        assert any("名次范围（横条）" in text for text in words) == ranks_drawn
        if not ranks_drawn:
            continue
        drawn = [p for p in axes.patches if p.get_alpha()]
        assert len(drawn) == count + len({d.vs_average for d in ranking.departments})  # the legend's
        bars = drawn[:count]
        one = 1.9 / count  # of the axis, which is as long as there are ranks
        left = min(bar.get_x() for bar in bars)
        for bar, d in zip(bars, ranking.departments, strict=True):
            best, worst = d.rank_set
            assert bar.get_x() - left == pytest.approx((best - 1) * one)
            assert bar.get_width() == pytest.approx((worst - best + 1) * one)


def test_tiers_and_rank_ranges_stand_each_in_its_section(make_ranking):
    figure = ranking_chart(make_ranking(18), groups=[("监管", make_ranking(6)), ("服务", make_ranking(12))])
    words = [t.get_text() for t in figure.axes[0].texts]
    assert words.count("档次") == 1
    assert sum("名次范围（横条）" in text for text in words) == 2
    notes = "".join(words).replace("\n", "")
    assert reading("parts") in notes
    assert reading("pairs") in notes


@pytest.mark.parametrize(("se", "digits"), [(2.5, 1), (0.9, 1), (0.03, 2), (0.0004, 4), (1e-9, 4), (0.0, 1)])
def test_scores_have_the_decimals_that_tell_them_apart(se, digits):
    assert decimals([se, se]) == digits


def test_svg_holds_outlines_and_keeps_the_words_for_readers(make_ranking):
    ranking = make_ranking(5)
    svg = render(ranking_chart(ranking, title="营商环境 <评议>"), "svg").decode()
    root = fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    assert not list(root.iter(f"{space}text"))
    assert root.find(f"{space}title").text == "营商环境 <评议>"
    described = root.find(f"{space}desc").text
    assert all(d.name.replace(" ", "") in described.replace(" ", "") for d in ranking.departments)
    assert len(list(root.iter(f"{space}path"))) > 100


def test_pdf_text_can_be_searched_and_is_drawn(make_ranking):
    ranking = make_ranking(5)
    data = render(ranking_chart(ranking, warning_line=70), "pdf")
    words = re.sub(r"\s", "", pdf_text(data))
    for department in ranking.departments:
        assert department.name.replace(" ", "") in words
        assert f"{department.adjusted:.1f}" in words
    assert "供水公司（6家）" in words
    assert "警戒线70" in words
    with pypdfium2.PdfDocument(data) as document:
        page = document[0]
        pixels = np.asarray(page.render(scale=1).to_pil().convert("L"))
        page.close()
    assert pixels.max() == 255
    assert (pixels < 128).mean() > 0.01


def test_rank_range_and_tier_stand_beside_every_rank(make_ranking):
    ranking = make_ranking(8)
    figure = ranking_chart(ranking)
    texts = [t.get_text() for t in figure.axes[0].texts]
    for d in ranking.departments:
        best, worst = d.rank_set
        assert (str(best) if best == worst else f"{best}–{worst}") in texts
        assert set(d.tier) <= set(texts)


def test_a_department_in_too_small_a_sample_has_no_row(make_ranking):
    figure = ranking_chart(make_ranking(5))
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert "供水公司" not in texts
    assert any("没有参加排名：供水公司" in text for text in texts)


def test_given_estimates_show_no_raw_mean_and_no_count(make_ranking):
    ranking = make_ranking(4)
    departments = tuple(dataclasses.replace(d, n=None, mean=math.nan) for d in ranking.departments)
    given = dataclasses.replace(
        ranking, n_raters=None, n_ratings=None, departments=departments, insufficient=()
    )
    texts = [t.get_text() for t in ranking_chart(given, language="en").axes[0].texts]
    assert "Estimate" in texts
    assert "Raters" not in texts
    assert "raw mean" not in texts


def test_components_that_no_rater_connects_stand_apart(make_ranking):
    ranking = make_ranking(4)
    split = tuple(dataclasses.replace(d, component=i // 2) for i, d in enumerate(ranking.departments))
    texts = [
        t.get_text() for t in ranking_chart(dataclasses.replace(ranking, departments=split)).axes[0].texts
    ]
    assert sum("各组之间不能比较" in text for text in texts) == 2


def test_unbounded_intervals_run_to_the_edge(make_ranking):
    ranking = make_ranking(3)
    first = dataclasses.replace(ranking.departments[0], ci=(-math.inf, math.inf))
    figure = ranking_chart(dataclasses.replace(ranking, departments=(first, *ranking.departments[1:])))
    panel = figure.axes[1]
    ends = [
        segment[:, 0]
        for lines in panel.collections
        if hasattr(lines, "get_segments")
        for segment in lines.get_segments()
    ]
    assert any(tuple(end) == panel.get_xlim() for end in ends)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        render(figure, "png", dpi=50)


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_character_no_font_has_never_keeps_numbers_from_being_drawn(make_ranking, fmt):
    names = ["行政审批局", "ཀ局", "住建\u200b局", "数据\ue000局", "乡\x08镇"]
    data = render(ranking_chart(make_ranking(5, names=names)), fmt, dpi=50)
    if fmt == "pdf":
        words = re.sub(r"\s", "", pdf_text(data))
        assert "〓局" in words
        assert "住建局" in words
        assert {"U+0F40", "U+E000", "U+0008"} <= set(re.findall(r"U\+[0-9A-F]{4}", words))
        assert "\u200b" not in pdf_text(data)


def test_dollars_and_markup_in_names_are_letters(make_ranking):
    names = ["A$B$ & <局>", "=1+1", r"\frac{1}{2}", "局_2^3"]
    data = render(ranking_chart(make_ranking(4, names=names)), "pdf")
    words = re.sub(r"\s", "", pdf_text(data))
    for name in names:
        assert name.replace(" ", "") in words


def test_tier_bars_share_lanes_only_when_they_do_not_meet():
    # Rows 0-5: a over 0-1, b over 1-3 and 5 (broken at 4), c over 4, d over 2-4.
    bars = tier_bars([["a"], ["a", "b"], ["b", "d"], ["b", "d"], ["c", "d"], ["b"]])
    assert bars == (
        TierBar("a", 0, ((0, 1),)),
        TierBar("b", 1, ((1, 3), (5, 5))),
        TierBar("d", 0, ((2, 4),)),
        TierBar("c", 2, ((4, 4),)),
    )


def test_letters_after_z_carry_dots():
    # multcompView's alphabet: a … z, A … Z, .a … .Z, ..a …
    assert split_tiers("yZ.a.b..c") == ("y", "Z", ".a", ".b", "..c")


def test_pair_states_read_the_sign_from_the_row(make_ranking):
    ranking = make_ranking(3)
    pairs = dataclasses.replace(
        ranking.pairs, significant=np.array([True, False, True]), difference=np.array([3.0, 1.0, -2.0])
    )
    states = pair_states(dataclasses.replace(ranking, pairs=pairs))
    assert states.tolist() == [[4, 2, 1], [3, 4, 3], [1, 2, 4]]


def test_pairs_that_cannot_be_compared_are_crossed_out(make_ranking):
    ranking = make_ranking(3)
    p = ranking.pairs
    keep = {f.name: getattr(p, f.name)[:1] for f in dataclasses.fields(p) if f.name != "names"}
    states = pair_states(dataclasses.replace(ranking, pairs=dataclasses.replace(p, **keep)))
    assert (states == 0).sum() == 4
    render(
        pair_matrix_chart(dataclasses.replace(ranking, pairs=dataclasses.replace(p, **keep))), "png", dpi=50
    )


def test_numbers_on_the_heat_map_can_be_read():
    """WCAG 2.2 contrast of at least 4.5 between every shade and its ink."""
    shade = _Shade(np.array([[0.0, 1.0]]))
    for value in np.linspace(0, 1, 101):
        fill, ink = shade(value)
        light, dark = sorted((luminance(fill), luminance(to_rgb(ink))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5
    greys = [luminance(shade(v)[0]) for v in np.linspace(0, 1, 50)]
    assert all(a < b for a, b in pairwise(greys))


def test_suppressed_cells_show_a_dash_and_no_number():
    figure = item_heatmap_chart(["甲局", "乙局"], ["态度", "效率"], [[80, math.nan], [70, 60]])
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert "—" in texts
    assert "nan" not in texts
    assert sum(text.endswith(".0") for text in texts) == 3


def test_meaning_never_hangs_on_hue_alone():
    assert len(set(palette.MARKERS.values())) == 3
    dark, light = (luminance(to_rgb(colour)) for colour in palette.TIERS)
    assert (light + 0.05) / (dark + 0.05) >= 3


@pytest.mark.parametrize("draw", [
    lambda: item_heatmap_chart(["甲"], ["a"], [[1, 2]]),
    lambda: item_heatmap_chart([], [], np.empty((0, 0))),
])  # fmt: skip
def test_charts_refuse_what_they_cannot_draw(draw):
    with pytest.raises(InputError):
        draw()


def test_only_declared_differences_are_marked(make_comparison):
    """The first department alone is declared; the sixth's interval excludes zero, but not on both scales."""
    names = [f"局{i}" for i in range(6)]
    figure = group_differences_chart(make_comparison(names, [("本地", "外来")]))
    words = [t.get_text() for t in figure.axes[0].texts]
    assert "第一类显著更低" in words
    assert "第一类显著更高" not in words
    assert any("未比较：供水公司" in text for text in words)


def test_changes_run_from_rise_to_fall_with_typographic_minus(make_change):
    words = [t.get_text() for t in change_chart(make_change([f"局{i}" for i in range(6)])).axes[0].texts]
    moves = [text for text in words if re.fullmatch(r"[+−-]\d\.\d", text)]
    assert moves == ["+2.5", "+1.5", "+0.5", "−0.5", "−1.5", "−2.5"]
    assert {"上升", "下降", "变化未超出偶然"} <= set(words)


def test_items_below_the_threshold_are_named_not_drawn(make_importance):
    figure = importance_performance_chart(make_importance(["态度", "效率"], [80, math.nan], "税务局"))
    words = [t.get_text() for t in figure.axes[0].texts]
    assert "态度" in words
    assert "效率" not in words
    assert any("样本不足，不画出：效率" in text for text in words)
    assert any("税务局" in text for text in words)
    with pytest.raises(InputError, match="公布门槛"):
        importance_performance_chart(make_importance(["态度"], [math.nan]))


def test_bars_of_rank_ranges_are_told_apart_in_greyscale():
    """Blue and vermilion print as the same grey; how much of a bar is inked does not."""
    sheet = Sheet(2, 2, "x")
    for n, kind in enumerate(("above", "same", "below")):
        sheet.bar(0.2, 0.5 + 0.5 * n, 1.6, 0.3, kind)
    with Image.open(io.BytesIO(render(sheet.figure, "png", dpi=200))) as image:
        grey = np.asarray(image.convert("L"), dtype=float)
    rows = [grey[round(200 * (0.35 + 0.5 * n)) : round(200 * (0.65 + 0.5 * n)), 50:350] for n in range(3)]
    above, same, below = (float((255 - part).mean()) for part in rows)
    assert above > below + 60
    assert above > same + 60
    tall = [int((part < 200).any(axis=1).sum()) for part in rows]
    assert tall[1] < 0.6 * min(tall[0], tall[2])


def test_the_legend_shows_the_bars_where_there_are_any(make_ranking):
    many, few = ranking_chart(make_ranking(20)), ranking_chart(make_ranking(5))
    hatched = [{p.get_hatch() for p in figure.axes[0].patches} for figure in (many, few)]
    assert hatched == [{"", "/////", None}, {None}]


def test_the_map_of_items_marks_nothing_that_was_not_tested(make_importance):
    figure = importance_performance_chart(make_importance(["甲", "乙", "丙"], [60.0, 80.0, 90.0]))
    colours = {tuple(c) for axes in figure.axes for s in axes.collections for c in s.get_facecolors()}
    assert len(colours) <= 1
