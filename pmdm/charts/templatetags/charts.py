"""Tag that shows a chart: drawings, legend, the sentence for screen readers and the numbers behind it."""

from django import template

register = template.Library()


@register.inclusion_tag("charts/figure.html")
def chart(figure, level=2):
    """{% chart figure %}: a `pmdm.charts.figure.Figure` with its heading; `level` is the heading's."""
    return {"figure": figure, "level": level}
