"""What the requirement register shows beside each title, in a fixed number of queries for any number of rows."""

from collections.abc import Callable

from django.db.models import Count, Q

from pmdm.prepared import Prepared
from projects.scope.models import AcceptanceCriterion, Requirement
from projects.scope.tracing.matrix import with_coverage

SHOWN = ("project", "number", "title", "source", "priority", "state", "owner__name")
_RESULT = AcceptanceCriterion.Result


def _criteria_of(*ids):
    return (
        AcceptanceCriterion.objects.filter(requirement__in=ids)
        .order_by()
        .values("requirement")
        .annotate(
            lines=Count("pk"),
            passed=Count("pk", filter=Q(result=_RESULT.PASS)),
            failed=Count("pk", filter=Q(result=_RESULT.FAIL)),
        )
        .values_list("requirement", "lines", "passed", "failed")
    )


def _tests_of(*ids):
    return with_coverage(Requirement.objects.filter(pk__in=ids)).order_by().values_list("pk", "tests", "tests_passed")


_criteria, _tests = Prepared(_criteria_of), Prepared(_tests_of)


def rows_of(project):
    """The requirements of a project with what their rows need of themselves."""
    return project.requirements.select_related("owner").only(*SHOWN)


def fill(rows: list[Requirement], past: Callable | None = None) -> None:
    """Puts into the rows of one page how many criteria and tests each has, and how many passed.

    ``past`` turns a queryset into what it was on a past day.
    """
    ids = [row.pk for row in rows]
    criteria_of, tests_of = (_criteria, _tests) if past is None else (_past(past, _criteria_of), _past(past, _tests_of))
    criteria = {pk: counts for pk, *counts in (criteria_of(*ids) if ids else ())}
    tests = {pk: counts for pk, *counts in (tests_of(*ids) if ids else ())}
    for row in rows:
        row.lines, row.passed, row.failed = criteria.get(row.pk, (0, 0, 0))  # type: ignore[attr-defined]
        row.tests, row.tests_passed = tests.get(row.pk, (0, 0))  # type: ignore[attr-defined]


def _past(past: Callable, queryset: Callable) -> Callable:
    return lambda *ids: past(queryset(*ids))
