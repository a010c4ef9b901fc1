"""One field of many issues at once: seen before it is done, done in a constant number of queries, taken back.

The rules are those of the single verbs. A row that breaks one is refused with its reason and the others go on; rows
that changed since they were looked at are refused too.
"""

import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.issues import types
from delivery.issues.escalation import planning
from delivery.issues.forms import WORKING
from delivery.issues.models import Issue, IssueNote, KnownGap, Severity
from delivery.issues.priority.models import Impact, Urgency, matrix_of
from delivery.issues.queue import telling
from delivery.issues.queue.models import BulkEdit
from delivery.issues.service_hours import service_hours
from delivery.issues.teams.models import TeamStay
from delivery.models import Membership, Product
from delivery.search import visible_issues
from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.ui import format as fmt
from pmdm.ui.parts import Text

MOST = 800  # a form holds at most a thousand fields
State = Issue.State


STEP = "step:"  # before a state that only one type has


def steps_of_types() -> list[tuple[str, list[tuple[str, Text]]]]:
    """(type, [(value, words)]) of the states that only one type has and that are taken one by one."""
    return [
        (str(Issue.Type(kind).label), [(STEP + step.name, step.label) for step in own])
        for kind, each in types.TYPES.items()
        if (own := [step for step in each.steps if step.within == types.OPEN])
    ]


class Refused(Exception):
    """This row can't take the change; the message says why."""


@dataclass
class Change:
    """What would happen to one issue: the words before and after, or why not."""

    issue: Issue
    was: str = ""
    now: str = ""
    why: str = ""  # refused
    before: dict[str, Any] = field(default_factory=dict)  # column -> value, of what would be written

    @property
    def changes(self) -> bool:
        return not self.why and bool(self.before)


@dataclass(frozen=True)
class Edit:
    """A field that can be edited in bulk: the columns it may write, its words, how a value is set on an issue."""

    label: Text
    columns: tuple[str, ...]
    words: Callable[[Issue], str]
    set: Callable[["Batch", Issue, Any, str], None]
    choices: Callable[["Batch"], list[Any]] | None  # (value, words) pairs; None: a number is written
    text: Text = ""  # what the text beside the value is, where it takes one


class Batch:
    """The issues of one change with their products, read once and locked: who asks, what they may."""

    def __init__(self, wanted: dict[int, int | None], *, by, at: datetime.datetime, lock: bool):
        self.by, self.at, self.wanted, self.lock = by, at, wanted, lock
        issues = visible_issues(by).filter(pk__in=wanted).order_by("pk")
        if lock:
            # The locks first, alone: joined rows are read after them.
            list(issues.select_for_update(of=("self",)).values_list("pk", flat=True))
        related = ("assignee", "organisation", "requirement", "team", "problem", "parent", "found_in", "fixed_in")
        self.issues = list(issues.select_related(*related))
        products = Product.objects.visible_to(by).filter(pk__in={issue.product_id for issue in self.issues})
        self.products = {
            product.pk: product
            for product in products.select_related("calendar").prefetch_related(
                "service_levels", "escalation_steps", "priority_rules"
            )
        }
        works = Product.objects.allowing(by, P.ISSUE_WORK).filter(pk__in=self.products)
        self.workable = set(works.values_list("pk", flat=True))
        self.matrices = {pk: matrix_of(product) for pk, product in self.products.items()}
        for issue in self.issues:
            issue.product = self.products[issue.product_id]
        self.people = self._people()
        self._related: dict[str, list] = {}
        self._members: dict[int, set[int]] = {}
        self._parents: dict[tuple[str, int], Issue | None] = {}

    def _people(self) -> dict[int, dict[int, User]]:
        """Who may be given issues of each product."""
        found: dict[int, dict[int, User]] = {}
        if self.workable:
            rows = people_of_many(self.workable)
            for product, user in rows:
                found.setdefault(product, {})[user.pk] = user
        return found

    @property
    def everybody(self) -> dict[int, User]:
        return {pk: user for people in self.people.values() for pk, user in people.items()}

    def related(self, name: str) -> list:
        """Requirements, releases or clients to choose from: of the one product, nothing over several."""
        if len(self.products) != 1:
            return []
        if name not in self._related:
            self._related[name] = list(getattr(next(iter(self.products.values())), name).all())
        return self._related[name]

    def parent(self, number: str, product: int) -> Issue | None:
        """The issue of that number (ISS-14), locked where the batch is."""
        key = (number, product)
        if key not in self._parents:
            digits = number.strip().upper().removeprefix("ISS-")
            rows = Issue.objects.filter(product=product, number=int(digits) if re.fullmatch(r"\d{1,9}", digits) else 0)
            self._parents[key] = (rows.select_for_update() if self.lock else rows).first()
        return self._parents[key]

    @cached_property
    def parents(self) -> set[int | None]:
        """Those of the batch that have children."""
        rows = Issue.objects.filter(parent__in=[issue.pk for issue in self.issues])
        return set(rows.values_list("parent", flat=True))

    def people_of_team(self, team) -> set[int]:
        if team.pk not in self._members:
            self._members[team.pk] = set(team.members.values_list("pk", flat=True))
        return self._members[team.pk]

    def belongs_to(self, team) -> bool:
        return self.by.pk in self.people_of_team(team)

    def may(self, issue: Issue) -> None:
        if issue.product_id not in self.workable:
            raise Refused(_("You do not work on issues of this product."))
        if reason := issue.product.locked_reason:
            raise Refused(reason)
        version = self.wanted[issue.pk]
        if version is not None and issue.version != version:
            raise Refused(_("Somebody changed it since you looked."))


