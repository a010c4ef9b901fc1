import datetime as dt
import re
from xml.etree import ElementTree

import pytest
from django.template import engines

from pmdm.charts import bars, lines
from pmdm.charts.spark import sparkline
from pmdm.ui.guide import _charts, _curve

TODAY = dt.date(2026, 11, 23)
DAYS = [dt.date(2026, month, 1) for month in range(1, 13)]
FIGURES = [_curve(TODAY), *_charts(TODAY)]


def drawings(figure):
    return [svg for svg in (figure.wide, figure.narrow) if svg]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.id)
def test_drawings_are_well_formed_named_and_without_style(figure):
    for svg in drawings(figure):
        root = ElementTree.fromstring(svg)
        assert root.get("aria-labelledby") == f"{figure.id}-t"
        assert root.get("role") == "img"
        assert not re.search(r"style=|fill=|stroke=|NaN|inf", svg)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.id)
def test_every_column_of_the_numbers_has_a_header(figure):
    assert all(len(row) == len(figure.head) for row in figure.rows)


def test_the_narrow_drawing_fits_a_phone():
    assert 'viewBox="0 0 358 ' in _curve(TODAY).narrow


def test_a_chart_without_values_draws_nothing_and_keeps_its_sentence():
    figure = _charts(TODAY)[-1]
    assert figure.is_empty
    html = engines["django"].from_string("{% load charts %}{% chart figure %}").render({"figure": figure})
    assert "No monitor reports yet" in html
    assert "<svg" not in html


def test_the_page_offers_the_numbers():
    html = engines["django"].from_string("{% load charts %}{% chart figure %}").render({"figure": _curve(TODAY)})
    assert "Show the numbers" in html
    assert html.count("<tr>") == len(_curve(TODAY).rows) + 1
    assert "only-n" in html


def line(points, **options):
    return lines.line_chart(
        id="x", title="t", description="d", x_label="Day", form=str, **options,
        lines=[lines.Line(name="<b>Line", points=points)],
    )  # fmt: skip


def test_a_gap_splits_the_line_and_shows_as_a_dash():
    figure = line([(DAYS[0], 1), (DAYS[1], 2), (DAYS[2], None), (DAYS[3], 4), (DAYS[4], 5)])
    assert figure.wide.count('class="ln') == 2
    assert figure.rows[2] == ["2026-03-01", "–"]


def test_one_lone_point_is_a_dot():
    figure = line([(DAYS[0], 5)])
    assert figure.wide.count("<circle") >= 1
    assert 'class="ln' not in figure.wide


def test_flat_and_zero_lines_can_be_drawn():
    assert line([(DAYS[0], 0), (DAYS[1], 0)]).wide
    assert line([(DAYS[0], 7), (DAYS[1], 7)], low=None).wide


def test_names_are_escaped():
    figure = bars.bar_chart(
        id='"><x', title="t", description="d", categories=["<script>"], x_label="c", form=str,
        series=[bars.Bars(name="n", values=[3])],
    )  # fmt: skip
    assert "<script>" not in figure.wide
    ElementTree.fromstring(figure.wide)


def test_the_s_curve_marks_where_the_plan_stands_today():
    curve = _curve(TODAY)
    assert curve.wide.count('class="pt') == 3
    assert [item.value for item in curve.legend] == ["€696k", "€652k", "€616k", "€766k"]
    assert "Approved budget" in curve.narrow


def test_points_lie_where_their_values_say():
    svg = line([(DAYS[0], 0), (DAYS[1], 50), (DAYS[2], 100)], smooth=False).wide
    (path,) = re.findall(r'class="ln[^"]*" d="([^"]+)"', svg)
    (x0, y0), (x1, y1), (x2, y2) = [tuple(map(float, pair.split())) for pair in path[1:].split("L")]
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)
    # January has 31 days, February 28.
    assert (x1 - x0) / (x2 - x1) == pytest.approx(31 / 28, abs=0.01)


def test_stacked_bars_stand_on_each_other():
    figure = bars.bar_chart(
        id="x", title="t", description="d", categories=["Jan"], x_label="Month", form=str,
        series=[bars.Bars(name="a", values=[10]), bars.Bars(name="b", values=[30]), bars.Bars(name="c", values=[None])],
    )  # fmt: skip
    boxes = [
        (float(y), float(height))
        for y, height in re.findall(r'class="bar[^>]* y="([\d.]+)"[^>]* height="([\d.]+)"', figure.wide)
    ]
    assert len(boxes) == 2
    (y0, h0), (y1, h1) = boxes
    assert y1 + h1 == pytest.approx(y0, abs=0.2)
    assert h1 == pytest.approx(3 * h0, abs=0.3)
    assert figure.rows == [["Jan", "10.0", "30.0", "–"]]


@pytest.mark.parametrize("values", [[], [1], [None, None], [None, 4]])
def test_a_sparkline_needs_two_values(values):
    assert sparkline(values) == ""


def test_a_sparkline_ends_at_its_last_known_value():
    svg = sparkline([1, 2, 3, None])
    root = ElementTree.fromstring(svg)
    circle = root.find("circle")
    assert circle is not None
    assert float(circle.get("cx", 0)) < 91
    assert circle.get("cy") == "4"


def test_a_flat_sparkline_runs_through_the_middle():
    assert 'cy="14"' in sparkline([5, 5, 5])
