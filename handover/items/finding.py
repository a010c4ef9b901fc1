"""What is still open in a project, and must be decided row by row before it leaves the project's hands."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handover.hooks import Blocker, Section
from handover.items.models import COLUMN, OpenItem
from handover.transfer.models import Handover, ScopeLine
from pmdm.accounts.models import User
from pmdm.jobs.periodic import periodic
from pmdm.prepared import Prepared
from projects.models import Issue, Order, Project, Requirement, Risk, ScopeBaselineItem, TestRun

type Key = tuple[str, int]  # column of OpenItem, id


def unmet_requirements(project):
    """Promised and not verified: approved or built, or in the active scope baseline and still on the way."""
    promised = ScopeBaselineItem.objects.filter(requirement=OuterRef("pk"), baseline__is_active=True)
    return project.requirements.filter(
        Q(state__in=(Requirement.State.APPROVED, Requirement.State.BUILT))
        | (Q(state__in=Requirement.UNMET_STATES) & Exists(promised))
    )


@dataclass(frozen=True)
class Found:
    """Kind of each open thing by what it is."""

    kinds: dict[Key, str]

    def __bool__(self):
        return bool(self.kinds)


def find_open(handover) -> Found:
    """Every open risk, issue, defect, contract, unmet requirement and, at the end of a project, task: six queries.

    A requirement that an earlier handover carried is not asked about again; one that the client rejected is. A
    release asks about the requirements it carries; the tasks of a project that runs on stay its plan.
    """
    kinds: dict[Key, str] = {}
    failed = Exists(TestRun.objects.filter(issue=OuterRef("pk"), result=TestRun.Result.FAIL))
    for column, rows in _open(handover).items():
        if column == "issue":
            found = rows.annotate(is_defect=failed).values_list("pk", "is_defect")
            kinds |= {(column, pk): "defect" if is_defect else "issue" for pk, is_defect in found}
        else:
            kinds |= {(column, pk): column for pk in _ids(rows.distinct())}
    return Found(kinds)


def _open(handover) -> dict[str, Any]:
    """What is open, by the column of OpenItem that names it."""
    project = handover.project
    rows: dict[str, Any] = {
        "risk": project.risks.filter(state__in=Risk.OPEN_STATES),
        "issue": project.issues.filter(state__in=Issue.OPEN_STATES),
    }
    rejected = Q(handover_lines__handover=handover, handover_lines__result="rejected")
    unmet = project.requirements.filter(
        Q(pk__in=unmet_requirements(project).values("pk")) | (rejected & ~Q(state=Requirement.State.REJECTED)),
        product_link=None,
    )
    if not handover.is_final:
        unmet = unmet.filter(handover_lines__handover=handover)
    rows["requirement"] = unmet
    rows["order"] = project.orders.filter(state=Order.State.OPEN)
    if handover.is_final:
        rows["task"] = project.tasks.filter(percent__lt=100, is_summary=False, is_active=True)
    return rows


def _ids(rows):
    return rows.order_by().values_list("pk", flat=True)


def _listed(handover) -> dict[Key, str]:
    rows = handover.open_items.values_list("kind", "risk", "issue", "requirement", "task", "order")
    listed = {}
    for kind, *ids in rows:
        listed[COLUMN[kind], next(pk for pk in ids if pk is not None)] = kind
    return listed


def _missing(is_final: bool) -> Prepared:
    """One statement for all kinds: what is open and not listed, of a record of a project."""

    def build(record, project):
        handover = Handover(pk=record, project=Project(pk=project), is_final=is_final)
        listed = OpenItem.objects.filter(handover=record)
        counts = [
            Subquery(
                rows.exclude(pk__in=listed.exclude(**{column: None}).values(column))
                .order_by().annotate(all=Value(1)).values("all").annotate(n=Count("pk", distinct=True)).values("n")
            )
            for column, rows in _open(handover).items()
        ]  # fmt: skip
        return Handover.objects.filter(pk=record).order_by().values_list(*counts)

    return Prepared(build)


_missing_from = {is_final: _missing(is_final) for is_final in (True, False)}


def missing_from(handover) -> int:
    """How many open things of the project the record does not list yet; counted in the database, in one statement."""
    rows = _missing_from[handover.is_final](handover.pk, handover.project_id)
    return sum(count or 0 for row in rows for count in row)


@transaction.atomic
def refresh(handover) -> None:
    """List what is open now; rows of things closed meanwhile go, decisions on the others stay."""
    _scope(handover)
    found, listed = find_open(handover).kinds, _listed(handover)
    gone = listed.keys() - found.keys()
    for column in {column for column, _pk in gone}:
        ids = [pk for name, pk in gone if name == column]
        handover.open_items.filter(**{f"{column}__in": ids}).delete()
    OpenItem.objects.bulk_create(
        (
            OpenItem(handover=handover, project_id=handover.project_id, kind=found[column, pk], **{f"{column}_id": pk})
            for column, pk in found
            if (column, pk) not in listed
        ),
        ignore_conflicts=True,
        batch_size=1000,
    )


@periodic("handover.items", every="hour")
def keep_up(now) -> int:
    """Look again at every list that may still change, so that what was closed in the project leaves it by itself."""
    editable = Handover.objects.filter(state__in=Handover.EDITABLE_STATES).values_list("pk", flat=True)
    return sum(_look_again(pk) for pk in editable.order_by("pk"))


@transaction.atomic
def _look_again(pk: int) -> bool:
    # Whoever works on it now looks again at the next hour.
    rows = Handover.objects.select_for_update(of=("self",), skip_locked=True).select_related("project")
    handover = rows.filter(pk=pk, state__in=Handover.EDITABLE_STATES).first()
    if handover is None:
        return False
    refresh(handover)
    return True


def _scope(handover) -> None:
    """The end of a project carries every requirement that is promised and left; a release carries what was chosen."""
    project = handover.project
    carried = project.requirements.filter(product_link=None).exclude(state=Requirement.State.REJECTED)
    handover.scope_lines.exclude(requirement__in=carried).delete()
    if not handover.is_final:
        return
    promised = carried.filter(Q(state=Requirement.State.VERIFIED) | Q(pk__in=unmet_requirements(project).values("pk")))
    have = handover.scope_lines.values("requirement")
    ScopeLine.objects.bulk_create(
        (
            ScopeLine(project_id=project.pk, handover=handover, requirement_id=pk)
            for pk in _ids(promised.exclude(pk__in=have))
        ),
        ignore_conflicts=True,
    )


# Undecided, sent to a project that has ended, kept by the project.
_in_doubt = Prepared(
    lambda record: (
        OpenItem.objects.filter(handover=record).order_by().values("handover").annotate(
            undecided=Count("pk", filter=Q(decision="")),
            ended=Count("pk", filter=Q(decision="follow_on") & ~Q(follow_on__state__in=Project.OPEN_STATES)),
            kept=Count("pk", filter=Q(decision="keep")),
        ).values_list("undecided", "ended", "kept")
    )
)  # fmt: skip


def blockers(handover):
    """Undecided rows, things opened since, consents that are missing, follow-on projects that have ended."""
    url = reverse("handover:items", args=[handover.project.code, handover.number])
    undecided, ended, kept = next(iter(_in_doubt(handover.pk)), (0, 0, 0))
    if undecided:
        text = ngettext("%(n)s open item has no decision.", "%(n)s open items have no decision.", undecided)
        yield Blocker(text % {"n": undecided}, handover.giver, f"{url}?decision=none", key="items-undecided")
    if missing := missing_from(handover):
        text = ngettext(
            "%(n)s thing was opened since the list was made; look again.",
            "%(n)s things were opened since the list was made; look again.",
            missing,
        )
        yield Blocker(text % {"n": missing}, handover.giver, url, key="items-missing")
    if ended:
        text = ngettext(
            "The follow-on project of %(n)s item has ended.", "The follow-on projects of %(n)s items have ended.", ended
        )
        yield Blocker(text % {"n": ended}, handover.giver, f"{url}?decision=follow_on", key="items-follow-on")
    if handover.is_final and kept:
        text = ngettext(
            "%(n)s item stays with a project that ends.", "%(n)s items stay with a project that ends.", kept
        )
        yield Blocker(text % {"n": kept}, handover.giver, f"{url}?decision=keep", key="items-kept")
    waiting = (
        handover.open_items.filter(decision__in=("carry", "op_risk"), consented_at=None)
        .exclude(new_owner=handover.receiver_id)
        .order_by()
        .values_list("new_owner")
        .annotate(n=Count("pk"))
    )
    counts: dict[int | None, int] = dict(waiting)
    people = User.objects.in_bulk([pk for pk in counts if pk])
    for pk, n in sorted(counts.items(), key=lambda one: one[0] or 0):
        text = ngettext(
            "%(n)s item waits for its new owner's consent.", "%(n)s items wait for their new owner's consent.", n
        )
        yield Blocker(
            text % {"n": n}, people.get(pk or 0), f"{url}?decision=consent", stage="accept", key="items-consent"
        )


def section(handover, request):
    """Progress and what is left by kind: one query."""
    rows = (
        handover.open_items.order_by()
        .values_list("kind")
        .annotate(n=Count("pk"), decided=Count("pk", filter=~Q(decision="")))
    )
    counts = {kind: (decided, n) for kind, n, decided in rows}
    kinds = [(OpenItem.Kind(kind).label, *counts[kind], kind) for kind in OpenItem.Kind.values if kind in counts]
    return Section(
        "items",
        _("Open items"),
        url=reverse("handover:items", args=[handover.project.code, handover.number]),
        done=sum(decided for decided, _n in counts.values()),
        total=sum(n for _decided, n in counts.values()),
        template="handover/items/_section.html",
        context={"kinds": kinds},
    )