def people_of_many(products: Iterable[int]) -> list[tuple[int, User]]:
    """(product, person) for everybody who may be given issues of these products."""
    held = Membership.objects.filter(
        product__in=products, role__in=WORKING, user__is_active=True, user__organisation=None
    )
    return [(row.product_id, row.user) for row in held.select_related("user").order_by("user__name", "user")]


# --- The fields -------------------------------------------------------------------------------------------


def _set_assignee(batch: Batch, issue: Issue, value: Any, text: str) -> None:
    user = None
    if value:
        user = batch.people.get(issue.product_id, {}).get(int(value))
        if user is None:
            raise Refused(_("This person does not work on %(product)s.") % {"product": issue.product})
    issue.assignee = user


def _set_severity(batch: Batch, issue: Issue, value: Any, text: str) -> None:
    issue.severity, issue.priority_reason = int(value), text or issue.priority_reason
    computed = issue.computed_priority(batch.matrices[issue.product_id])
    if computed is None or computed == issue.severity:
        issue.priority_reason = ""
    elif not text:
        raise Refused(
            _("Impact and urgency give “%(priority)s”: give a reason.") % {"priority": Severity(computed).label}
        )


def _set_judged(name: str) -> Callable[[Batch, Issue, Any, str], None]:
    def put(batch: Batch, issue: Issue, value: Any, text: str) -> None:
        setattr(issue, name, int(value) if value else None)
        issue.prioritise(said=False, matrix=batch.matrices[issue.product_id])

    return put


def _set_type(batch: Batch, issue: Issue, value: Any, text: str) -> None:
    """What the other type does not have goes; undo brings it back."""
    if issue.type == value:
        return
    issue.type = value
    issue.details = types.kept_by(value, issue.details)
    if not types.allowed(value, issue.state, issue.step):
        issue.step = ""


def _set_step(batch: Batch, issue: Issue, step: str) -> None:
    """A state that only one type has, by the transitions of the table."""
    kind = types.TYPES[issue.type]
    if kind.step(step) is None:
        raise Refused(_("“%(type)s” has no such state.") % {"type": issue.get_type_display()})
    if issue.step == step:
        return
    if not issue.is_open or step not in {each.name for each in kind.following(issue.step)}:
        words = {"now": issue.get_state_display(), "to": types.LABELS[step]}
        raise Refused(_("From “%(now)s” it cannot become “%(to)s”.") % words)
    _set_state(batch, issue, State.IN_PROGRESS, "")
    issue.step = step


def _set_related(name: str, rows: str) -> Callable[[Batch, Issue, Any, str], None]:
    def put(batch: Batch, issue: Issue, value: Any, text: str) -> None:
        found = None
        if value:
            found = next((row for row in batch.related(rows) if row.pk == int(value)), None)
            if found is None:
                raise Refused(_("It does not belong to this product."))
        setattr(issue, name, found)

    return put


def _set_team(batch: Batch, issue: Issue, value: Any, text: str) -> None:
    team = next((row for row in batch.related("teams") if row.pk == int(value) and row.ended_at is None), None)
    if team is None:
        raise Refused(_("It does not belong to this product."))
    if team.pk == issue.team_id:
        return
    if not issue.is_open:
        raise Refused(_("It is “%(state)s” already.") % {"state": issue.get_state_display()})
    if issue.team_id and not batch.belongs_to(team):
        raise Refused(_("%(team)s has it: offer it on its page, where the other team answers.") % {"team": issue.team})
    issue.team = team
    if issue.assignee_id not in batch.people_of_team(team):
        issue.assignee = None


