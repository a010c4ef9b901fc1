"""What a requirement is traced to: one table for all kinds, so that the matrix is one query."""

from functools import reduce
from operator import or_

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.activity.triggers import audited
from projects.lifecycle.standing import while_open

KINDS = ("deliverable", "task", "case", "change", "risk", "issue")


def _only(kind: str) -> Q:
    return Q(**{f"{name}__isnull": name != kind for name in KINDS})


class TraceLink(models.Model):
    """One requirement and exactly one thing that delivers, proves, changes, threatens or breaks it."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="trace_links")
    requirement = models.ForeignKey("projects.Requirement", models.CASCADE, related_name="trace_links")
    deliverable = models.ForeignKey("projects.Deliverable", models.CASCADE, null=True, related_name="trace_links")
    task = models.ForeignKey("projects.Task", models.CASCADE, null=True, related_name="trace_links")
    case = models.ForeignKey("projects.TestCase", models.CASCADE, null=True, related_name="trace_links")
    change = models.ForeignKey("projects.ChangeRequest", models.CASCADE, null=True, related_name="trace_links")
    risk = models.ForeignKey("projects.Risk", models.CASCADE, null=True, related_name="trace_links")
    issue = models.ForeignKey("projects.Issue", models.CASCADE, null=True, related_name="trace_links")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, map(_only, KINDS)),
                name="trace_link_to_one_thing",
            ),
            *(models.UniqueConstraint(fields=["requirement", kind], name=f"trace_link_{kind}_once") for kind in KINDS),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.requirement.ref} – {self.target}"

    @property
    def kind(self) -> str:
        return next(kind for kind in KINDS if getattr(self, f"{kind}_id"))

    @property
    def target(self):
        return getattr(self, self.kind)


@while_open
def link(kind: str, requirements, target, *, by, at=None) -> None:
    """Trace these requirements to the target; links that are there stay. ValidationError across projects."""
    requirements = list(requirements)
    if any(row.project_id != target.project_id for row in requirements):
        raise ValidationError(_("Only rows of one project can be linked."))
    TraceLink.objects.bulk_create(
        [
            TraceLink(project_id=target.project_id, requirement=row, by=by, at=at or timezone.now(), **{kind: target})
            for row in requirements
        ],
        ignore_conflicts=True,
    )


@while_open
def set_requirements(kind: str, target, requirements, *, by, at=None) -> None:
    """Make exactly these the requirements of the target."""
    requirements = list(requirements)
    target.trace_links.exclude(requirement__in=requirements).delete()
    link(kind, requirements, target, by=by, at=at)


@while_open
def unlink(row: TraceLink, *, by) -> None:
    """Take one link away."""
    row.delete()
