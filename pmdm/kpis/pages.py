"""'Open the numbers': what the pages of one figure show. The views live in the apps, with their permissions."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.access import may_on_site
from pmdm.accounts.roles import Permission
from pmdm.charts.lines import Line, line_chart
from pmdm.kpis import figures, registry
from pmdm.kpis.figures import Figure
from pmdm.kpis.models import Status, Threshold
from pmdm.ui import format as fmt
from pmdm.ui.parts import WORDS, Text

# Beyond half a year one value a week draws the same line.
DAILY = 180
DUE_FROM = {"baseline": gettext_lazy("Schedule baseline"), "target": gettext_lazy("Charter's target")}


@dataclass(frozen=True)
class Limit:
    """One light and when it shows."""

    status: str
    when: Text

    @property
    def word(self):
        return WORDS[self.status]


def list_context(kind: str, subject, can) -> dict[str, Any]:
    """All figures of a subject that the reader may see."""
    return {"figures": figures.for_subject(kind, subject.pk, can=can)}


def past_context(kind: str, subject, day: datetime.date, can) -> dict[str, Any]:
    """What the list shows as of a past day: what that night's snapshot kept, or the last before it."""
    shown = figures.on_day(kind, subject.pk, subject.code, day, can=can)
    return {"figures": shown, "taken": shown[0].as_of if shown else None}


def figure_context(kind: str, subject, code: str, request) -> dict[str, Any]:
    """One figure with all it came from. 404 for an unknown one, 403 for money without the permission."""
    try:
        kpi = registry.get(kind, code)
    except KeyError:
        raise Http404(f"No figure called {code!r}.")
    if kpi.permission and kpi.permission not in request.can:
        raise PermissionDenied
    shown = figures.for_subject(kind, subject.pk, can=request.can, history=False)
    figure = next(figure for figure in shown if figure.kpi.code == code)
    threshold = Threshold.objects.filter(kpi=code).first()
    return {
        "figure": figure,
        "others": shown,
        "inputs": inputs(figure),
        "limits": limits(kpi, threshold),
        "judged": number_in(kpi.judged_unit, figure.judged) if kpi.judged_key else "",
        "target": figures.show_target(figure),
        "chart": history_chart(kind, subject.pk, figure),
        "table": kpi.rows(subject, figure.inputs) if kpi.rows else None,
        "may_set": may_on_site(request.user, Permission.SITE_KPIS),
    }


def inputs(figure: Figure) -> list[tuple[Text, str]]:
    """What the value came from, in the order of the KPI's labels."""
    kpi = figure.kpi
    return [
        (label, _shown(kpi.formats.get(key, ""), figure.inputs[key], figure.inputs))
        for key, label in kpi.labels.items()
        if key in figure.inputs
    ]


def _day(value: str) -> str:
    return fmt.day(datetime.date.fromisoformat(value))


FORMATS: dict[str, Callable[[Any], str]] = {
    "": lambda value: str(DUE_FROM.get(value, value)) if isinstance(value, str) else fmt.number(value),
    "day": _day,
    "text": str,
    "yes": lambda value: _("Yes") if value else _("No"),
    "hours": lambda value: _("%(n)s h") % {"n": fmt.number(Decimal(value) / 60, 1)},
    "number1": lambda value: fmt.number(value, 1),
    "number2": lambda value: fmt.number(value, 2),
    "percent1": lambda value: fmt.percent(value, 1),
    "percent2": lambda value: fmt.percent(value, 2),
}


def _shown(form: str, value: Any, every: Mapping[str, Any]) -> str:
    if value is None:
        return fmt.DASH
    if form == "money":
        return fmt.money(value, every.get("currency", ""), 2)
    return FORMATS[form](value)


def number_in(unit: Text, value: Decimal | None) -> str:
    """A number with a unit of thresholds: '7.5 %', '3 points'."""
    if value is None:
        return fmt.DASH
    text = fmt.number(value)
    return f"{text}{unit if unit == '%' else f'{fmt.NBSP}{unit}'}" if unit else text


def limits(kpi: registry.Kpi, threshold: Threshold | None) -> list[Limit]:
    """When the figure is green, amber and red, in words."""
    edited = threshold or kpi
    unit = kpi.judged_unit or ("%" if kpi.unit == "%" else "")
    watch, act = number_in(unit, edited.watch), number_in(unit, edited.act)
    if kpi.higher_is_better:
        return [
            Limit(Status.OK, _("%(watch)s or more") % {"watch": watch}),
            Limit(Status.WATCH, _("less than %(watch)s") % {"watch": watch}),
            Limit(Status.ACT, _("less than %(act)s") % {"act": act}),
        ]
    return [
        Limit(Status.OK, _("up to %(watch)s") % {"watch": watch}),
        Limit(Status.WATCH, _("more than %(watch)s") % {"watch": watch}),
        Limit(Status.ACT, _("more than %(act)s") % {"act": act}),
    ]


def history_chart(kind: str, subject_id: int, figure: Figure):
    """The figure's snapshots as a line, with today's value at its end; None before there are two."""
    kept = [(day, value) for day, value, _status in figures.history(kind, subject_id, figure.kpi.code)]
    if figure.number is not None and figure.as_of and (not kept or kept[-1][0] < figure.as_of.date()):
        kept.append((figure.as_of.date(), figure.number))
    last = kept[-1][0] if kept else datetime.date.max
    points = [
        (day, None if value is None else float(value))
        for day, value in kept
        if (last - day).days <= DAILY or day.weekday() == last.weekday()
    ]
    known = [value for _day, value in points if value is not None]
    if len(known) < 2:
        return None
    target = None if figure.target is None else float(figure.target)
    # Far from the axis' zero a line shows more when the axis starts near it.
    low = None if min(known) > 0.4 * max(known) else 0.0
    return line_chart(
        id="history",
        title=_("History"),
        description=_("%(name)s from %(first)s to %(last)s: %(low)s at the lowest, %(high)s at the highest.")
        % {
            "name": figure.kpi.name,
            "first": fmt.day(points[0][0]),
            "last": fmt.day(points[-1][0]),
            "low": _axis(figure)(min(known)),
            "high": _axis(figure)(max(known)),
        },
        lines=[Line(name=str(figure.kpi.name), points=points, area=low is not None, in_legend=False)],
        form=_axis(figure),
        x_label=_("Day"),
        reference=None if target is None else (target, _("Target %(n)s") % {"n": _axis(figure)(target)}),
        low=low,
        smooth=False,
    )


def _axis(figure: Figure) -> Callable[[float], str]:
    unit = "%" if figure.kpi.unit == "%" else ""
    return lambda value: fmt.number(value) + unit