def _set_problem(batch: Batch, issue: Issue, value: Any, text: str) -> None:
    _set_related("problem", "problems")(batch, issue, value, text)
    if issue.problem is not None and not issue.problem.is_open:
        words = {"problem": issue.problem.ref, "state": issue.problem.get_state_display()}
        raise Refused(_("%(problem)s is “%(state)s”.") % words)


def _set_parent(batch: Batch, issue: Issue, value: Any, text: str) -> None:
    if not value:
        issue.parent = None
        return
    parent = batch.parent(str(value), issue.product_id)
    if parent is None:
        raise Refused(_("There is no such issue. Write its number, such as ISS-14."))
    if parent.pk == issue.pk:
        raise Refused(_("It is the parent."))
    if parent.parent_id is not None:
        raise Refused(_("%(parent)s is itself a child of another issue.") % {"parent": parent.ref})
    if not parent.is_open or not issue.is_open:
        raise Refused(_("Only open issues follow an open one."))
    if issue.pk in batch.parents:
        raise Refused(_("It has children of its own: attach it on its page."))
    issue.parent = parent


def _set_state(batch: Batch, issue: Issue, value: Any, text: str) -> None:
    if str(value).startswith(STEP):
        _set_step(batch, issue, str(value).removeprefix(STEP))
        return
    if issue.state == value:
        return
    if value == State.IN_PROGRESS:
        if not issue.is_open:
            raise Refused(_("Reopening needs a reason: do it on the issue's page."))
        if issue.assignee_id is None and batch.by.pk in batch.people.get(issue.product_id, {}):
            issue.assignee = batch.by
        _end_pause(issue, batch.at)
    elif value == State.RESOLVED:
        if not issue.is_open:
            raise Refused(_("It is “%(state)s” already.") % {"state": issue.get_state_display()})
        if not text.strip():
            raise Refused(_("Say how it was resolved."))
        issue.resolved_at = max(batch.at, issue.created_at)
        issue.responded_at = issue.responded_at or issue.resolved_at
        issue.resolution, issue.step = text, ""
        _end_pause(issue, batch.at)
    elif value == State.CLOSED:
        if issue.state != State.RESOLVED:
            raise Refused(_("Only what is resolved can be closed."))
        issue.closed_at = batch.at
    else:
        raise Refused(_("Not in bulk."))
    issue.state = value


def _end_pause(issue: Issue, at: datetime.datetime) -> None:
    for name, value in issue.resumed(at).items():
        setattr(issue, name, value)


def _with_none(rows, label) -> list[tuple[Any, Text]]:
    return [("", label), *((row.pk, str(row)) for row in rows)]


