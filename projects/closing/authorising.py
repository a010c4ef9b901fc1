"""How an end report goes: written, submitted as a paper, authorised by somebody else; then the project is closed.

From the submission to the decision the project takes no changes, so what is authorised is what was submitted.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.accounts.roles import Permission
from pmdm.files.models import File
from pmdm.registers.editing import FIRST
from pmdm.ui import format as fmt
from projects.closing.matters import CARRY, Matter, kind_of, open_matters


def open_report(project, *, by, at=None):
    """The report that is being written or judged; begun when there is none."""
    from projects.closing.models import EndReport

    report = project.end_reports.exclude(state=EndReport.State.AUTHORISED).first()
    if report is None:
        if project.state != project.State.ACTIVE:
            raise ValidationError(_("Only an active project can be closed: resume it first."), code="state")
        report = EndReport.objects.create(project=project, created_by=by, created_at=at or timezone.now())
    report.project = project
    return report


def may_authorise(project, user, submitted_by_id: int | None) -> bool:
    """Whether this person may say yes to a report that somebody submitted; never to one's own."""
    return user.pk != submitted_by_id and project.allows(user, Permission.CLOSURE_AUTHORISE)


class Authorised:
    """The part of EndReport that changes its state."""

    State: Any
    OPEN_STATES: ClassVar[tuple[str, ...]]
    _base_manager: ClassVar[Any]
    pk: int
    ref: str
    state: str
    project: Any
    reached: str
    decisions: Any
    submissions: Any
    refresh_from_db: Any

    @property
    def is_open(self) -> bool:
        """Whether it can be changed."""
        return self.state in self.OPEN_STATES

    def matters(self) -> list[Matter]:
        """What is open in the project now, each with what was decided."""
        return open_matters(self.project, self)

    def decide(self, kind: str, rows: Iterable[int], decision: str, *, by, reason: str, at=None) -> int:
        """Decide the same about several open things of one kind; how many."""
        return self.decide_each(kind, dict.fromkeys(rows, (decision, reason)), by=by, at=at)

    @transaction.atomic
    def decide_each(self, kind: str, choices: Mapping[int, tuple[str, str]], *, by, at=None) -> int:
        """Decide what becomes of open things of one kind: {row: (decision, reason)}; how many.

        A later decision replaces an earlier one; rows that are not open here are left out.
        """
        from projects.closing.models import ClosingDecision

        found = kind_of(kind)
        if found is None or not {decision for decision, _reason in choices.values()} <= set(found.decisions):
            raise ValidationError(_("That can't be decided about these."))
        if not all(reason.strip() for _decision, reason in choices.values()):
            raise ValidationError({"reason": _("Say why: the reason stands in the end report.")})
        self._lock(self.OPEN_STATES)
        at = at or timezone.now()
        made = []
        for row in found.find(self.project):
            if row.pk not in choices:
                continue
            decision, reason = choices[row.pk]
            ref, title, _url = found.describe(self.project, row)
            made.append(
                ClosingDecision(
                    project=self.project,
                    report_id=self.pk,
                    kind=kind,
                    row=row.pk,
                    ref=ref,
                    # What stands on rows that only some may see is not repeated here.
                    title=ref if found.needs else title[:300],
                    decision=decision,
                    reason=reason.strip(),
                    decided_by=by,
                    decided_at=at,
                )
            )
        ClosingDecision.objects.bulk_create(
            made,
            update_conflicts=True,
            unique_fields=["report", "kind", "row"],
            update_fields=["ref", "title", "decision", "reason", "decided_by", "decided_at"],
        )
        return len(made)

    def obstacles(self, matters: list[Matter] | None = None) -> list[str]:
        """Why it can't be submitted yet, a sentence each."""
        found = []
        if not self.reached.strip():
            found.append(_("The report does not say yet what was reached."))
        for matter in self.matters() if matters is None else matters:
            if not matter.kind.decisions:
                found.append(f"{matter.kind.label} ({matter.count}): {matter.kind.help}")
            elif left := len(matter.undecided):
                found.append(
                    ngettext("%(label)s: %(n)d is not decided.", "%(label)s: %(n)d are not decided.", left)
                    % {"label": matter.kind.label, "n": left}
                )
        return found

    @transaction.atomic
    def submit(self, *, by, at=None):
        """Set it as PDF and give it to the sponsor; until it is decided the project takes no changes."""
        from projects.closing.content import papers

        at = at or timezone.now()
        project = self._lock(self.OPEN_STATES)
        if found := self.obstacles():
            raise ValidationError(found)
        if not self._anybody_else(by):
            raise ValidationError(
                _("Nobody but you could authorise this: give somebody the sponsor's role in the team first.")
            )
        number = (self.submissions.aggregate(last=Max("number"))["last"] or 0) + 1
        whole, without_money = papers(self, number, by=by, at=at)
        name = f"{project.code} {self.ref} {timezone.localtime(at):%Y-%m-%d} v{number}"
        kept = self.submissions.create(
            project=project,
            number=number,
            submitted_by=by,
            submitted_at=at,
            paper=self._keep(f"{name}.pdf", whole, Permission.COST_VIEW, by, at),
            paper_without_money=self._keep(
                f"{name} without money.pdf", without_money, Permission.PROJECT_ACTIVITY_VIEW, by, at
            ),
        )
        self._move(self.State.SUBMITTED)
        self._hold(True)
        return kept

    @transaction.atomic
    def withdraw(self, *, by, at=None) -> None:
        """Take it back to change something."""
        self._lock((self.State.SUBMITTED,))
        self._answer("withdrawn", by, "", at or timezone.now())
        self._move(self.State.DRAFT)
        self._hold(False)

    @transaction.atomic
    def send_back(self, *, by, reason: str, at=None) -> None:
        """The sponsor wants something changed first."""
        if not (reason := reason.strip()):
            raise ValidationError({"reason": _("Say what must change before the project can close.")})
        self._lock((self.State.SUBMITTED,))
        self._check(by)
        self._answer("returned", by, reason, at or timezone.now())
        self._move(self.State.RETURNED)
        self._hold(False)

    @transaction.atomic
    def authorise(self, *, by, reason: str = "", at=None):
        """Close the project: what was decided about open things takes effect, the result is frozen."""
        at = at or timezone.now()
        project = self._lock((self.State.SUBMITTED,))
        self._check(by)
        matters = self.matters()
        if late := [item for matter in matters for item in matter.undecided]:
            raise ValidationError(
                _("Opened since it was submitted: %(names)s. Return it, so that this is decided too.")
                % {"names": "; ".join(item.ref or item.title for item in late[:5])}
            )
        submission = self.submissions.select_related("submitted_by").get(decision="")
        self._answer("authorised", by, reason.strip(), at)
        self._move(self.State.AUTHORISED)
        self._hold(False)
        for matter in matters:
            if matter.kind.settle:
                matter.kind.settle(matter.items, by=submission.submitted_by, at=at)
        return project.close_with(self, left_open(matters), by=by, at=at)

    def _keep(self, name: str, content: bytes, permission: Permission, by, at) -> File:
        return File.keep(self.project, ContentFile(content, name=name), by=by, permission=permission, at=at)

    def _check(self, by) -> None:
        waiting = self.submissions.filter(decision="").first()
        if not may_authorise(self.project, by, waiting and waiting.submitted_by_id):
            raise PermissionDenied(_("The sponsor decides here, never who submitted the report."))

    def _anybody_else(self, by) -> bool:
        from pmdm.accounts.models import User

        roles = [role for role, held in self.project.ROLE_PERMISSIONS.items() if Permission.CLOSURE_AUTHORISE in held]
        sponsors = self.project.memberships.filter(role__in=roles, user__is_active=True).exclude(user=by)
        return sponsors.exists() or any(
            Permission.CLOSURE_AUTHORISE in user.site_permissions
            for user in User.objects.filter(is_active=True).exclude(site_role="").exclude(pk=by.pk)
        )

    def _answer(self, decision, by, reason, at) -> None:
        self.submissions.filter(decision="").update(decision=decision, reason=reason, decided_by=by, decided_at=at)

    def _hold(self, held: bool) -> None:
        """Whether the project waits for the decision and takes no changes."""
        type(self.project)._base_manager.filter(pk=self.project.pk).update(awaits_closure=held)
        self.project.awaits_closure = held

    def _move(self, to) -> None:
        before = self.state
        if not type(self)._base_manager.filter(pk=self.pk, state=before).update(state=to):
            raise ValidationError(self._who_was_first(), code=FIRST)
        self.state = to

    def _lock(self, states):
        """Go on with the project and the report as they are now, kept until the end. The project."""
        project = type(self.project)._base_manager.select_for_update(of=("self",)).get(pk=self.project.pk)
        self.project.state, self.project.awaits_closure = project.state, project.awaits_closure
        type(self)._base_manager.select_for_update().filter(pk=self.pk).values_list("pk").get()
        self.state = type(self)._base_manager.values_list("state", flat=True).get(pk=self.pk)
        if self.state not in states:
            raise ValidationError(self._who_was_first(), code=FIRST)
        if project.state != project.State.ACTIVE:
            raise ValidationError(_("Only an active project can be closed: resume it first."), code="state")
        return self.project

    def _who_was_first(self) -> str:
        last = self.submissions.exclude(decision="").select_related("decided_by").first()
        if self.state in (self.State.AUTHORISED, self.State.RETURNED) and last:
            return _("%(who)s was first: “%(decision)s”, %(when)s. Nothing of yours was saved.") % {
                "who": last.decided_by.name,
                "decision": last.get_decision_display(),
                "when": fmt.when(last.decided_at),
            }
        if self.state == self.State.SUBMITTED:
            return _("The report has been submitted; it stands still until it is decided or withdrawn.")
        return _("The report does not wait for a decision any more: it was withdrawn.")


def left_open(matters: list[Matter]) -> dict[str, dict]:
    """What a closure keeps about what was open: {kind: {count, refs, to_handover, reason, decisions}}."""
    kept = {}
    for matter in matters:
        decided = [item.decision for item in matter.items]
        counts: dict[str, int] = {}
        for one in decided:
            counts[one.decision] = counts.get(one.decision, 0) + 1
        kept[matter.kind.code] = {
            "count": matter.count,
            "refs": [item.ref if matter.kind.needs else item.ref or item.title for item in matter.items][:10],
            "to_handover": CARRY in counts,
            "reason": "; ".join(dict.fromkeys(one.reason for one in decided)),
            "decisions": counts,
        }
    return kept
