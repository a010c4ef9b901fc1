"""Monte Carlo: run it, and read what it says. The last result is the page; earlier ones stay as they were."""

import datetime
import secrets

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission as P
from pmdm.charts.bars import Bars, bar_chart, histogram
from pmdm.charts.lines import Line, line_chart
from pmdm.charts.scale import ordinal
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui import format as fmt
from projects.control import simulation as simulations
from projects.control.estimates import settings_of
from projects.control.fingerprint import plan_hash
from projects.control.pages import frame
from projects.control.words import words
from projects.lifecycle.access import project_view
from projects.schedule.localtime import to_wall

LISTED = 100  # tasks in the table
BARS = 12
EARLIER = 20
MAX_SEED = 2**53  # what a browser's number field can hold exactly


class RunForm(forms.Form):
    runs = forms.IntegerField(
        label=gettext_lazy("Runs"),
        min_value=simulations.FEWEST,
        max_value=simulations.MOST,
        initial=simulations.USUAL,
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        min_value=0,
        max_value=MAX_SEED,
        required=False,
    )


@project_view(read=P.PROJECT_KPI_VIEW, write=P.SCHEDULE_EDIT)
def simulation(request, project):
    """GET: the last result. POST: ask for a new one, which a worker computes."""
    form = RunForm(request.POST or None)
    status = None
    if request.method == "POST":
        work = None

        def start():
            nonlocal work
            seed = form.cleaned_data["seed"]
            work = simulations.ask(
                project,
                by=request.user,
                runs=form.cleaned_data["runs"],
                seed=secrets.randbelow(2**31) if seed is None else seed,
            )

        status = attempt(form, start)
        if status == SAVED:
            return redirect(work)
    return _page(request, project, project.simulations.first(), form=form, status=status)


@project_view(read=P.PROJECT_KPI_VIEW)
def simulation_detail(request, project, number):
    """An earlier result, as it was."""
    row = get_object_or_404(project.simulations, number=number)
    return _page(request, project, row)


def _page(request, project, row, *, form=None, status=None):
    writable = request.can["schedule_edit"] and not project.locked_reason
    if form is not None and not form.is_bound and row is not None:
        form = RunForm(initial={"runs": row.runs})
    try:
        ready = simulations.obstacle(project)
    except ValidationError as error:
        ready = error.messages[0]
    context = {
        **frame(project, "simulation"),
        "row": row,
        "form": form if writable else None,
        "obstacle": ready,
        "running": simulations.running(project, request.user),
        "settings": settings_of(project),
        "estimated": project.estimates.count(),
        "earlier": project.simulations.exclude(pk=row.pk)[:EARLIER] if row else [],
    }
    if row is not None:
        row.project = project
        tasks = list(row.tasks.order_by("-criticality", "-ssi", "number")[:LISTED])
        known = set(project.tasks.filter(uid__in=[task.uid for task in tasks]).values_list("uid", flat=True))
        context |= {
            "tasks": [(task, task.uid in known, 100 * task.criticality) for task in tasks],
            "more_tasks": max(row.tasks.count() - LISTED, 0),
            "stale": row.plan_hash != plan_hash(project),
            "dates": [(name, to_wall(getattr(row, field), project)) for name, field in _DATES],
            "deterministic": to_wall(row.deterministic, project),
            "sentences": _sentences(row, project),
            "histogram": _histogram(row, project),
            "curve": _curve(row, project),
            "bars": _bars(tasks),
        }
    return render(request, "projects/control/simulation.html", context, status=status)


_DATES = [("P50", "p50"), ("P80", "p80"), ("P90", "p90")]


def _sentences(row, project) -> list[str]:
    """What the result means, in words."""
    plan, p50, p80 = (to_wall(value, project) for value in (row.deterministic, row.p50, row.p80))
    said = [
        _("The plan's own finish, %(day)s, is kept in %(share)s of the runs.")
        % {"day": fmt.day(plan), "share": fmt.ratio(row.probability)},
        _("With P80 (%(p80)s) the contingency is %(days)s days after the plan and %(more)s after P50 (%(p50)s).")
        % {
            "p80": fmt.day(p80),
            "p50": fmt.day(p50),
            "days": (p80.date() - plan.date()).days,
            "more": (p80.date() - p50.date()).days,
        },
    ]
    bias = row.merge_bias_days
    if bias is not None and bias >= 0.05:
        said.append(
            _(
                "Merge bias: where paths meet, the latest one decides, and some path is nearly always late. That alone"
                " makes the mean finish %(days)s working days later than the means of the tasks add up to."
            )
            % {"days": fmt.number(round(bias, 1))}
        )
    elif bias is not None:
        said.append(_("Merge bias is negligible: one path decides the finish in nearly every run."))
    return said


def _day(value: float) -> str:
    return fmt.day(datetime.date.fromordinal(round(value)))


def _histogram(row, project):
    marks = [(ordinal(to_wall(row.deterministic, project)), _("Plan"))]
    marks += [(ordinal(to_wall(getattr(row, field), project)), name) for name, field in _DATES]
    low, high = row.histogram[0][0], row.histogram[-1][1]
    return histogram(
        id="finish-histogram",
        title=_("When the runs finish"),
        description=_("%(runs)s runs, from %(low)s to %(high)s.")
        % {"runs": fmt.number(row.runs), "low": _day(low), "high": _day(high)},
        bins=[(low, high, count) for low, high, count in row.histogram],
        x_form=_day,
        x_label=_("Finish"),
        y_label=_("Runs"),
        marks=[(at, label) for at, label in marks if low <= at <= high],
    )


def _curve(row, project):
    points = [
        (to_wall(datetime.datetime.fromisoformat(instant), project).date(), percent) for percent, instant in row.curve
    ]
    # Of several percentages on one day the highest holds for it.
    by_day = dict(sorted(points))
    return line_chart(
        id="finish-curve",
        title=_("Chance to be done by a day"),
        description=_("Half of the runs are done by %(p50)s, eight of ten by %(p80)s, nine of ten by %(p90)s.")
        % {field: fmt.day(to_wall(getattr(row, field), project)) for _name, field in _DATES},
        lines=[Line(name=_("Done by then"), points=sorted(by_day.items()), area=True)],
        form=lambda value: fmt.percent(value),
        x_label=_("Day"),
        reference=(80, "P80"),
        high=100,
        smooth=False,
        words=words(),
    )


def _bars(tasks):
    shown = [task for task in tasks if task.criticality > 0][:BARS]
    return bar_chart(
        id="criticality",
        title=_("Criticality index"),
        description=_("How often each task lay on the critical path; the numbers are those of the plan's rows.")
        if shown
        else _("No unfinished task was critical in any run."),
        categories=[str(task.number) for task in shown],
        series=[Bars(name=_("Share of runs"), values=[100 * task.criticality for task in shown])],
        form=lambda value: fmt.percent(value),
        x_label=_("Task"),
    )
