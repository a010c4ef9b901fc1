"""Pictures of satisfaction."""

from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.charts.lines import Line, line_chart
from pmdm.ui import format as fmt


def satisfaction_trend(waves):
    """CSAT by wave as a curve, or None with fewer than two waves that have one."""
    points = [
        (timezone.localtime(wave.opens_at).date(), wave.results.csat.value)
        for wave in waves
        if wave.results.csat.value is not None
    ]
    if len(points) < 2:
        return None
    return line_chart(
        id="satisfaction-trend",
        title=_("CSAT by survey"),
        description=_("Share of satisfied and very satisfied customers in each survey, at the day it opened."),
        lines=[Line(name=_("CSAT"), points=points)],
        form=lambda value: fmt.percent(value, 0),
        x_label=_("Opened"),
        low=0,
        high=100,
        smooth=False,
    )
