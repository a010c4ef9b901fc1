"""Verbs of a project that is over: refused under its lock, whatever page, file or command calls them.

The walk is made from the modules: a new verb is in, and must ask.
"""

import inspect
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from projects.lifecycle.standing import GUARDED
from projects.models import Project
from projects.schedule import baselines
from tests.factories import make_cast, make_project
from tests.handover.test_interleavings import is_blocked
from tests.interleaving import TO_THE_END, Schedule, interleave

MODULES = (baselines,)
VERBS = [
    function
    for module in MODULES
    for name, function in vars(module).items()
    if inspect.isfunction(function)
    and function.__module__ == module.__name__
    and not name.startswith("_")
    and "by" in inspect.signature(function).parameters
]


class OfProject:
    """Stands for any row of the project."""

    def __init__(self, project):
        self.project, self.project_id = project, project.pk


def run(verb, project):
    """With nothing but what it is about: the project, or something of it."""
    return verb(project if next(iter(inspect.signature(verb).parameters)) == "project" else OfProject(project))


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["closed", "cancelled", "awaits"])
def test_every_verb_is_refused_once_the_project_is_over(how):
    project = make_project()
    changed = {"awaits_closure": True} if how == "awaits" else {"state": how}
    Project.objects.filter(pk=project.pk).update(**changed)
    # Whoever calls it has read the project before it ended.
    assert not project.locked_reason
    for verb in VERBS:
        with pytest.raises(ValidationError, match="read-only"):
            run(verb, project)


@pytest.mark.django_db
def test_it_is_the_state_that_refuses():
    """The same call on an open project gets on, to where its words are missing: so the test above can fail."""
    project = make_project()
    for verb in VERBS:
        with pytest.raises(TypeError, match="missing"):
            run(verb, project)
    assert len(GUARDED) >= len(VERBS) >= 6, "the walk must not run empty"


@pytest.mark.django_db(transaction=True)
def test_no_change_that_waited_slips_in_behind_the_end():
    """Two transactions, statement by statement: whatever their order, nothing is written once the project has ended."""
    outcomes = set()
    for schedule in (Schedule(first, begins, TO_THE_END) for first in (0, 1) for begins in (1, 3)):
        project = make_project()
        people = make_cast(project)
        baseline = project.baselines.create(
            number=0, name="First", start=project.created_at, finish=project.created_at, taken_by=people.alice
        )
        held: list[int] = []
        actors = interleave(
            (
                partial(stop, project.pk, people.sam, held),
                partial(baselines.describe_baseline, baseline, by=people.alice, name="Later", note=""),
            ),
            schedule,
            is_blocked,
        )
        story = f"{schedule}: {[(actor.outcome, actor.error) for actor in actors]}"
        assert actors[0].outcome == "done", story
        assert actors[1].outcome in ("done", "told"), story
        written = project.baselines.filter(name="Later").count()
        assert written == (actors[1].outcome == "done"), story
        assert held == [written], f"what is there was there when it ended: {story}"
        outcomes.add(actors[1].outcome)
    assert outcomes == {"done", "told"}, "both orders were seen"


def stop(pk, sponsor, held):
    project = Project.objects.get(pk=pk)
    project.cancel(by=sponsor, reason="No money")
    held.append(project.baselines.filter(name="Later").count())