EDITS: dict[str, Edit] = {
    "assignee": Edit(
        gettext_lazy("Assignee"),
        ("assignee_id",),
        lambda i: i.assignee.name if i.assignee else _("Nobody yet"),
        _set_assignee,
        lambda b: [("", gettext_lazy("Nobody yet")), *((pk, user.name) for pk, user in b.everybody.items())],
    ),
    "severity": Edit(
        gettext_lazy("Priority"),
        ("severity", "priority_reason"),
        lambda i: i.get_severity_display(),
        _set_severity,
        lambda b: Severity.choices,
        gettext_lazy("Reason, where impact and urgency give another"),
    ),
    "impact": Edit(
        gettext_lazy("Impact"),
        ("impact", "severity", "priority_reason"),
        lambda i: i.get_impact_display() or fmt.DASH,
        _set_judged("impact"),
        lambda b: [("", gettext_lazy("Not judged")), *Impact.choices],
    ),
    "urgency": Edit(
        gettext_lazy("Urgency"),
        ("urgency", "severity", "priority_reason"),
        lambda i: i.get_urgency_display() or fmt.DASH,
        _set_judged("urgency"),
        lambda b: [("", gettext_lazy("Not judged")), *Urgency.choices],
    ),
    "state": Edit(
        gettext_lazy("State"),
        ("state", "step", "assignee_id", "pauses", "responded_at", "resolved_at", "closed_at", "resolution"),
        lambda i: i.get_state_display(),
        _set_state,
        lambda b: [
            *((state.value, state.label) for state in (State.IN_PROGRESS, State.RESOLVED, State.CLOSED)),
            *steps_of_types(),
        ],
        gettext_lazy("Resolution, for what is resolved"),
    ),
    "type": Edit(
        gettext_lazy("Type"),
        ("type", "step", "details"),
        lambda i: i.get_type_display(),
        _set_type,
        lambda b: Issue.Type.choices,
    ),
    "team": Edit(
        gettext_lazy("Team"),
        ("team_id", "assignee_id"),
        lambda i: i.team.name if i.team else _("No team"),
        _set_team,
        lambda b: [(team.pk, team.name) for team in b.related("teams") if team.ended_at is None],
    ),
    "organisation": Edit(
        gettext_lazy("Client"),
        ("organisation_id",),
        lambda i: str(i.organisation) if i.organisation else fmt.DASH,
        _set_related("organisation", "clients"),
        lambda b: _with_none(b.related("clients"), gettext_lazy("No client in particular")),
    ),
    "requirement": Edit(
        gettext_lazy("Breaks requirement"),
        ("requirement_id",),
        lambda i: i.requirement.ref if i.requirement else fmt.DASH,
        _set_related("requirement", "requirements"),
        lambda b: _with_none(b.related("requirements"), gettext_lazy("None")),
    ),
    "problem": Edit(
        gettext_lazy("Problem"),
        ("problem_id",),
        lambda i: str(i.problem) if i.problem else fmt.DASH,
        _set_problem,
        lambda b: _with_none([row for row in b.related("problems") if row.is_open], gettext_lazy("None")),
    ),
    "parent": Edit(
        gettext_lazy("Parent"),
        ("parent_id",),
        lambda i: str(i.parent) if i.parent else fmt.DASH,
        _set_parent,
        None,
    ),
    "found_in": Edit(
        gettext_lazy("Found in release"),
        ("found_in_id",),
        lambda i: i.found_in.name if i.found_in else fmt.DASH,
        _set_related("found_in", "releases"),
        lambda b: _with_none(b.related("releases"), gettext_lazy("Not known")),
    ),
    "fixed_in": Edit(
        gettext_lazy("Fixed in release"),
        ("fixed_in_id",),
        lambda i: i.fixed_in.name if i.fixed_in else fmt.DASH,
        _set_related("fixed_in", "releases"),
        lambda b: _with_none(b.related("releases"), gettext_lazy("No release")),
    ),
}
# Those of several products have only what belongs to no single one.
ACROSS = ("assignee", "severity", "impact", "urgency", "state", "type")


def plan(batch: Batch, name: str, value: Any, text: str = "") -> list[Change]:
    """What would happen to each issue; the issues carry the new values, nothing is written."""
    edit = EDITS[name]
    changes = []
    for issue in batch.issues:
        change = Change(issue, was=edit.words(issue))
        before = {column: getattr(issue, column) for column in edit.columns}
        try:
            batch.may(issue)
            edit.set(batch, issue, value, text)
        except Refused as refusal:
            change.why = str(refusal)
            change.now = change.was
        else:
            change.before = {column: was for column, was in before.items() if getattr(issue, column) != was}
            change.now = edit.words(issue)
        changes.append(change)
    return changes


@transaction.atomic
def apply(wanted: dict[int, int | None], name: str, value: Any, text: str = "", *, by, back_to="", at=None) -> BulkEdit:
    """Do it; the journal row that can take it back. ``wanted``: {issue: version that was seen, None for any}."""
    at = at or timezone.now()
    batch = Batch(wanted, by=by, at=at, lock=True)
    changes = plan(batch, name, value, text)
    done = [change for change in changes if change.changes]
    _write(batch, [change.issue for change in done], EDITS[name].columns)
    words = next((change.now for change in done), "")
    edit = BulkEdit.objects.create(
        by=by,
        at=at,
        field=name,
        value=words[:300],
        back_to=back_to,
        changes=[
            {
                "issue": change.issue.pk,
                "version": change.issue.version,
                "before": {column: _as_json(was) for column, was in change.before.items()},
                "after": {
                    column: _as_json(getattr(change.issue, column))
                    for column in EDITS[name].columns
                    if column in change.before or column not in ON_ITS_OWN
                },
                "was": change.was,
                "now": change.now,
            }
            for change in done
        ],
        refused=[{"issue": change.issue.pk, "why": change.why} for change in changes if change.why],
    )
    telling.ask(edit)
    return edit


