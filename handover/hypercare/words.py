"""The meters and classes as a page shows them."""

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from handover.hypercare import meters as m
from handover.hypercare.models import Hypercare, IssueClass
from handover.hypercare.verbs import early_issues
from pmdm.charts.bars import Bars, bar_chart
from pmdm.ui import format as fmt

TITLES = {
    m.PERIOD: gettext_lazy("Agreed period"),
    m.CRITICAL: gettext_lazy("Days without an open critical issue"),
    m.ISSUES: gettext_lazy("New issues a day"),
    m.SATISFACTION: gettext_lazy("Satisfaction"),
    m.AVAILABILITY: gettext_lazy("Availability"),
}
REASONS = {
    m.NO_ANSWERS: gettext_lazy("Nobody has answered a survey since the start"),
    m.TOO_YOUNG: gettext_lazy("Hypercare is younger than the days that are counted"),
}


def rows_of(found: list[m.Meter]) -> list[dict]:
    """Title, figure, target, status and how long it takes, in words."""
    return [
        {
            "key": meter.key,
            "title": TITLES[meter.key],
            "value": _value(meter.key, meter.value),
            "target": _target(meter.key, meter.target),
            "percent": round(100 * meter.share),
            "status": "ok" if meter.is_met else "watch" if meter.days is not None else "act",
            "word": _("Met") if meter.is_met else _when(meter.days),
            "reason": REASONS.get(meter.reason, ""),
        }
        for meter in found
    ]


def _when(days: int | None) -> str:
    if days is None:
        return _("Can't be foreseen")
    return ngettext("In %(n)s day at the earliest", "In %(n)s days at the earliest", days) % {"n": days}


def _value(key: str, value: float | None) -> str:
    if value is None:
        return ""
    if key in (m.PERIOD, m.CRITICAL):
        return ngettext("%(n)s day", "%(n)s days", int(value)) % {"n": int(value)}
    if key == m.ISSUES:
        return fmt.number(value, 2)
    return fmt.percent(value, 1 if key == m.SATISFACTION else 3)


def _target(key: str, value: float) -> str:
    if key in (m.PERIOD, m.CRITICAL):
        return ngettext("%(n)s day", "%(n)s days", int(value)) % {"n": int(value)}
    if key == m.ISSUES:
        return _("at most %(n)s") % {"n": fmt.number(value, 2)}
    return _("at least %(n)s") % {"n": fmt.percent(value, 1 if key == m.SATISFACTION else 3)}


def class_chart(hypercare: Hypercare):
    """How many early issues were of each class; those without one are a bar of their own."""
    counts = dict(hypercare.classes.order_by().values_list("kind").annotate(Count("pk")))
    total = early_issues(hypercare).count()
    open_ones = max(0, total - sum(counts.values()))
    names = [str(label) for _value, label in IssueClass.Kind.choices] + [_("Not classed")]
    values: list[float | None] = [float(counts.get(value, 0)) for value in IssueClass.Kind.values]
    return bar_chart(
        id="early-classes",
        title=_("What early issues were about"),
        description=_("%(n)s issues since the start, %(open)s of them not classed.") % {"n": total, "open": open_ones},
        categories=names,
        series=[Bars(name=_("Issues"), values=[*values, float(open_ones)])],
        form=lambda value: f"{value:.0f}",
        x_label=_("Class"),
    )
