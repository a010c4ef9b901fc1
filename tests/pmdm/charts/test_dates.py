"""Dates over dates: the drawing, its numbers, labels that do not lie on each other."""

import datetime
import re

from pmdm.charts.dates import Expected, date_trend

day = datetime.date


def trend(*series, **kwargs):
    return date_trend(
        id="t", title="Trend", description="Said.", series=series, form=lambda one: one.isoformat(), x_label="Report",
        **kwargs,
    )  # fmt: skip


def test_each_report_is_a_row_of_the_table():
    figure = trend(
        Expected(name="A", points=[(day(2026, 1, 4), day(2026, 3, 1)), (day(2026, 1, 11), day(2026, 3, 8))]),
        Expected(name="B", points=[(day(2026, 1, 11), day(2026, 4, 1))], reached=day(2026, 4, 2)),
    )
    assert figure.head == ["Report", "A", "B"]
    assert figure.rows == [["2026-01-04", "2026-03-01", "–"], ["2026-01-11", "2026-03-08", "2026-04-01"]]
    assert [item.label for item in figure.legend] == ["1 A", "2 B"]
    assert len({item.css for item in figure.legend}) == 2
    for drawing in (figure.wide, figure.narrow):
        assert drawing.count('class="ln ') == 2
        assert "style=" not in drawing


def test_nothing_to_draw_shows_the_sentence():
    assert trend().is_empty
    assert trend(Expected(name="A", points=[])).is_empty


def test_one_report_is_a_dot_not_an_error():
    figure = trend(Expected(name="A", points=[(day(2026, 1, 4), day(2026, 1, 4))]))
    assert "<circle" in figure.wide
    assert 'class="ln ' not in figure.wide


def test_names_are_escaped_and_numbers_kept_apart():
    points = [(day(2026, 1, 4), day(2026, 3, 1)), (day(2026, 2, 4), day(2026, 3, 1))]
    figure = trend(*(Expected(name=f"<b>{n}", points=points) for n in range(4)), marks=[(day(2026, 1, 10), "<i>")])
    assert "<b>" not in figure.wide
    assert "<i>" not in figure.wide
    heights = [float(y) for y in re.findall(r'class="dl [^"]*" x="[\d.]+" y="([\d.]+)"', figure.wide)]
    assert len(heights) == 4
    assert all(b - a >= 11.9 for a, b in zip(sorted(heights), sorted(heights)[1:], strict=False))