@transaction.atomic
def undo(edit_id: int, *, by, at=None) -> BulkEdit | None:
    """Take it back where what it wrote still stands; None where it is somebody else's or was taken back.

    What it wrote is looked at, not who wrote since: a newer change of the same issues that was itself taken back, or
    one of another field, stands in nobody's way.
    """
    at = at or timezone.now()
    edit = BulkEdit.objects.select_for_update().filter(pk=edit_id, by=by, undone_at=None).first()
    if edit is None:
        return None
    made = {change["issue"]: change for change in edit.changes}
    batch = Batch(dict.fromkeys(made), by=by, at=at, lock=True)
    barred = _barred(edit)
    back, left = [], []
    given = {issue.pk: issue.assignee_id for issue in batch.issues}
    for issue in batch.issues:
        try:
            batch.may(issue)
            _put_back(batch, issue, edit.field, made[issue.pk], barred)
        except Refused as refusal:
            left.append({"issue": issue.pk, "why": str(refusal)})
        else:
            back.append(issue)
    _write(batch, back, EDITS[edit.field].columns)
    if edit.field == "state":  # what this edit closed, and nothing that was closed otherwise
        KnownGap.objects.filter(issue__in=[issue for issue in back if issue.is_open], closed_at=edit.at).update(
            closed_at=None
        )
    there = {issue.pk for issue in batch.issues}
    left += [
        {"issue": pk, "why": str(_("It is gone, or not yours to see any more."))} for pk in made if pk not in there
    ]
    edit.undone_at, edit.left = at, left
    edit.save(update_fields=["undone_at", "left"])
    telling.take_back(edit, {issue.pk: given[issue.pk] for issue in back}, by=by)
    return edit


# What a change may write beside its field, and what stands in nobody's way where it did not.
ON_ITS_OWN = ("assignee_id",)
# What a row must still be, to be named again by an undo.
_STANDING: dict[str, dict[str, Any]] = {"assignee_id": {"is_active": True}, "team_id": {"ended_at": None}}


def _put_back(batch: Batch, issue: Issue, name: str, change: dict, barred: set[tuple[str, Any]]) -> None:
    """Set on the issue what was before; Refused, with why, where that would undo more than this or break a rule."""
    edit, before = EDITS[name], change["before"]
    if "after" not in change:  # Made before that was kept: nobody may have touched the issue.
        if issue.version != change["version"]:
            raise Refused(_("Somebody changed it since you looked."))
    elif differing := {
        column for column, then in change["after"].items() if getattr(issue, column) != _from_json(column, then)
    }:
        if (now := edit.words(issue)) != change["now"]:
            words = {"now": now, "then": change["now"]}
            raise Refused(_("It is “%(now)s” now, where this change had made it “%(then)s”.") % words)
        raise Refused(_("What came with it was changed since: %(fields)s.") % {"fields": _labels(differing)})
    if issue.pk in batch.parents and before.get("parent_id"):
        raise Refused(_("It has children of its own now."))
    if any(column.endswith("_id") and (column, was) in barred for column, was in before.items()):
        words = {"was": change["was"]}
        raise Refused(_("“%(was)s” cannot be put back: it is no more, or no longer what it was.") % words)
    for column, was in before.items():
        setattr(issue, column, _from_json(column, was))
    if not types.allowed(issue.type, issue.state, issue.step):  # its state or its type went on since
        issue.step = ""
    if "severity" in edit.columns:
        try:
            issue.prioritise(said=True, matrix=batch.matrices[issue.product_id])
        except ValidationError as error:
            raise Refused(error.messages[0]) from error


def _barred(edit: BulkEdit) -> set[tuple[str, Any]]:
    """(column, key) of what these issues named before the edit and what cannot be named again."""
    wanted: dict[str, set[int]] = {}
    for change in edit.changes:
        for column, was in change["before"].items():
            if column.endswith("_id") and was is not None:
                wanted.setdefault(column, set()).add(was)
    barred: set[tuple[str, Any]] = set()
    for column, keys in wanted.items():
        rows = Issue._meta.get_field(column.removesuffix("_id")).related_model._base_manager.filter(pk__in=keys)
        if column == "parent_id":  # Under their locks: none becomes another's child meanwhile.
            locked = rows.order_by("pk").select_for_update().values_list("pk", "parent")
            there = {pk for pk, above in locked if above is None}
        else:
            there = set(rows.filter(**_STANDING.get(column, {})).values_list("pk", flat=True))
        barred |= {(column, key) for key in keys - there}
    return barred


