"""The spend-down and the cash curve, drawn and in numbers."""

import datetime

from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.charts.lines import Line, line_chart
from pmdm.ui import format as fmt
from projects.budget.curve import Curve, curve
from projects.budget.engine import next_month
from projects.lifecycle.access import project_view


@project_view(read=P.COST_VIEW)
def budget_curve(request, project):
    today = timezone.localdate()
    found = curve(project, today)
    context = {
        "project": project,
        "tab": "budget",
        "curve": found,
        "figures": _figures(found, project, today) if found.money.categories else [],
        "this_month": today.replace(day=1),
        "sentence": _sentence(found, project),
    }
    return render(request, "projects/budget/curve.html", context)


def _figures(found: Curve, project, today):
    def short(amount):
        return fmt.short_money(amount, project.currency)

    ends = [(_end(row.month), row) for row in found.months]
    actual = [(min(day, today), float(row.actual_so_far)) for day, row in ends if row.actual_so_far is not None]
    forecast = [(day, float(row.forecast_so_far)) for day, row in ends if row.forecast_so_far is not None]
    if actual and forecast:
        forecast = [actual[-1], *(point for point in forecast if point[0] > actual[-1][0])]
    approved = found.money.approved
    reference = (float(approved), _("Approved %(amount)s") % {"amount": short(approved)}) if approved else None
    yield line_chart(
        id="cash",
        title=_("Cash curve"),
        description=_sentence(found, project),
        lines=[
            Line(
                name=_("Planned"),
                points=[(day, float(row.planned_so_far)) for day, row in ends],
                colour="plan",
                stroke="dotted",
            ),
            Line(name=_("Spent"), points=actual, colour="cost"),
            Line(name=_("Forecast"), points=forecast, colour="cost", stroke="dashed"),
        ],
        form=short,
        x_label=_("Up to"),
        reference=reference,
        today=today,
        smooth=False,
    )
    if approved:
        yield line_chart(
            id="spend-down",
            title=_("Spend-down"),
            description=_("What is left of the approved budget, as planned, so far and as forecast."),
            lines=[
                Line(
                    name=_("Planned"),
                    points=[(day, float(approved - row.planned_so_far)) for day, row in ends],
                    colour="plan",
                    stroke="dotted",
                ),
                Line(name=_("Left"), points=[(day, float(approved) - value) for day, value in actual]),
                Line(
                    name=_("Forecast"),
                    points=[(day, float(approved) - value) for day, value in forecast],
                    stroke="dashed",
                ),
            ],
            form=short,
            x_label=_("Up to"),
            today=today,
            smooth=False,
        )


def _sentence(found: Curve, project) -> str:
    def money(amount):
        return fmt.money(amount, project.currency)

    total = found.money.total
    if total.accrued:
        said = _(
            "%(spent)s paid, %(accrued)s received and not invoiced, %(ordered)s ordered, %(forecast)s forecast in all"
            " against %(planned)s planned."
        )
    else:
        said = _("%(spent)s spent, %(ordered)s ordered, %(forecast)s forecast in all against %(planned)s planned.")
    return said % {
        "spent": money(total.invoiced),
        "accrued": money(total.accrued),
        "ordered": money(total.committed),
        "forecast": money(total.forecast),
        "planned": money(total.planned),
    }


def _end(month: datetime.date) -> datetime.date:
    return next_month(month) - datetime.timedelta(days=1)
