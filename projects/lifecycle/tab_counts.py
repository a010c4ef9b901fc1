"""Counts beside the tabs of a project: one query a page."""

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from projects.lifecycle.models import Project
from projects.risks.models import Issue, Risk
from projects.scope.models import Requirement


def tab_counts(project) -> dict[str, int]:
    """Requirements, open risks and open issues; kept on the instance for the rest of the page."""
    if "_tab_counts" not in project.__dict__:
        project._tab_counts = (
            Project.objects.filter(pk=project.pk)
            .values(
                open_requirements=_count(Requirement.objects.exclude(state=Requirement.State.REJECTED)),
                open_risks=_count(Risk.objects.open()),
                open_issues=_count(Issue.objects.open()),
            )
            .get()
        )
    return project._tab_counts


def _count(queryset):
    counted = queryset.filter(project=OuterRef("pk")).order_by().values("project").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