def _labels(columns: Iterable[str]) -> str:
    fields = (Issue._meta.get_field(column.removesuffix("_id")) for column in columns)
    return ", ".join(sorted(str(field.verbose_name) for field in fields))


def resolve_together(issues, *, by, at: datetime.datetime, resolution: str, fixed_in=None) -> int:
    """Resolve these open issues with the same words, under the caller's transaction; how many were."""
    return _together(issues, State.RESOLVED, resolution, by=by, at=at, fixed_in=fixed_in)


def close_together(issues, *, by, at: datetime.datetime) -> int:
    """Close these resolved issues; how many were."""
    return _together(issues, State.CLOSED, "", by=by, at=at)


def reopen_together(issues, *, by, at: datetime.datetime, reason: str) -> int:
    """Open these solved issues again, under the caller's transaction; how many were.

    The reason is an internal note: it was said about another issue, which their customers must not read of.
    """
    wanted: dict[int, int | None] = dict.fromkeys(issues.values_list("pk", flat=True))
    batch = Batch(wanted, by=by, at=at, lock=True)
    done = [issue for issue in batch.issues if not issue.is_open and issue.duplicate_of_id is None]
    for issue in done:
        batch.may(issue)
        issue.state, issue.step, issue.resolved_at, issue.closed_at = State.IN_PROGRESS, "", None, None
        issue.reopened += 1
    _write(batch, done, ("state", "step", "resolved_at", "closed_at", "reopened"))
    KnownGap.objects.filter(issue__in=done).update(closed_at=None)
    IssueNote.objects.bulk_create(
        IssueNote(product_id=issue.product_id, issue=issue, by=by, text=reason, is_internal=True, at=at)
        for issue in done
    )
    return len(done)


def _together(issues, state: str, text: str, *, by, at, fixed_in=None) -> int:
    wanted: dict[int, int | None] = dict.fromkeys(issues.values_list("pk", flat=True))
    batch = Batch(wanted, by=by, at=at, lock=True)
    done = [change.issue for change in plan(batch, "state", state, text) if change.changes]
    for issue in done:
        issue.fixed_in = fixed_in or issue.fixed_in
    _write(batch, done, (*EDITS["state"].columns, "fixed_in_id"))
    if done and state == State.RESOLVED:
        telling.ask_solved(done, by=by, at=at)
    return len(done)


def _write(batch: Batch, issues: list[Issue], columns: tuple[str, ...]) -> None:
    """Write the issues with their clocks and escalations, product by product; mark promises that break now."""
    if not issues:
        return
    for issue in issues:
        issue.version += 1
    of_product: dict[int, list[Issue]] = {}
    for issue in issues:
        of_product.setdefault(issue.product_id, []).append(issue)
    clocks = {
        pk: {"hours": service_hours(product), "levels": product.levels()} for pk, product in batch.products.items()
    }
    for pk, together in of_product.items():
        for issue in together:
            issue.reckon(**clocks[pk])
    names = [column.removesuffix("_id") for column in columns]
    Issue.objects.bulk_update(issues, [*names, *Issue.DUES, "version"], batch_size=MOST)
    for pk, together in of_product.items():
        planning.plan(batch.products[pk], together, at=batch.at, **clocks[pk])
    TeamStay.follow(issues, at=batch.at)
    _follow_known_errors(issues, batch.at)
    if "type" in columns:
        from delivery.complaints.models import Complaint  # whose story is built on this one

        Complaint.open_together([issue for issue in issues if issue.type == Issue.Type.COMPLAINT and issue.is_open])
    # The worst of each requirement says what the others would.
    worst: dict[int, Issue] = {}
    for issue in sorted(issues, key=lambda issue: issue.severity, reverse=True):
        if issue.requirement_id and issue.is_open and issue.type == Issue.Type.BUG:
            worst[issue.requirement_id] = issue
    for issue in worst.values():
        issue.mark_broken_promise(by=batch.by, at=batch.at)


def _follow_known_errors(issues: list[Issue], at: datetime.datetime) -> None:
    """What is solved is offered to reporters no longer."""
    solved = [issue for issue in issues if not issue.is_open]
    KnownGap.objects.filter(issue__in=solved, closed_at=None).update(closed_at=at)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.datetime) else value


def _from_json(column: str, value: Any) -> Any:
    if column.endswith("_at") and value is not None:
        return datetime.datetime.fromisoformat(value)
    return value
