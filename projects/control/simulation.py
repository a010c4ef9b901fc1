"""A Monte Carlo simulation of a plan: asked for by a person, done by a worker, stored whole and never changed.

The engine varies what is left within its estimates and computes the network each time; here the plan is read, the
estimates are put beside its tasks and the result is written. One simulation of a project at a time.
"""

import datetime
from collections.abc import Hashable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.jobs import work as long_work
from pmdm.jobs.models import Work
from pmdm.registers.editing import FIRST
from pmdm.worktime.engine import OutOfRange
from projects.control.estimates import settings_of
from projects.control.fingerprint import plan_hash
from projects.lifecycle.crumbs import to_schedule
from projects.lifecycle.models import Project
from projects.lifecycle.standing import while_open
from projects.models import Simulation, SimulationSettings, SimulationTask, TaskEstimate
from projects.schedule import engine
from projects.schedule.localtime import to_instant, to_wall
from projects.schedule.plan import Plan

KIND = "plan.simulate"
FEWEST, USUAL, MOST = 100, 10_000, 50_000


def obstacle(project) -> str:
    """Why this plan can't be simulated now; '' when it can."""
    if not project.tasks.filter(is_summary=False, is_active=True).exists():
        return _("There is no plan to simulate yet.")
    if not project.tasks.filter(is_summary=False, is_active=True, percent__lt=100, duration__gt=0).exists():
        return _("Nothing is left that could vary: every task with a duration is done.")
    return ""


def running(project, user=None) -> Work | None:
    """The simulation of this project that waits or is being computed."""
    return Work.objects.filter(
        kind=KIND, payload__project=project.pk, state__in=[Work.State.WAITING, Work.State.RUNNING]
    ).first()


@while_open
def ask(project, *, by, runs: int, seed: int) -> Work:
    """Ask for one; ValidationError while another one of this project is not done yet."""
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    if why := obstacle(project):
        raise ValidationError(why, code="nothing to vary")
    if running(project):
        raise ValidationError(
            _("A simulation of this plan is being computed already; wait until it is done."), code=FIRST
        )
    payload = {"project": project.pk, "runs": runs, "seed": seed}
    title = _("Simulation of %(project)s") % {"project": project.name[:150]}
    return long_work.start(KIND, title, payload, by=by, crumbs=to_schedule(project))


def run(project, *, by, runs: int, seed: int, at: datetime.datetime | None = None, report=None) -> Simulation:
    """Simulate the plan as it is stored and keep the result. ValidationError when the plan can't be computed."""
    report = report or (lambda percent, step="": None)
    if why := obstacle(project):
        raise ValidationError(why, code="nothing to vary")
    report(2, _("Reading the plan"))
    plan, mark = _read(project)
    usual = settings_of(project)
    estimates, own = _estimates(plan, usual)

    def told(done: int, all_runs: int) -> None:
        report(5 + round(85 * done / all_runs), _("%(done)s of %(all)s runs") % {"done": done, "all": all_runs})

    try:
        result = engine.simulate(
            plan.network(),
            _start(plan),
            plan.calendar,
            estimates,
            runs=runs,
            seed=seed,
            status_date=to_wall(plan.project.status_date, plan.project),
            honour_constraints=plan.settings.honour_constraints,
            progress=told,
        )
    except engine.NetworkError as error:
        raise ValidationError(error.problems, code="network")
    except OutOfRange as error:
        raise ValidationError(_("A run leaves the years that can be computed: %(why)s") % {"why": error}, code="range")
    report(92, _("Keeping the result"))
    return _keep(plan, result, by=by, mark=mark, usual=usual, own=own, at=at or timezone.now())


@long_work.does(KIND)
def _work(report, payload):
    project = Project.objects.filter(pk=payload["project"]).first()
    if project is None:
        raise long_work.Refused(_("The project is gone."))
    asked = Work.objects.filter(kind=KIND, payload=payload, state=Work.State.RUNNING).order_by("-pk").first()
    try:
        run(
            project,
            by=asked.asked_by if asked else None,
            runs=payload["runs"],
            seed=payload["seed"],
            report=report,
        )
    except ValidationError as error:
        raise long_work.Refused(" ".join(error.messages))
    return {"url": reverse("projects:simulation", args=[project.code])}


