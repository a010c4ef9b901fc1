"""The traceability matrix: each requirement beside what delivers, builds, proves, threatens and breaks it.

Coverage as in the PMI Practice Guide for Requirements Management: approved requirements with at least one passed test
or accepted deliverable, of all approved requirements.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.ui import format as fmt
from projects.scope.testing.models import TestRun
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
class Mark:
    """One linked thing in a cell: what it is called, its state in words, where it is; ``tone`` ok, act or ''."""

    ref: str
    title: str
    state: str
    url_name: str
    number: int
    tone: str
    link: int


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


def headings(kinds) -> list[str]:
    names = {
        "deliverable": _("Deliverables"),
        "task": _("Tasks"),
        "case": _("Tests"),
        "change": _("Changes"),
        "risk": _("Risks"),
        "issue": _("Issues"),
    }
    return [names[kind] for kind in kinds]


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


def coverage(project) -> Coverage:
    """One query."""
    rows = project.requirements.approved().annotate(
        is_proven=Case(When(proven(), then=Value(1)), default=Value(0), output_field=IntegerField()),
        **{f"has_{kind}": has(kind) for kind in GAPS},
    )
    counts = rows.aggregate(
        approved=Count("pk"),
        covered=Count("pk", filter=Q(is_proven=1)),
        **{f"no_{kind}": Count("pk", filter=Q(**{f"has_{kind}": False})) for kind in GAPS},
    )
    return Coverage(counts["approved"], counts["covered"], {kind: counts[f"no_{kind}"] for kind in GAPS})


def rows(requirements, *, sees_risks: bool) -> list[Row]:
    """The matrix of these requirements, in two queries however many there are."""
    requirements = list(requirements)
    kinds = kinds_for(sees_risks)
    cells: dict[tuple[int, str], list[Mark]] = defaultdict(list)
    wanted = Q(*[(f"{kind}__isnull", False) for kind in kinds], _connector=Q.OR)
    found = (
        TraceLink.objects.filter(wanted, requirement__in=[row.pk for row in requirements])
        .select_related(*kinds)
        .annotate(latest=Subquery(latest_results().values("result")[:1]))
        .order_by("pk")
    )
    for link in found:
        cells[link.requirement_id, link.kind].append(_mark(link))
    return [
        Row(row, [(kind, cells[row.pk, kind], _gap(row, kind, cells[row.pk, kind])) for kind in kinds])
        for row in requirements
    ]


def _gap(requirement, kind: str, marks: list[Mark]) -> str:
    """Nothing is missing of what will not be delivered."""
    if marks or kind not in GAPS or requirement.state == "rejected" or requirement.priority == "wont":
        return ""
    return str(GAPS[kind])


def _mark(link: TraceLink) -> Mark:
    target, kind = link.target, link.kind
    if kind == "task":
        state = _("done") if target.percent == 100 else fmt.percent(target.percent)
        tone = "ok" if target.percent == 100 else ""
        return Mark(f"#{target.number}", target.name, state, "schedule", target.uid, tone, link.pk)
    if kind == "case":
        result = link.latest or "not_run"  # type: ignore[attr-defined]
        tone = {"pass": "ok", "fail": "act"}.get(result, "")
        words = str(TestRun.Result(result).label).lower()
        return Mark(target.ref, target.title, words, "case-detail", target.number, tone, link.pk)
    if kind == "change":
        words = str(target.get_state_display()).lower()
        return Mark(target.ref, target.title, words, "change-detail", target.number, "", link.pk)
    tones = {"accepted": "ok", "rejected": "act", "closed": "ok"} | ({"open": "act"} if kind == "issue" else {})
    words = str(target.get_state_display()).lower()
    return Mark(target.ref, target.title, words, f"{kind}-detail", target.number, tones.get(target.state, ""), link.pk)
