"""CPI, SPI, SPI(t) and TCPI as KPIs: the same reading as the page of earned value and ``manage.py evm``.

Working time needs each project's calendar, so these are computed in Python, set-based, and stored by the statement
that stores all figures. They move with the project's data and, since they are measured at the end of a day, by the day.
"""

import datetime
import json
from collections.abc import Iterator
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission
from pmdm.kpis.registry import Computed, Given, Kpi
from pmdm.kpis.tables import Cell, Table
from pmdm.ui import format as fmt
from projects.budget.engine.evm import Measure, Missing
from projects.control.engine import Missing as NoSchedule
from projects.earned_value.publishing import number
from projects.earned_value.reading import (
    BASELINE_GONE,
    NO_BASELINE,
    NO_WORTH,
    Cut,
    Reading,
    cut_of,
    read,
    read_one,
)
from projects.earned_value.words import WHY, light
from projects.kpis.rows import LIMIT, link
from projects.models import Closure, Project

AT_ONCE = 300  # projects read together

WHOLE = {"no_ev_baseline": NO_BASELINE, "ev_baseline_gone": BASELINE_GONE, "no_worth": NO_WORTH}
REASONS = {
    **WHOLE,
    **{missing.name.lower(): WHY[missing] for missing in (*Missing, *NoSchedule)},
    "cancelled": gettext_lazy("The project was cancelled."),
    "not_recorded": gettext_lazy("It was not recorded when the project was closed."),
    "unpriced": gettext_lazy("Some booked hours have no rate; they are not in it."),
}


def compute(ids: list[int] | None, now: datetime.datetime, past: bool) -> Iterator[Given]:
    """All four of each project; closed ones as they were frozen."""
    projects = Project.objects.filter(created_at__lte=now).select_related("calendar").order_by("pk")
    if ids is not None:
        projects = projects.filter(pk__in=ids)
    frozen = dict(
        Closure.objects.filter(
            project__in=projects, project__state=Project.State.CLOSED, closed_at__lte=now
        ).values_list("project", "result")
    )
    for pk, result in frozen.items():
        yield from _frozen(pk, result)
    live = [project for project in projects if project.pk not in frozen]
    for start in range(0, len(live), AT_ONCE):
        cuts = [_cut(project, now, past) for project in live[start : start + AT_ONCE]]
        for reading in read(cuts).values():
            yield from _figures(reading)


def _cut(project: Project, now: datetime.datetime, past: bool) -> Cut:
    """At the status date, as all that is there says; for a day long past as the audit trail says."""
    return cut_of(project, now.date(), now=timezone.now()) if past else cut_of(project, now=now)


def _frozen(pk: int, result: dict) -> Iterator[Given]:
    for kpi in KPIS:
        kept = result.get(kpi.code) or {}
        value = kept.get("value")
        yield Given(
            subject_id=pk,
            kpi=kpi.code,
            value=None if value is None else Decimal(str(value)),
            status=kept.get("status", "na"),
            reason=kept.get("reason", "") or ("not_recorded" if value is None else ""),
            inputs=json.dumps(kept.get("inputs", {})),
        )


def _figures(reading: Reading) -> Iterator[Given]:
    project, value, schedule = reading.project, reading.total, reading.schedule
    told = {
        "day": reading.cut.day.isoformat(),
        "baseline": reading.baseline and (reading.baseline["name"] or str(reading.baseline["number"])),
        "basis": str(reading.basis.value),
        **{name: number(getattr(value, name)) for name in ("pv", "ev", "ac", "bac")},
        "accrued": number(reading.accrued),
        "currency": project.currency,
        "unpriced_minutes": reading.unpriced,
    }
    cancelled = project.state == Project.State.CANCELLED
    why = "cancelled" if cancelled else next((code for code, text in WHOLE.items() if text is reading.why), "")
    gap = value.tcpi_bac.value - value.cpi.value if value.tcpi_bac.value is not None and value.cpi.value else None
    times = (
        {"es": number(round(schedule.es, 4)), "at": number(round(schedule.at, 4))}
        if schedule and schedule.es is not None and schedule.at is not None
        else {}
    )
    spi_t = Measure(None)
    if schedule is not None:
        spi_t = Measure(None if schedule.spi is None else Decimal(repr(schedule.spi)))
    indices = {
        "cpi": (value.cpi, value.cpi.why, {}),
        "spi": (value.spi, value.spi.why, {}),
        "spi_t": (spi_t, schedule.why if schedule else None, times),
        "tcpi": (value.tcpi_bac, value.tcpi_bac.why, {"cpi": number(value.cpi.value), "gap": number(gap)}),
    }
    for code, (measure, missing, more) in indices.items():
        found = None if why else measure.value
        reason = why or (missing.name.lower() if missing and found is None else "")
        if found is not None and reading.unpriced and code in ("cpi", "tcpi"):
            reason = "unpriced"
        judged = (gap if code == "tcpi" else found) if found is not None else None
        yield Given(
            subject_id=project.pk,
            kpi=code,
            value=found,
            judged=judged,
            # A project that has its own limits is judged by them.
            status=str(light(found, reading.limits(code)).value) if reading.own_limits and code != "tcpi" else None,
            reason=reason or ("" if found is not None else "no_worth"),
            inputs=json.dumps(told | more),
        )


EARNED = Computed("earned value", compute=compute)


