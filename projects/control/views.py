"""Control of the schedule: the forecasts side by side, and the trend of the milestones."""

from itertools import pairwise

from django import forms
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission as P
from pmdm.charts.dates import Expected, date_trend
from pmdm.kpis import figures
from pmdm.ui import format as fmt
from projects.control.changes import path_change
from projects.control.forecast import Forecasts
from projects.control.milestones import MOST, MilestoneTrend
from projects.control.on_time import first_and_current, milestones_on_time, projects_on_time
from projects.control.pages import frame
from projects.control.words import words
from projects.lifecycle.access import project_view
from projects.schedule.localtime import to_wall


class DayForm(forms.Form):
    """As of which past day to tell how many were on time."""

    day = forms.DateField(label=gettext_lazy("As of"), required=False, widget=forms.DateInput)

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("Choose today or a day before: what lies ahead is a forecast."))
        if day and day.year < 1990:
            raise forms.ValidationError(_("Choose a day since 1990."))
        return day


@project_view(read=P.PROJECT_KPI_VIEW)
def control(request, project):
    """When will it be done: three answers with what each takes for granted; how late it is, asked in several ways."""
    forecasts = Forecasts(project)
    form = DayForm(request.GET if "day" in request.GET else None)
    day = form.cleaned_data["day"] if form.is_bound and form.is_valid() else None
    day = day or timezone.localdate()
    if not form.is_bound:
        form = DayForm(initial={"day": day})
    first, current = first_and_current(project)
    finish = forecasts.path_finish
    simulation = project.simulations.first()
    on_time = milestones_on_time(project, day)
    good, known = projects_on_time(request.user, day)
    kpis = {one.kpi.code: one for one in figures.for_subject("project", project.pk, can=request.can)}
    context = {
        **frame(project, "control"),
        "change": path_change(project),
        "forecasts": forecasts,
        "ways": _ways(project, forecasts, simulation, current),
        "shares": forecasts.shares,
        "trend": _trend(project, forecasts),
        "first": first,
        "current": current,
        "first_days": forecasts.days_between(to_wall(first.finish, project) if first else None, finish),
        "current_days": forecasts.days_between(to_wall(current.finish, project) if current else None, finish),
        "kpi": [kpis[code] for code in ("on_time", "on_time_forecast") if code in kpis],
        "form": form,
        "day": day,
        "on_time": on_time,
        "projects_on_time": good,
        "projects_known": known,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "projects/control/control.html", context, status=status)


def _ways(project, forecasts, simulation, current) -> list[dict]:
    """The answers, each with its finish (or why there is none), its distance from the baseline and its assumption."""
    due = to_wall(current.finish, project) if current else None

    def way(name, finish, why, assumes, url="", note=""):
        return {
            "name": name,
            "finish": finish,
            "why": why,
            "assumes": assumes,
            "days": forecasts.days_between(due, finish),
            "url": url,
            "note": note,
        }

    earned = forecasts.earned
    pace = ""
    if earned and earned.spi is not None:
        pace = _("SPI(t) %(spi)s: %(es)s of %(at)s working days earned, %(pd)s planned") % {
            "spi": fmt.number(earned.spi, 2),
            "es": fmt.number(earned.es, 1),
            "at": fmt.number(earned.at, 1),
            "pd": fmt.number(earned.pd, 1),
        }
        if earned.tspi is not None:
            pace += _("; from now on %(tspi)s would be needed to keep the plan") % {"tspi": fmt.number(earned.tspi, 2)}
    url = reverse("projects:simulation", args=[project.code])
    no_run = _("No simulation has been run yet.")
    ways = [
        way(
            _("Earned schedule"),
            forecasts.earned_finish,
            forecasts.earned_why,
            _("What is left goes at the pace so far. Work on any task counts, on the critical path or not."),
            note=pace,
        ),
        way(
            _("Critical path"),
            forecasts.path_finish,
            _("The plan has no computed date yet."),
            _("What is left takes as long as planned, in the order of its links. Nothing more goes wrong."),
            reverse("projects:schedule", args=[project.code]),
        ),
    ]
    for name, field, chance in ((_("Simulation, P50"), "p50", 50), (_("Simulation, P80"), "p80", 80)):
        ways.append(
            way(
                name,
                to_wall(getattr(simulation, field), project) if simulation else None,
                no_run,
                _("What is left varies within its estimates, independently; done by then in %(n)d of 100 runs.")
                % {"n": chance},
                url,
                _("as of %(day)s") % {"day": fmt.day(simulation.as_of)} if simulation else "",
            )
        )
    return ways


def _trend(project, forecasts):
    """How the forecasts themselves moved, week by week."""
    weeks = forecasts.trend
    today = to_wall(forecasts.now, project).date()  # type: ignore[union-attr]

    def line(name, points, now):
        if now is not None and forecasts.finished is None:
            points = [*[point for point in points if point[0] != today], (today, now.date())]
        return Expected(name=name, points=points, value=fmt.day(points[-1][1]) if points else "")

    simulated = [
        (to_wall(row.as_of, project).date(), to_wall(row.p80, project).date())  # type: ignore[union-attr]
        for row in project.simulations.order_by("as_of").only("as_of", "p80")
    ]
    series = [
        line(
            _("Critical path"),
            [(week.day, week.planned.date()) for week in weeks if week.planned],
            forecasts.path_finish,
        ),
        line(
            _("Earned schedule"),
            [(week.day, week.earned.date()) for week in weeks if week.earned],
            forecasts.earned_finish,
        ),
        Expected(name=_("Simulation, P80"), points=simulated, value=fmt.day(simulated[-1][1]) if simulated else ""),
    ]
    marks = [
        (after.day, _("New baseline"))
        for before, after in pairwise(weeks)
        if before.baseline_id and after.baseline_id and before.baseline_id != after.baseline_id
    ]
    return date_trend(
        id="forecast-trend",
        title=_("How the forecasts moved"),
        description=_forecast_sentence(weeks, forecasts),
        series=[one for one in series if one.points],
        form=fmt.day,
        x_label=_("Week ending"),
        reached_label=_("Today's date"),
        marks=marks,
        words=words(),
    )


def _forecast_sentence(weeks, forecasts) -> str:
    known = [week for week in weeks if week.planned]
    if not known:
        return _("No week has been kept yet: the first stands here at the end of this week.")
    days = forecasts.days_between(known[0].planned, forecasts.path_finish)
    if not days:
        return _("Since %(day)s the finish by the critical path has come back to where it was.") % {
            "day": fmt.day(known[0].day)
        }
    text = (
        _("Since %(day)s the finish by the critical path has moved %(days)s working days later.")
        if days > 0
        else _("Since %(day)s the finish by the critical path has moved %(days)s working days earlier.")
    )
    return text % {"day": fmt.day(known[0].day), "days": fmt.number(abs(days))}


@project_view(read=P.PROJECT_KPI_VIEW)
def milestone_trend(request, project):
    """Report dates against forecast dates: ?m=uid chooses, again and again."""
    chosen = {int(text) for text in request.GET.getlist("m")[: 4 * MOST] if text.isdecimal() and len(text) < 10}
    trend = MilestoneTrend(project, chosen)
    shown = {one.uid for one in trend.shown if one.points}
    context = {
        **frame(project, "milestones"),
        "trend": trend,
        "figure": trend.figure(),
        "shown": shown,
        "rows": trend.milestones,
        "most": MOST,
    }
    return render(request, "projects/control/milestones.html", context)