def _read(project) -> tuple[Plan, str]:
    """The plan and its hash, both of one state. Not locked: the runs take long, and people go on editing."""
    for _attempt in range(3):
        mark = plan_hash(project)
        plan = Plan(Project.objects.select_related("calendar").get(pk=project.pk))
        if plan_hash(project) == mark:
            return plan, mark
    raise ValidationError(_("The plan is being changed all the time; try again in a moment."), code="busy")


def _start(plan: Plan) -> datetime.datetime:
    """A plan that is set backwards from its finish begins where it was computed to begin."""
    if plan.settings.from_finish and plan.project.computed_start:
        wall = to_wall(plan.project.computed_start, plan.project)
        assert wall is not None
        return wall
    return plan.start()


def _estimates(plan: Plan, usual: SimulationSettings) -> tuple[dict[Hashable, engine.Estimate], int]:
    """What may vary: each unfinished task by its own estimate, else by the default; and how many have their own.

    Where the most likely duration is left to the plan, and the plan has left the estimate since, the nearer end counts.
    """
    stored = {row.task_id: row for row in TaskEstimate.objects.filter(project=plan.project).order_by()}
    found: dict[Hashable, engine.Estimate] = {}
    own = 0
    for row in plan.rows:
        if row.is_summary or not row.is_active or row.percent == 100 or not row.duration:
            continue
        estimate = stored.get(row.id)
        if estimate is not None:
            own += 1
            low, high, shape = estimate.optimistic, estimate.pessimistic, estimate.shape
            likely = row.duration if estimate.likely is None else estimate.likely
            found[row.id] = engine.Estimate(low, min(max(likely, low), high), high, engine.Shape(shape))
        else:
            found[row.id] = engine.Estimate(
                row.duration * (100 + usual.low) / 100,
                row.duration,
                row.duration * (100 + usual.high) / 100,
                engine.Shape(usual.shape),
            )
    return found, own


@transaction.atomic
def _keep(plan: Plan, result: engine.Simulation, *, by, mark, usual, own, at) -> Simulation:
    project = Project.objects.select_for_update(of=("self",)).get(pk=plan.project.pk)
    last = project.simulations.aggregate(last=Max("number"))["last"] or 0
    per_day = project.minutes_per_day

    def instant(wall: datetime.datetime) -> datetime.datetime:
        value = to_instant(wall, project)
        assert value is not None
        return value

    mean = plan.calendar.add(result.deterministic, round(result.mean_offset_minutes))
    kept = Simulation.objects.create(
        project=project,
        number=last + 1,
        seed=result.seed,
        runs=result.runs,
        as_of=at,
        done_at=at,
        asked_by=by,
        plan_hash=mark,
        low=usual.low,
        high=usual.high,
        shape=usual.shape,
        estimated=own,
        sampled=result.sampled,
        deterministic=instant(result.deterministic),
        probability=result.deterministic_share,
        mean=instant(mean),
        deviation_days=result.sd_minutes / per_day,
        p50=instant(result.p50),
        p80=instant(result.p80),
        p90=instant(result.p90),
        histogram=[[_ordinal(one.begin), _ordinal(one.end), one.runs] for one in result.histogram()],
        curve=[[round(100 * share, 4), instant(wall).isoformat()] for wall, share in result.curve()],
        merge_bias_days=result.merge_bias_minutes / per_day,
    )
    SimulationTask.objects.bulk_create(
        [
            SimulationTask(
                simulation=kept,
                uid=row.uid,
                number=row.number,
                name=row.name,
                criticality=risk.criticality,
                cruciality=risk.cruciality,
                ssi=risk.ssi,
                is_sampled=risk.sampled,
            )
            for row in plan.rows
            if row.percent < 100 and (risk := result.tasks.get(row.id)) and (risk.sampled or risk.criticality)
        ],
        batch_size=2000,
    )
    return kept


def _ordinal(wall: datetime.datetime) -> float:
    """Days with their part, as charts count them."""
    return wall.toordinal() + (wall.hour * 3600 + wall.minute * 60 + wall.second) / 86_400
