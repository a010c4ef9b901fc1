"""What happened to a plan: its revision, the log of changes that open pages follow, and each person's steps.

The audit trail tells what every row was; this tells pages what to fetch, and undo what to put back. All of it may be
pruned: a page that is too far behind reads the plan anew.
"""

import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.jobs.periodic import periodic

KEPT_CHANGES = datetime.timedelta(days=1)
KEPT_STEPS = datetime.timedelta(days=90)
MAX_STEPS = 50
MAX_UIDS = 20_000  # a longer list of changed tasks is shorter read anew


class PlanState(models.Model):
    """How often a plan was saved, and the links that its fixed dates do not respect as of the last save."""

    project = models.OneToOneField("projects.Project", models.CASCADE, related_name="plan_state")
    revision = models.PositiveIntegerField(default=0)
    # [[predecessor uid, successor uid, type, why, constraint or null, minutes too early], ...]
    broken = models.JSONField(default=list)

    def __str__(self):
        return f"{self.project_id}: {self.revision}"


class PlanChange(models.Model):
    """One save of a plan, for pages that show it: what to fetch."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="plan_changes")
    revision = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed = ArrayField(models.PositiveIntegerField(), default=list)  # uids of tasks, added ones too
    removed = ArrayField(models.PositiveIntegerField(), default=list)
    relinked = ArrayField(models.PositiveIntegerField(), default=list)  # uids of successors
    unlinked = models.JSONField(default=list)  # [[predecessor uid, successor uid], ...]
    reordered = models.BooleanField(default=False)
    reload = models.BooleanField(default=False)  # too much to list: read the plan anew
    sentence = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "revision"], name="plan_change_revision_unique")]

    def __str__(self):
        return f"{self.project_id}: {self.revision}"


class PlanStep(models.Model):
    """One edit of one person, with what it takes to undo it and to do it again (``steps.py``)."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="plan_steps")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    label = models.CharField(_("step"), max_length=400)
    is_undone = models.BooleanField(default=False)
    data = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["project", "user", "-id"], name="plan_step_newest")]

    def __str__(self):
        return self.label


def revision_of(project) -> int:
    return PlanState.objects.filter(project=project).values_list("revision", flat=True).first() or 0


def next_revision(project, broken: list | None = None) -> int:
    """Count one more save; ``broken`` None keeps the links that are not respected as they were known."""
    from json import dumps

    text = None if broken is None else dumps(broken)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects_planstate AS state (project_id, revision, broken)"
            " VALUES (%s, 1, coalesce(%s::jsonb, '[]'::jsonb))"
            " ON CONFLICT (project_id) DO UPDATE"
            " SET revision = state.revision + 1, broken = coalesce(%s::jsonb, state.broken) RETURNING revision",
            [project.pk, text, text],
        )
        return cursor.fetchone()[0]


def record(project, *, by=None, broken: list | None = None, reload=False, sentence="", **what) -> int:
    """Log one save of the plan; its revision. ``what`` are lists of uids as ``PlanChange`` names them."""
    if any(isinstance(value, list) and len(value) > MAX_UIDS for value in what.values()):
        reload, what = True, {}
    revision = next_revision(project, broken)
    PlanChange.objects.create(
        project_id=project.pk, revision=revision, user=by, reload=reload, sentence=sentence, **what
    )
    return revision


def touched(project, *, by=None, sentence="") -> int:
    """Something changed that pages show on every row (a baseline, a calendar, the status date): read all anew."""
    return record(project, by=by, reload=True, sentence=sentence)


@periodic("prune-plan-journal", every="hour")
def prune(now: datetime.datetime) -> None:
    """Forget changes that no open page can be behind by, and steps nobody will take back."""
    newest = PlanState.objects.filter(project=OuterRef("project")).values("revision")[:1]
    old = PlanChange.objects.filter(at__lt=now - KEPT_CHANGES).annotate(newest=Subquery(newest))
    old.exclude(revision=F("newest")).delete()
    PlanStep.objects.filter(at__lt=now - KEPT_STEPS).delete()
