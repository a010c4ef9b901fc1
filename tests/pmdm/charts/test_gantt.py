import datetime as dt
import re
from xml.etree import ElementTree

import pytest

from pmdm.charts.gantt import HEAD, ROW, Bar, Link, timeline

DAY = dt.date(2026, 11, 2)  # a Monday


def day(offset):
    return DAY + dt.timedelta(days=offset)


def rects(svg, css):
    return [
        {name: float(value) for name, value in re.findall(r' (x|y|width|height)="([\d.-]+)"', tag)}
        for tag in re.findall(rf'<rect class="{css}"[^>]*>', svg)
    ]


def test_each_row_has_its_bar_at_its_height():
    drawing = timeline([Bar(start=day(0), finish=day(4)), Bar(start=day(7), finish=day(11))], zoom="day")
    assert [bar["y"] for bar in rects(drawing.svg, "bar")] == [HEAD + ROW / 2 - 7, HEAD + ROW * 1.5 - 7]
    assert drawing.height == HEAD + 2 * ROW


def test_dates_count_whole_days_and_instants_do_not():
    dates = timeline([Bar(start=day(0), finish=day(0))], zoom="day")
    half = timeline([Bar(start=dt.datetime(2026, 11, 2, 0), finish=dt.datetime(2026, 11, 2, 12))], zoom="day")
    assert rects(dates.svg, "bar")[0]["width"] == pytest.approx(26, abs=0.1)
    assert rects(half.svg, "bar")[0]["width"] == pytest.approx(13, abs=0.1)


def test_progress_fills_its_share_of_the_bar():
    svg = timeline([Bar(start=day(0), finish=day(9), percent=30)], zoom="day").svg
    assert rects(svg, "done")[0]["width"] == pytest.approx(0.3 * rects(svg, "bar")[0]["width"], abs=0.2)


def test_summaries_milestones_baselines_and_critical_bars():
    svg = timeline(
        [
            Bar(start=day(0), finish=day(9), kind="summary"),
            Bar(start=day(0), finish=day(4), critical=True, baseline=(day(0), day(2))),
            Bar(start=day(9), finish=day(9), kind="milestone"),
        ]
    ).svg
    ElementTree.fromstring(svg)
    assert svg.count('class="sum"') == svg.count('class="mile"') == svg.count('class="base"') == 1
    assert '<g class="crit">' in svg


def test_rows_without_dates_and_their_links_are_left_out():
    drawing = timeline([Bar(start=None, finish=None), Bar(start=day(0), finish=day(1))], [Link(0, 1)])
    assert len(rects(drawing.svg, "bar")) == 1
    assert 'class="link' not in drawing.svg


def test_an_empty_plan_can_be_drawn():
    ElementTree.fromstring(timeline([], today=DAY).svg)


@pytest.mark.parametrize("kind", ["FS", "SS", "FF", "SF"])
def test_links_end_at_the_right_edge_of_the_right_bar(kind):
    drawing = timeline(
        [Bar(start=day(0), finish=day(4)), Bar(start=day(9), finish=day(12))], [Link(0, 1, kind)], zoom="day"
    )
    (path,) = re.findall(r'class="link" d="([^"]+)"', drawing.svg)
    source, target = rects(drawing.svg, "bar")
    from_x = source["x"] + (source["width"] if kind[0] == "F" else 0)
    to_x = target["x"] + (0 if kind[1] == "S" else target["width"])
    assert path.startswith(f"M{from_x:g} ")
    (tip,) = re.findall(r'class="arrow" points="([\d.]+) ', drawing.svg)
    assert float(tip) == pytest.approx(to_x, abs=0.1)


def test_labels_are_escaped_and_cut():
    svg = timeline([Bar(start=day(0), finish=day(1), label="<b>" + "x" * 60)]).svg
    ElementTree.fromstring(svg)
    assert "&lt;b&gt;" in svg
    assert "…</text>" in svg


@pytest.mark.parametrize(("days", "unit"), [(10, "day"), (60, "week"), (200, "month"), (700, "quarter")])
def test_the_zoom_that_fits_is_chosen(days, unit):
    assert timeline([Bar(start=day(0), finish=day(days))]).zoom == unit


def test_a_thousand_tasks_draw_quickly_and_compactly():
    bars = [Bar(start=day(n % 300), finish=day(n % 300 + 5), percent=50) for n in range(1000)]
    svg = timeline(bars, [Link(n, n + 1) for n in range(999)]).svg
    assert len(svg) < 700_000
