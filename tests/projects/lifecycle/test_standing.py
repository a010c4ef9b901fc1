"""Verbs of a project that is over: refused under its lock, whatever page, file or command calls them.

The walk is made from the modules: a new verb is in, and must ask, unless it is named in ``ELSEWHERE`` with its reason.
"""

import datetime
import inspect
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from projects.budget import accruals, orders, rates, reserves
from projects.budget import verbs as money
from projects.lifecycle.standing import GUARDED
from projects.models import Issue, Project, Risk
from projects.schedule import baselines
from projects.sprints import verbs as sprints
from projects.team import staffing
from projects.team import verbs as team
from tests.factories import make_cast, make_issue, make_project, make_risk
from tests.handover.test_interleavings import is_blocked
from tests.interleaving import TO_THE_END, Schedule, interleave

MODULES = (money, orders, accruals, reserves, rates, team, staffing, sprints, baselines)
ELSEWHERE = {
    money.book_time: "hours: asks by ``stay_open`` once the person is locked",
    money.change_time: "hours: asks by ``stay_open`` once the person is locked",
    money.remove_time: "hours: asks by ``stay_open`` once the person is locked",
    money.set_rate: "of a person; what a project has cost that is over stays",
    orders.close_orders: "what the end report decided, under the lock it holds",
    staffing.join: "gives a role by ``give_role``, which asks",
}
DAY = datetime.date(2026, 3, 2)


def verbs() -> list:
    found = [
        function
        for module in MODULES
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and "by" in inspect.signature(function).parameters
    ]
    moves = ("raise_risk", "close", "occur", "reopen", "save_changes", "raise_issue", "start")
    return found + [(model, name) for model in (Risk, Issue) for name in moves if hasattr(model, name)]


def name_of(verb) -> str:
    return f"{verb[0].__name__}.{verb[1]}" if isinstance(verb, tuple) else f"{verb.__module__}.{verb.__name__}"


ASKED = [verb for verb in verbs() if verb not in ELSEWHERE]


@pytest.fixture
def project(db):
    project = make_project()
    project.people = make_cast(project)
    return project


def end(project, how: str) -> None:
    changed = {"awaits_closure": True} if how == "awaits" else {"state": how}
    Project.objects.filter(pk=project.pk).update(**changed)


@pytest.mark.parametrize("how", ["closed", "cancelled", "awaits"])
@pytest.mark.parametrize("verb", ASKED, ids=name_of)
def test_it_is_refused_once_the_project_is_over(verb, how, project):
    row = None
    if isinstance(verb, tuple) and not verb[1].startswith("raise_"):
        row = make_risk(project) if verb[0] is Risk else make_issue(project)
    end(project, how)
    # Whoever calls it has read the project before it ended.
    assert project.state == "active"
    assert not project.locked_reason
    with pytest.raises(ValidationError, match="read-only"):
        run(verb, project, row)


@pytest.mark.parametrize("verb", ASKED, ids=name_of)
def test_it_is_the_state_that_refuses(verb, project):
    """The same call on an open project gets on, to where its words are missing: so the test above can fail."""
    row = None
    if isinstance(verb, tuple) and not verb[1].startswith("raise_"):
        row = make_risk(project) if verb[0] is Risk else make_issue(project)
    if verb == (Risk, "raise_risk"):  # a risk without words is refused by none but its form
        assert run(verb, project, row).project == project
        return
    with pytest.raises(TypeError, match="missing"):
        run(verb, project, row)


def run(verb, project, row):
    """With nothing but what it is about: the project, or something of it."""
    if isinstance(verb, tuple):
        model, name = verb
        return getattr(model, name)(project) if row is None else getattr(row, name)()
    return verb(project if next(iter(inspect.signature(verb).parameters)) == "project" else OfProject(project))


class OfProject:
    """Stands for any row of the project."""

    def __init__(self, project):
        self.project, self.project_id = project, project.pk


def test_every_exception_is_a_verb():
    assert set(ELSEWHERE) <= {verb for verb in verbs() if not isinstance(verb, tuple)}
    assert len(GUARDED) >= len(ASKED) > 40, "the walk must not run empty"


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
    for verb in ("expense", "hours", "risk", "role"):
        outcomes = set()
        for schedule in (Schedule(first, begins, TO_THE_END) for first in (0, 1) for begins in (1, 2, 3, 5)):
            project = make_project()
            people = make_cast(project)
            line = money.plan_line(project, by=people.alice, name="Tools", category="services", planned=Decimal(1))
            held: list[int] = []
            actors = interleave(
                (partial(stop, verb, project.pk, people, held), partial(do, verb, project, people, line)),
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


def do(verb, project, people, line):
    if verb == "expense":
        money.book_expense(project, by=people.alice, line=line, amount=Decimal(5), description="x", spent_on=DAY)
    elif verb == "hours":
        money.book_time(project, by=people.bob, day=DAY, minutes=60)
    elif verb == "risk":
        Risk.raise_risk(project, title="x")
    else:
        team.give_role(project, by=people.alice, user=people.charlie, role="member")


def count(verb, project) -> int:
    return {
        "expense": project.expenses.count, "hours": project.time_entries.count, "risk": project.risks.count,
        "role": project.memberships.filter(user__name="Charlie").count,
    }[verb]()  # fmt: skip
