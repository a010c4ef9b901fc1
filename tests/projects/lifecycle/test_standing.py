"""Verbs of a project that is over: refused under its lock, whatever page, file or command calls them.

The walk reads the source of all modules below ``projects``: a function that takes ``by`` or writes rows must ask, or
be named in ``ELSEWHERE``, or its module in ``OTHERWISE``, with the reason. A new verb is in without being told.
"""

import ast
import datetime
import importlib
import inspect
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.test import RequestFactory

import projects
from pmdm.accounts.roles import Permission
from projects.benefits.models import Benefit
from projects.budget import verbs as money
from projects.lifecycle.access import project_view
from projects.lifecycle.models import Objective
from projects.lifecycle.standing import GUARDED
from projects.models import Deliverable, Project, Requirement, Risk
from projects.team import verbs as team
from tests.factories import make_cast, make_project, make_requirement
from tests.handover.test_interleavings import is_blocked
from tests.interleaving import TO_THE_END, Schedule, interleave

HERE = Path(projects.__file__).parent
DAY = datetime.date(2026, 3, 2)
# Modules, with all below them.
OTHERWISE = {
    "agenda.models": "somebody's feed to their own calendar",
    "benefits": "benefits are measured after the project has ended, by an owner who outlives it",
    "closing": "what ends a project: closing and cancelling lock it and look at its state themselves",
    "currencies": "rates of the company",
    "requests": "before there is a project",
    "types": "templates of the company; a project is made from one before anybody could end it",
    "timesheets.verbs": "hours of one person in several projects: ``stay_open`` for each",
    "schedule.api": "the plan asks as it is read under its lock (``Plan.locked``)",
    "schedule.edits": "the plan asks",
    "schedule.importing": "the plan asks",
    "schedule.tables": "the plan asks",
    "schedule.plan": "the plan asks",
    "schedule.plan_settings": "the plan asks",
    "schedule.writing": "writes what a locked plan has computed",
    "schedule.journal": "tells of a change that was made, and forgets old ones",
    "schedule.import_views": "a file that somebody brought; bringing it in asks",
    "schedule.table_views": "a file that somebody brought; bringing it in asks",
    "schedule.uploads": "a file that somebody brought; bringing it in asks",
    "schedule.picture_views": "a picture for whoever asked; the plan stays as it is",
}
ELSEWHERE = {
    "budget.verbs.book_time": "hours: asks by ``stay_open`` once the person is locked",
    "budget.verbs.change_time": "hours: asks by ``stay_open`` once the person is locked",
    "budget.verbs.remove_time": "hours: asks by ``stay_open`` once the person is locked",
    "budget.verbs.set_rate": "of a person; what a project has cost that is over stays",
    "budget.rates.insert_dated": "the rows of a rate, for the verbs of rates",
    "budget.orders.close_orders": "what the end report decided, under the lock it holds",
    "scope.moves.RequirementMoves.take_out_each": "what the end report decided, under the lock it holds",
    "team.staffing.join": "gives a role by ``give_role``, which asks",
    "lifecycle.closing.Closing.close_with": "closes it, with an authorised report",
    "lifecycle.initiation.Initiation.initiate": "makes it",
    "lifecycle.state.StateMoves.pause": "from the state it was in, as one UPDATE",
    "lifecycle.state.StateMoves.resume": "from the state it was in, as one UPDATE",
    "lifecycle.state.StateMoves.cancel": "from the state it was in, as one UPDATE",
    "lifecycle.state.StateMoves.reopen": "from the state it was in, as one UPDATE",
    "lifecycle.state.StateMoves.move": "from the state it was in, as one UPDATE",
    "lifecycle.conditions.agree": "of a gate's decision, which asks",
    "lifecycle.conditions.keep_met": "of a gate's decision, which asks",
    "changes.applying.carry_out": "of an approval, which asks",
    "changes.baselines.move_scope": "of an approval, which asks",
    "changes.baselines.move_schedule": "of an approval, which asks",
    "changes.baselines.move_budget": "of an approval, which asks",
    "changes.baselines.freeze_budget": "of an approval, which asks",
    "changes.baselines.roll_up": "of an approval, which asks",
    "changes.impact.days_of": "reads",
    "changes.items.try_out": "reads: the plan is computed, nothing is saved",
    "board.columns.stored_columns": "for the verbs of the board, under their lock",
    "recurrence.verbs.fill": "by the clock: makes nothing where the project is not active",
    "recurrence.verbs.summary_of": "of filling; adds a task, and the plan asks",
    "control.simulation.run": "keeps what was asked for while the project was open",
    "team.levelling.apply": "the plan asks",
}
WRITES = {"create", "save", "delete", "bulk_create", "bulk_update", "save_changes", "get_or_create", "update_or_create"}


