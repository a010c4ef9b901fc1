"""What a project makes of a lesson that was offered to it: a word, a risk or a task."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from projects.lessons.models import Lesson, LessonUse
from projects.lifecycle.standing import while_open
from projects.risks.models import Risk
from projects.schedule import edits
from projects.schedule.models import Task

SAID = (LessonUse.Verdict.USEFUL, LessonUse.Verdict.NOT_APPLICABLE)


@while_open
def say(project, lesson: Lesson, verdict: str, *, by, at=None) -> None:
    """Useful, or not applicable here; a later word replaces an earlier one."""
    if verdict not in SAID:
        raise ValidationError(_("Say whether it is useful or not applicable."))
    _keep(project, lesson, verdict, by=by, at=at)


@while_open
def make_risk(project, lesson: Lesson, *, by, at=None, **values) -> Risk:
    """A risk of this project that came from the lesson. One for each lesson: a second is refused."""
    _once(project, lesson)
    risk = Risk.raise_risk(project, at=at, **values)
    _keep(project, lesson, LessonUse.Verdict.RISK, by=by, at=at, risk=risk)
    return risk


@while_open
def make_task(project, lesson: Lesson, *, by, name: str, at=None, **fields) -> Task:
    """A task at the end of the plan that came from the lesson. One for each lesson: a second is refused."""
    _once(project, lesson)
    task, _moved = edits.add_task(project, by=by, name=name, **fields)
    _keep(project, lesson, LessonUse.Verdict.TASK, by=by, at=at, task=task)
    return task


def prefilled_risk(lesson: Lesson) -> dict[str, Any]:
    """What a risk made of a lesson begins with."""
    parts = (
        lesson.happened,
        lesson.cause and _("Cause: %s") % lesson.cause,
        lesson.effect and _("Effect: %s") % lesson.effect,
    )
    return {
        "title": lesson.title,
        "description": "\n\n".join(part for part in parts if part),
        "response_plan": lesson.recommendation,
        "response": "exploit" if lesson.kind == Lesson.Kind.KEEP else "mitigate",
        "is_opportunity": lesson.kind == Lesson.Kind.KEEP,
    }


def _once(project, lesson: Lesson) -> None:
    # Under the guard's lock: of two people who make a risk of one lesson at once, the second sees the first's.
    use = LessonUse.objects.filter(project=project, lesson=lesson).select_related("risk", "task").first()
    made = use and (use.risk or use.task)
    if made:
        raise ValidationError(
            _("“%(made)s” was made of this lesson already. Nothing of yours was saved.") % {"made": made}, code=FIRST
        )


def _keep(project, lesson: Lesson, verdict: str, *, by, at=None, risk=None, task=None) -> None:
    if lesson.project_id == project.pk or not lesson.is_published:
        raise ValidationError(_("Only a published lesson of another project can be judged here."))
    row = LessonUse(
        project=project, lesson=lesson, verdict=verdict, by=by, at=at or timezone.now(), risk=risk, task=task
    )
    LessonUse.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["project", "lesson"],
        update_fields=["verdict", "by", "at", "risk", "task"],
    )
