"""The traceability matrix: each requirement beside what delivers, builds, proves, threatens and breaks it.

Coverage as in the PMI Practice Guide for Requirements Management: approved requirements with at least one passed test
or accepted deliverable, of all approved requirements.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.activity.timetravel import end_of
from pmdm.ui import format as fmt
from pmdm.ui.addresses import address
from projects.past.moments import at
from projects.schedule.localtime import zone
from projects.scope.testing.models import TestRun
from projects.scope.tracing.columns import Column
from projects.scope.tracing.marks import Mark
from projects.scope.tracing.models import KINDS, TraceLink

# Where an empty cell is a gap, and how the gap is called.
GAPS = {
    "deliverable": gettext_lazy("no deliverable"),
    "task": gettext_lazy("no task"),
    "case": gettext_lazy("no test"),
}
OF_RISKS = ("risk", "issue")  # read only by those who may see risks
OPEN_ISSUES = ("open", "in_progress")


@dataclass(frozen=True)
class Row:
    requirement: object
    cells: list[tuple[str, list[Mark], str]]  # kind, marks, the gap in words or ''

    @property
    def gaps(self) -> list[str]:
        return [gap for _kind, _marks, gap in self.cells if gap]


def kinds_for(sees_risks: bool) -> list[str]:
    """The columns in order."""
    return [kind for kind in KINDS if sees_risks or kind not in OF_RISKS]


def headings(kinds, columns: Collection[Column] = ()) -> list[str]:
    names = {
        "deliverable": _("Deliverables"),
        "task": _("Tasks"),
        "case": _("Tests"),
        "change": _("Changes"),
        "risk": _("Risks"),
        "issue": _("Issues"),
    }
    return [*(names[kind] for kind in kinds), *(str(column.heading) for column in columns)]


def latest_results() -> QuerySet:
    """To be used as a subquery with OuterRef of a case: its latest result first."""
    return TestRun.objects.filter(case=OuterRef("case")).exclude(result="not_run").order_by("-at", "-pk")


def _links(**filters) -> QuerySet:
    return TraceLink.objects.filter(requirement=OuterRef("pk"), **filters)


def _tests() -> QuerySet:
    return _links(case__isnull=False).annotate(latest=Subquery(latest_results().values("result")[:1]))


def has(kind: str) -> Exists:
    return Exists(_links(**{f"{kind}__isnull": False}))


def fails() -> Exists:
    return Exists(_tests().filter(latest="fail"))


def proven() -> Q:
    """At least one passed test or accepted deliverable."""
    return Q(Exists(_tests().filter(latest="pass"))) | Q(Exists(_links(deliverable__state="accepted")))


def with_coverage(requirements: QuerySet) -> QuerySet:
    """Annotate ``tests``: how many cases cover it, and ``tests_passed``: how many passed when they were last run."""

    def count(rows):
        counted = rows.order_by().values("requirement").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

    return requirements.annotate(tests=count(_tests()), tests_passed=count(_tests().filter(latest="pass")))


@dataclass(frozen=True)
class Coverage:
    """How many of the approved requirements are covered, and what is missing."""

    approved: int
    covered: int
    without: dict[str, int]  # kind: how many approved requirements have none

    @property
    def percent(self) -> float | None:
        return 100 * self.covered / self.approved if self.approved else None


def coverage(project, day: datetime.date | None = None) -> Coverage:
    """One query; as of the end of a past day, where one is given."""
    rows = project.requirements.approved().annotate(
        is_proven=Case(When(proven(), then=Value(1)), default=Value(0), output_field=IntegerField()),
        **{f"has_{kind}": has(kind) for kind in GAPS},
    )
    counts = at(project, day)(rows).aggregate(
        approved=Count("pk"),
        covered=Count("pk", filter=Q(is_proven=1)),
        **{f"no_{kind}": Count("pk", filter=Q(**{f"has_{kind}": False})) for kind in GAPS},
    )
    return Coverage(counts["approved"], counts["covered"], {kind: counts[f"no_{kind}"] for kind in GAPS})


def known(project, day: datetime.date | None) -> datetime.datetime | None:
    """The end of a past day on the project's clock; None without one."""
    return end_of(day, zone(project.time_zone)) if day else None


def rows(
    project, requirements, *, sees_risks: bool, columns: Collection[Column] = (), day: datetime.date | None = None
) -> list[Row]:
    """The matrix of these requirements, in two queries and those of the columns, however many there are.

    ``day``: what they are linked to is read as of the end of that past day; so were the requirements, by the caller.
    """
    requirements = list(requirements)
    kinds = kinds_for(sees_risks)
    cells: dict[tuple[int, str], list[Mark]] = defaultdict(list)
    wanted = Q(*[(f"{kind}__isnull", False) for kind in kinds], _connector=Q.OR)
    found = at(project, day)(
        TraceLink.objects.filter(wanted, requirement__in=[row.pk for row in requirements])
        .select_related(*kinds)
        .annotate(latest=Subquery(latest_results().values("result")[:1]))
        .order_by("pk")
    )
    for link in found:
        cells[link.requirement_id, link.kind].append(_mark(link, project.code))
    more = [(column.key, column.cells([row.pk for row in requirements], known(project, day))) for column in columns]
    return [
        Row(
            row,
            [
                *((kind, cells[row.pk, kind], _gap(row, kind, cells[row.pk, kind])) for kind in kinds),
                *((key, *told.get(row.pk, ([], ""))) for key, told in more),
            ],
        )
        for row in requirements
    ]


def _gap(requirement, kind: str, marks: list[Mark]) -> str:
    """Nothing is missing of what will not be delivered."""
    if marks or kind not in GAPS or requirement.state == "rejected" or requirement.priority == "wont":
        return ""
    return str(GAPS[kind])


def _mark(link: TraceLink, code: str) -> Mark:
    target, kind = link.target, link.kind
    if kind == "task":
        state = _("done") if target.percent == 100 else fmt.percent(target.percent)
        tone = "ok" if target.percent == 100 else ""
        url = f"{address('projects:schedule', code)}#task-{target.uid}"
        return Mark(f"#{target.number}", target.name, state, url, tone, link.pk)
    url = address(f"projects:{kind}-detail", code, target.number)
    if kind == "case":
        result = link.latest or "not_run"  # type: ignore[attr-defined]
        tone = {"pass": "ok", "fail": "act"}.get(result, "")
        return Mark(target.ref, target.title, str(TestRun.Result(result).label).lower(), url, tone, link.pk)
    words = str(target.get_state_display()).lower()
    tones = {"accepted": "ok", "rejected": "act", "closed": "ok"} | ({"open": "act"} if kind == "issue" else {})
    tone = "" if kind == "change" else tones.get(target.state, "")
    return Mark(target.ref, target.title, words, url, tone, link.pk)