def verbs() -> list[str]:
    """'scope.moves.RequirementMoves.approve' and the like, of all modules below ``projects``."""
    found = []
    for path in sorted(HERE.rglob("*.py")):
        parts = path.relative_to(HERE).with_suffix("").parts
        if not {"migrations", "management", "engine", "planfiles", "templatetags"} & set(parts):
            importlib.import_module(".".join(("projects", *parts)))  # so that its verbs are among those that ask
            tree = ast.parse(path.read_text())
            found += [".".join((*parts, name)) for name in _verbs_of(tree, parts, modules=_modules(tree))]
    return found


def _modules(tree) -> set[str]:
    """Names that a source imports in small letters: modules and verbs."""
    imports = (node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)))
    return {alias.asname or alias.name for node in imports for alias in node.names if alias.name.islower()}


def _verbs_of(tree, parts, modules, inside=()):
    # A form names its saver, a view asks for the change: theirs are the rows they write past a verb.
    asks = any("form" in part or "view" in part for part in parts)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from _verbs_of(node, parts, modules, (*inside, node.name))
        elif isinstance(node, ast.FunctionDef):
            named = any(arg.arg == "by" for arg in (*node.args.args, *node.args.kwonlyargs))
            shown = not node.name.startswith("_")
            if (asks and _writes(node, past={"self", "form", *modules})) or (
                not asks and shown and (named or _writes(node))
            ):
                yield ".".join((*inside, node.name))


def _writes(node, past=()) -> bool:
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and not (isinstance(call.func.value, ast.Name) and call.func.value.id in past)
        for call in ast.walk(node)
    )


def short(verb) -> str:
    return f"{verb.__module__}.{verb.__qualname__}".removeprefix("projects.")


VERBS = verbs()
ASKS = {short(verb): verb for verb in GUARDED}


def excused(name: str) -> bool:
    return name in ELSEWHERE or any(name.startswith(f"{module}.") for module in OTHERWISE)


def test_every_verb_asks_or_says_why_not():
    forgot = [name for name in VERBS if name not in ASKS and not excused(name)]
    assert not forgot, "Put @while_open on it, or say in ELSEWHERE why it need not ask:\n" + "\n".join(forgot)
    assert len(ASKS) > 110, "the walk must not run empty"


def test_every_excuse_is_of_a_verb():
    known = set(VERBS)
    assert set(ELSEWHERE) <= known - set(ASKS)
    assert [one for one in OTHERWISE if not any(name.startswith(f"{one}.") for name in known)] == []


@pytest.fixture
def project(db):
    project = make_project()
    project.people = make_cast(project)
    return project


def end(project, how: str) -> None:
    changed = {"awaits_closure": True} if how == "awaits" else {"state": how}
    Project.objects.filter(pk=project.pk).update(**changed)


@pytest.mark.parametrize("verb", ASKS.values(), ids=list(ASKS))
def test_it_is_refused_once_the_project_is_over(verb, project):
    # Whoever calls it has read the project before it ended.
    assert not project.locked_reason
    for how in ("closed", "cancelled", "awaits"):
        end(project, how)
        with pytest.raises(ValidationError, match="read-only"):
            run(verb, project)
        Project.objects.filter(pk=project.pk).update(state="active", awaits_closure=False)


def test_it_is_the_state_that_refuses(project):
    """The same calls on an open project get on, to where their words are missing: so the test above can fail."""
    for verb in ASKS.values():
        refused = None
        try:
            with transaction.atomic():
                run(verb, project)
        except (ValidationError, TypeError, AttributeError, ValueError) as error:
            refused = error
        assert "read-only" not in str(refused), short(verb)


def run(verb, project):
    """With nothing but what it is about: the project, or something of it."""
    first = next(iter(inspect.signature(verb).parameters))
    if first == "cls":
        return verb(object, project)
    if first == "kind":
        return verb("risk", [], OfProject(project))
    return verb(project if first == "project" else OfProject(project))


class OfProject:
    """Stands for any row of the project."""

    def __init__(self, project):
        self.project, self.project_id = project, project.pk


