"""Sparkline: the shape of a measure's history, no axis; the figure beside it says the value."""

from collections.abc import Sequence

from pmdm.charts.figure import Svg
from pmdm.charts.scale import Scale, px, smooth_path

WIDTH, HEIGHT, PAD = 96, 28, 4


def sparkline(values: Sequence[float | None]) -> Svg:
    """A small curve with a dot at the end; nothing for fewer than two known values."""
    known = [(at, float(value)) for at, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return Svg("")
    low, high = min(value for _at, value in known), max(value for _at, value in known)
    x = Scale(0, len(values) - 1, 3, WIDTH - 5)
    y = Scale(low, high, HEIGHT - PAD, PAD) if high > low else Scale(0, 1, HEIGHT / 2, HEIGHT / 2)
    points = [(x(at), y(value)) for at, value in known]
    curve = smooth_path(points)
    end_x, end_y = points[-1]
    return Svg(
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
        f'<path class="spark-area" d="{curve}L{px(end_x)} {HEIGHT}L{px(points[0][0])} {HEIGHT}Z"/>'
        f'<path class="spark-line" d="{curve}"/>'
        f'<circle class="spark-dot" cx="{px(end_x)}" cy="{px(end_y)}" r="2.6"/></svg>'
    )