def rows(project, inputs) -> Table:
    """Tasks of the baseline with what was planned, earned and spent: those furthest over their cost first."""
    reading = read_one(project)
    leaves = sorted(reading.leaves, key=lambda leaf: (leaf.ev - leaf.ac, leaf.number))
    url = link("earned-value", project.code)

    def cells(*amounts):
        return [Cell(fmt.money(amount, project.currency), number=True) for amount in amounts]

    table = [
        [Cell(f"{leaf.wbs} {leaf.name}", url=url), *cells(leaf.bac, leaf.pv, leaf.ev, leaf.ac)]
        for leaf in leaves[:LIMIT]
    ]
    apart = reading.total.ac - sum((leaf.ac for leaf in reading.leaves), Decimal(0))
    if apart:
        dashes = [Cell(fmt.DASH, number=True)] * 3
        table.append([Cell(_("On summaries, and on no task")), *dashes, *cells(apart)])
    return Table(
        title=_("Tasks of the baseline"),
        columns=[_("Task"), "BAC", "PV", "EV", "AC"],
        numbers=frozenset({1, 2, 3, 4}),
        rows=table,
        total=len(leaves) + bool(apart),
        more_url=url,
        empty=_("The baseline holds no task."),
    )


def _money(inputs, name):
    return fmt.short_money(inputs[name], inputs["currency"])


def say_cpi(value, inputs):
    return _("%(ev)s earned for %(ac)s") % {"ev": _money(inputs, "ev"), "ac": _money(inputs, "ac")}


def say_spi(value, inputs):
    return _("%(ev)s earned, %(pv)s planned by then") % {"ev": _money(inputs, "ev"), "pv": _money(inputs, "pv")}


def say_spi_t(value, inputs):
    return _("%(es)s of %(at)s working days earned") % {
        "es": fmt.number(inputs["es"], 1),
        "at": fmt.number(inputs["at"], 1),
    }


def say_tcpi(value, inputs):
    if inputs["cpi"] is None:
        return _("needed to end within the budget")
    return _("needed to end within the budget, %(cpi)s so far") % {"cpi": fmt.number(inputs["cpi"], 2)}


def _kpi(code: str, **values) -> Kpi:
    common = {
        "day": gettext_lazy("Measured at"),
        "baseline": gettext_lazy("Baseline"),
        "basis": gettext_lazy("Budget of the tasks from"),
        "pv": gettext_lazy("Planned value (PV)"),
        "ev": gettext_lazy("Earned value (EV)"),
        "ac": gettext_lazy("Actual cost (AC)"),
        "accrued": gettext_lazy("of it accrued"),
        "bac": gettext_lazy("Budget at completion (BAC)"),
        "currency": gettext_lazy("Currency"),
        "unpriced_minutes": gettext_lazy("Hours without a rate"),
    }
    formats = {
        "day": "day", "pv": "money", "ev": "money", "ac": "money", "accrued": "money", "bac": "money",
        "unpriced_minutes": "hours",
    }  # fmt: skip
    return Kpi(
        code=code,
        subject_type="project",
        statement=EARNED,
        unit="index",
        permission=Permission.COST_VIEW,
        headline=False,
        reasons=REASONS,
        labels=common | values.pop("labels", {}),
        formats=formats | values.pop("formats", {}),
        rows=rows,
        **values,
    )


_LIMITS = {"higher_is_better": True, "target": Decimal(1), "watch": Decimal("0.95"), "act": Decimal("0.90")}
KPIS = [
    _kpi(
        "cpi",
        name=gettext_lazy("Cost"),
        sub="CPI",
        description=gettext_lazy("What the work done is worth for each unit it cost."),
        formula=gettext_lazy(
            "CPI = EV ÷ AC at the status date (else the end of today): the budget of what is done ÷ booked time,"
            " expenses and accruals."
        ),
        source="Cost performance index: ANSI/PMI 19-006-2019 Standard for EVM; EIA-748",
        sentence=say_cpi,
        **_LIMITS,
    ),
    _kpi(
        "spi",
        name=gettext_lazy("Schedule"),
        sub="SPI",
        description=gettext_lazy("What of the work planned by now is done, by its budget."),
        formula=gettext_lazy(
            "SPI = EV ÷ PV at the status date (else the end of today), PV being the baseline's budget of the work due."
        ),
        source="Schedule performance index: ANSI/PMI 19-006-2019 Standard for EVM; EIA-748",
        sentence=say_spi,
        **_LIMITS,
    ),
    _kpi(
        "spi_t",
        name=gettext_lazy("Schedule"),
        sub="SPI(t)",
        description=gettext_lazy("How fast time is earned: it stays meaningful to the end, where SPI goes to one."),
        formula=gettext_lazy(
            "SPI(t) = ES ÷ AT in working days: the time by which the plan had earned what is earned now ÷ the time that"
            " has passed since the baseline's start."
        ),
        source="Earned schedule: W. Lipke, Schedule is different, 2003; PMI standard 2019",
        sentence=say_spi_t,
        labels={"es": gettext_lazy("Earned schedule, working days"), "at": gettext_lazy("Passed, working days")},
        formats={"es": "number1", "at": "number1"},
        **_LIMITS,
    ),
    _kpi(
        "tcpi",
        name=gettext_lazy("To perform"),
        sub="TCPI",
        description=gettext_lazy("The cost efficiency that the rest of the work needs to end within the budget."),
        formula=gettext_lazy("TCPI = (BAC − EV) ÷ (BAC − AC). A target far above what was reached so far is doubtful."),
        source="To-complete performance index: ANSI/PMI 19-006-2019; TCPI − CPI > 0.10: US DoD rule of thumb",
        higher_is_better=False,
        target=Decimal(1),
        watch=Decimal("0.05"),
        act=Decimal("0.10"),
        judged=gettext_lazy("How far TCPI is above CPI"),
        judged_key="gap",
        sentence=say_tcpi,
        labels={"cpi": gettext_lazy("CPI so far"), "gap": gettext_lazy("TCPI less CPI")},
        formats={"cpi": "number2", "gap": "number2"},
    ),
]
