"""Counts beside the tabs of a project: one query a page."""

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from pmdm.prepared import Prepared
from projects.changes.models import ChangeRequest
from projects.lifecycle.models import Project
from projects.risks.models import Issue, Risk
from projects.scope.models import Requirement

COUNTED = ("open_requirements", "open_risks", "open_issues", "open_changes")


def tab_counts(project) -> dict[str, int]:
    """Requirements, open risks, open issues and open changes; kept on the instance for the rest of the page."""
    if "_tab_counts" not in project.__dict__:
        counts = _counts(project.pk)
        project._tab_counts = dict(zip(COUNTED, counts[0] if counts else (0, 0, 0, 0), strict=True))
    return project._tab_counts


@Prepared
def _counts(project_id):
    return Project.objects.filter(pk=project_id).values_list(
        _count(Requirement.objects.exclude(state=Requirement.State.REJECTED)),
        _count(Risk.objects.open()),
        _count(Issue.objects.open()),
        _count(ChangeRequest.objects.open().exclude(state=ChangeRequest.State.DRAFT)),
    )


def _count(queryset):
    counted = queryset.filter(project=OuterRef("pk")).order_by().values("project").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
