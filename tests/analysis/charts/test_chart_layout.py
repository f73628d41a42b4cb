"""No text over another text, none outside the page: asked of the renderer, for every chart and size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from nightly import NIGHTLY

from analysis.charts.change import change_chart
from analysis.charts.differences import group_differences_chart
from analysis.charts.heatmap import item_heatmap_chart
from analysis.charts.importance import importance_performance_chart, spread
from analysis.charts.matrix import pair_matrix_chart, pair_states
from analysis.charts.matrix_pages import matrix_blocks, matrix_page, matrix_slide
from analysis.charts.ranking import ranking_chart
from analysis.charts.rendering import chart_style
from analysis.charts.slides import SHEET, draw_slide, ranking_slides

SIZES = [5, 30, 120] if NIGHTLY else [5, 60]
LONG = "住房和城乡建设局（住房公积金管理中心、房屋征收与补偿服务中心）"
assert len(LONG) >= 30


@pytest.fixture
def boxes(monkeypatch):
    """Draws a figure and gives every text that was really drawn with its box in pixels."""

    def draw(figure):
        drawn = []
        original = Text.draw

        def record(text, renderer, *args, **kwargs):
            if text.get_visible() and text.get_text().strip():
                drawn.append((text.get_text(), text.get_window_extent(renderer)))
            return original(text, renderer, *args, **kwargs)

        with monkeypatch.context() as patch, chart_style():
            patch.setattr(Text, "draw", record)
            figure.set_dpi(100)
            FigureCanvasAgg(figure).draw()
        return drawn

    return draw


def assert_readable(figure, drawn, least):
    assert len(drawn) >= least
    page = figure.bbox
    for text, box in drawn:
        assert box.x0 >= page.x0 - 1, text
        assert box.x1 <= page.x1 + 1, text
        assert box.y0 >= page.y0 - 1, text
        assert box.y1 <= page.y1 + 1, text
    in_order = sorted(drawn, key=lambda pair: pair[1].y0)
    for i, (text, box) in enumerate(in_order):
        for other, below in in_order[i + 1 :]:
            if below.y0 >= box.y1 - 0.5:
                break
            across = min(box.x1, below.x1) - max(box.x0, below.x0)
            assert across <= 0.5, (text, other)


def test_the_check_itself_sees_an_overlap(boxes, make_ranking):
    figure = ranking_chart(make_ranking(5))
    with chart_style():
        figure.axes[0].text(1.0, 1.0, "甲乙丙")
        figure.axes[0].text(1.1, 1.0, "丁戊己")
    with pytest.raises(AssertionError, match=r"甲乙丙|丁戊己"):
        assert_readable(figure, boxes(figure), 1)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("count", SIZES)
def test_ranking(boxes, make_ranking, count, language):
    names = [f"{LONG[: 30 - len(str(i))]}{i}" if i % 2 else f"局{i}" for i in range(count)]
    figure = ranking_chart(make_ranking(count, names=names), language=language, warning_line=70)
    assert_readable(figure, boxes(figure), 5 * count)


def test_ranking_within_groups_and_overall(boxes, make_ranking):
    groups = [("行政执法", make_ranking(5)), ("公共服务", make_ranking(7, seed=2))]
    figure = ranking_chart(make_ranking(12, seed=3), groups=groups, title="某县 2026 年第四季度" * 5)
    drawn = boxes(figure)
    assert_readable(figure, drawn, 5 * 24)
    assert {"行政执法", "公共服务", "全部部门"} <= {text for text, _ in drawn}


@pytest.mark.parametrize("count", SIZES)
def test_matrix(boxes, make_ranking, count):
    figure = pair_matrix_chart(make_ranking(count))
    assert_readable(figure, boxes(figure), 2 * count)


@pytest.mark.parametrize("count", SIZES)
def test_heat_map(boxes, count):
    scores = np.random.default_rng(1).normal(80, 8, (count, 6))
    scores[1, 2] = np.nan
    items = ["服务态度", "办事效率", "服务质量", "依法履职", "廉洁自律", "对企业诉求的回应与办理情况"]
    figure = item_heatmap_chart([f"{LONG}{i}" for i in range(count)], items, scores)
    assert_readable(figure, boxes(figure), 7 * count)


@pytest.mark.parametrize("count", SIZES)
def test_change(boxes, make_change, count):
    change = make_change([f"{LONG}{i}" for i in range(count)], ("供水公司", "燃气公司"))
    figure = change_chart(change, language="en")
    assert_readable(figure, boxes(figure), 3 * count)


@pytest.mark.parametrize("count", SIZES)
def test_group_differences(boxes, make_comparison, count):
    comparison = make_comparison([f"{LONG}{i}" for i in range(count)], [("本地", "外来"), ("大", "rest")])
    figure = group_differences_chart(comparison)
    drawn = boxes(figure)
    assert_readable(figure, drawn, 4 * count)
    assert {"本地 − 外来", "大 − 其他企业"} <= {text for text, _ in drawn}


@pytest.mark.parametrize("count", [1, 6, 30])
def test_importance_with_coinciding_points(boxes, make_importance, count):
    result = make_importance([f"{LONG}{i}" for i in range(count)], [80 + (i % 2) / 10 for i in range(count)])
    figure = importance_performance_chart(result)
    assert_readable(figure, boxes(figure), count)


@given(
    st.lists(st.floats(0, 10), min_size=1, max_size=20).map(sorted),
    st.lists(st.floats(0.05, 0.5), min_size=20, max_size=20),
)
def test_spread_labels_keep_apart_and_within(wanted, heights):
    heights = heights[: len(wanted)]
    centres = spread(wanted, heights, (0, 10))
    tops = [c - h / 2 for c, h in zip(centres, heights, strict=True)]
    bottoms = [c + h / 2 for c, h in zip(centres, heights, strict=True)]
    assert tops[0] >= -1e-9
    assert bottoms[-1] <= 10 + 1e-9
    for bottom, top in zip(bottoms[:-1], tops[1:], strict=True):
        assert bottom <= top + 1e-9


@pytest.mark.parametrize("stem", ["局", "县住房和城乡建设局住房公积金管理中心房屋征收与补偿服务"])
@pytest.mark.parametrize("count", [1, 8, 14, 15, 30, 34, 120])
def test_slides_hold_every_department_once_and_nothing_leaves_the_page(boxes, make_ranking, count, stem):
    """16:9, one axis for all pages, as many rows on each as fit."""
    names = [f"{stem}{i:03d}" for i in range(count)]
    ranking = make_ranking(count, names=names)
    slides = ranking_slides(ranking, title="评议", warning_line=70.0)
    assert [row.label for slide in slides for s in slide.sections for row in s.rows] == names
    assert len({slide.limits for slide in slides}) == 1
    for slide in sorted(slides, key=lambda s: len(s.sections[0].rows))[-1:]:
        figure = draw_slide(slide)
        assert figure.get_size_inches() == pytest.approx((40 / 3, 7.5))
        assert_readable(figure, boxes(figure), 12)
    assert len(slides) <= 1 + count // 7


@pytest.mark.parametrize("stem", ["局", "县住房和城乡建设局住房公积金管理中心房屋征收与补偿服务"])
@pytest.mark.parametrize("count", [41, 120])
def test_a4_pages_hold_every_department_once(boxes, make_ranking, count, stem):
    names = [f"{stem}{i:03d}" for i in range(count)]
    pages = ranking_slides(make_ranking(count, names=names), title="评议", warning_line=70.0, paper=SHEET)
    assert [row.label for page in pages for s in page.sections for row in s.rows] == names
    lengths = [len(page.sections[0].rows) for page in pages]
    assert min(lengths) > max(lengths) / 2  # no page of a few rows
    figure = draw_slide(max(pages, key=lambda p: len(p.sections[0].rows)), SHEET)
    assert figure.get_size_inches() == pytest.approx((8.27, 11.69))
    assert_readable(figure, boxes(figure), 9)


@pytest.mark.parametrize("count", [41, 120, 121])
def test_blocks_of_the_matrix_hold_every_pair_once(count):
    blocks = matrix_blocks(count)
    cells = [(r, c) for (a, b), (x, y) in blocks for r in range(a, b) for c in range(x, y) if r < c]
    assert len(cells) == len(set(cells)) == count * (count - 1) // 2
    assert all(max(b - a, y - x) <= 30 for (a, b), (x, y) in blocks)


@pytest.mark.parametrize("stem", ["局", "县住房和城乡建设局住房公积金管理中心房屋征收与补偿服务"])
def test_a_block_and_the_slide_of_the_matrix_can_be_read(boxes, make_ranking, stem):
    ranking = make_ranking(60, names=[f"{stem}{i:03d}" for i in range(60)])
    page = matrix_page(ranking, matrix_blocks(60)[1], title="两两比较（2/3）")
    assert page.get_size_inches() == pytest.approx((8.27, 11.69))
    assert_readable(page, boxes(page), 60)
    for size in (2, 20, 60):
        slide = matrix_slide(make_ranking(size, names=[f"{stem}{i:03d}" for i in range(size)]))
        assert slide.get_size_inches() == pytest.approx((40 / 3, 7.5))
        assert_readable(slide, boxes(slide), 4)


def test_a_block_shows_the_states_of_its_own_pairs(make_ranking):
    ranking = make_ranking(50)
    (rows, columns) = matrix_blocks(50)[1]
    drawn = matrix_page(ranking, (rows, columns)).axes[0].collections
    (mesh,) = [c for c in drawn if c.get_array() is not None]
    shown = np.asarray(mesh.get_array()).reshape(rows[1] - rows[0], columns[1] - columns[0])
    assert (shown == pair_states(ranking)[slice(*rows), slice(*columns)]).all()