@pytest.mark.parametrize("how", ["closed", "cancelled", "awaits"])
def test_hours_are_refused_too(how, project):
    bob = project.people.bob
    entry = money.book_time(project, by=bob, day=DAY, minutes=60)
    end(project, how)
    for verb in (
        lambda: money.book_time(project, by=bob, day=DAY, minutes=60),
        lambda: money.change_time(entry, by=bob, minutes=30),
        lambda: money.change_time(entry, by=bob, task=None),
        lambda: money.remove_time(entry, by=bob),
    ):
        with pytest.raises(ValidationError, match="read-only"):
            verb()
    assert [row.minutes for row in project.time_entries.all()] == [60]


def test_a_rate_of_a_person_prices_no_hours_of_a_project_that_is_over(project):
    bob, other = project.people.bob, make_project()
    for one in (project, other):
        money.book_time(one, by=bob, day=DAY, minutes=60)
    end(project, "closed")
    money.set_rate(bob, by=project.people.alice, hourly=Decimal(50), currency="EUR", valid_from=DAY)
    assert [one.time_entries.get().cost for one in (project, other)] == [None, Decimal(50)]


@pytest.mark.django_db(transaction=True)
def test_no_change_that_waited_slips_in_behind_the_end():
    """Two transactions, statement by statement: whatever their order, nothing is written once the project has ended."""
    for verb in ("expense", "hours", "risk", "role", "approval", "deliverable"):
        outcomes = set()
        for schedule in (Schedule(first, begins, TO_THE_END) for first in (0, 1) for begins in (1, 2, 3, 5)):
            project = make_project()
            people = make_cast(project)
            money.plan_line(project, by=people.alice, name="Tools", category="services", planned=Decimal(1))
            make_requirement(project, state="reviewed")
            held: list[int] = []
            actors = interleave(
                (partial(stop, verb, project.pk, people, held), partial(do, verb, project, people)),
                schedule,
                is_blocked,
            )
            story = f"{verb}, {schedule}: {[(actor.outcome, actor.error) for actor in actors]}"
            assert actors[0].outcome == "done", story
            assert actors[1].outcome in ("done", "told"), story
            written = count(verb, project)
            assert written == (actors[1].outcome == "done"), story
            assert held == [written], f"what is there was there when it ended: {story}"
            outcomes.add(actors[1].outcome)
        assert outcomes == {"done", "told"}, "both orders were seen"


def stop(verb, pk, people, held):
    project = Project.objects.get(pk=pk)
    project.cancel(by=people.sam, reason="No money")
    held.append(count(verb, project))


def do(verb, project, people):
    if verb == "expense":
        line = project.budget_lines.get()
        money.book_expense(project, by=people.alice, line=line, amount=Decimal(5), description="x", spent_on=DAY)
    elif verb == "hours":
        money.book_time(project, by=people.bob, day=DAY, minutes=60)
    elif verb == "risk":
        Risk.raise_risk(project, title="x")
    elif verb == "approval":
        project.requirements.get().approve(by=people.sam)
    elif verb == "deliverable":
        Deliverable.plan(project, by=people.alice, title="Manual")
    else:
        team.give_role(project, by=people.alice, user=people.charlie, role="member")


def count(verb, project) -> int:
    return {
        "expense": project.expenses.count, "hours": project.time_entries.count, "risk": project.risks.count,
        "role": project.memberships.filter(user__name="Charlie").count,
        "approval": project.requirements.filter(state="approved").count, "deliverable": project.deliverables.count,
    }[verb]()  # fmt: skip


def test_a_view_without_a_form_answers_as_it_does_when_it_asks_itself(project):
    """The project ends while the view runs: 403 with the reason, never an error page."""

    @project_view(read=Permission.PROJECT_VIEW, write=Permission.PROJECT_EDIT)
    def view(request, project):
        end(project, "closed")
        Requirement.write_down(project, by=request.user, title="x")

    request = RequestFactory().post("/")
    request.user = project.people.alice
    with pytest.raises(PermissionDenied, match="read-only"):
        view(request, project.code)


def test_objectives_are_measured_again_once_it_is_over(project):
    objective = Objective.agree(project, by=project.people.alice, statement="Faster", measure="Days", target_value=5)
    benefit = Benefit.plan(objective, owner=project.people.sam, by=project.people.alice)
    end(project, "closed")
    benefit.record(by=project.people.sam, value=4, measured_on=DAY, evidence="The report of March")
    assert benefit.measurements.count() == 1
    with pytest.raises(ValidationError, match="read-only"):
        objective.measure_now(4)
