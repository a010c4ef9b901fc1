"""What happens to an initiation request: submit, give to a reviewer, return with a reason, approve into a project."""

import hashlib
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import SITE_PERMISSIONS, Permission
from pmdm.registers.editing import FIRST
from pmdm.ui import format as fmt
from projects.requests.steps import lacking

OPEN_STATES = ("draft", "returned")


def reviewers(but=None):
    """Who may review, those with the fewest requests in hand first; never who asked."""
    roles = [role for role, held in SITE_PERMISSIONS.items() if Permission.PROJECT_REVIEW in held]
    from projects.requests.models import InitiationRequest

    people = User.objects.filter(is_active=True, organisation=None, site_role__in=roles).exclude(pk=but and but.pk)
    waiting = dict(
        InitiationRequest.objects.filter(state="submitted").order_by().values_list("reviewer").annotate(n=Count("pk"))
    )
    # The PMO before administrators, who keep the machine.
    return sorted(people, key=lambda user: (user.site_role == "admin", waiting.get(user.pk, 0), user.name, user.pk))


class Judged:
    """The part of InitiationRequest that changes its state."""

    State: Any
    _base_manager: ClassVar[Any]
    pk: int
    state: str
    asked_by: Any
    asked_by_id: int
    reviewer: Any
    reviewer_id: int | None
    submissions: Any
    project: Any
    manager: Any
    sponsor: Any
    budget: Any
    objective: str
    measure: str
    unit: str
    baseline_value: Any
    target_value: Any
    risks: str
    refresh_from_db: Any
    save: Any

    @property
    def is_open(self) -> bool:
        """Whether its text can be changed."""
        return self.state in OPEN_STATES

    @transaction.atomic
    def submit(self, *, by, at=None):
        """Send it to a reviewer; the text is kept as a PDF. ValidationError says what is still missing."""
        from projects.requests.paper import paper_of

        at = at or timezone.now()
        self._locked(OPEN_STATES)
        if by.pk != self.asked_by_id:
            raise PermissionDenied(_("Only who wrote the request submits it."))
        if missing := lacking(self):
            raise ValidationError(
                _("Still missing: %(names)s.") % {"names": ", ".join(str(label) for _step, _name, label in missing)},
                code="missing",
            )
        if self.manager and self.manager == self.sponsor:
            raise ValidationError(_("The sponsor decides about the manager's work: name two people."))
        if not self._may_review(self.reviewer):
            free = reviewers(but=self.asked_by)
            if not free:
                raise ValidationError(_("Nobody can review this yet: the PMO has no other member."))
            self.reviewer = free[0]
        self.state = self.State.SUBMITTED
        self.save(update_fields=["state", "reviewer"])
        number = self.submissions.count() + 1
        paper = paper_of(self, number, at)
        return self.submissions.create(
            number=number,
            submitted_at=at,
            submitted_by=by,
            paper=paper,
            sha256=hashlib.sha256(paper).hexdigest(),
        )

    @transaction.atomic
    def give_to(self, reviewer, *, by) -> None:
        """Name who reviews; anybody who may review can take it over or pass it on."""
        self._locked(("submitted",))
        if Permission.PROJECT_REVIEW not in by.site_permissions:
            raise PermissionDenied
        if not self._may_review(reviewer):
            raise ValidationError({"reviewer": _("Choose somebody of the PMO who did not ask for it.")})
        self.reviewer = reviewer
        self.save(update_fields=["reviewer"])

    @transaction.atomic
    def send_back(self, *, by, reason: str, at=None) -> None:
        """Return it to who asked, with what must change; they can submit it again."""
        if not (reason := reason.strip()):
            raise ValidationError({"reason": _("Say what must change before it can be approved.")})
        self._locked(("submitted",))
        self._judge("returned", by, reason, at or timezone.now())
        self.state = self.State.RETURNED
        self.save(update_fields=["state"])

    @transaction.atomic
    def approve(self, *, by, code: str, manager, sponsor, reason="", template=None, at=None):
        """Make it a project with its charter, objective, risks, and what the template holds; returns the project."""
        from projects.lifecycle.models import Project

        at = at or timezone.now()
        self._locked(("submitted",))
        if manager == sponsor:
            raise ValidationError({"sponsor": _("The sponsor decides about the manager's work: name two people.")})
        self._judge("approved", by, reason.strip(), at)
        project = Project.initiate(
            by=by,
            manager=manager,
            sponsor=sponsor,
            template=template,
            at=at,
            code=code,
            **{
                name: getattr(self, name)
                for name in ("name", "goal", "client", "department", "currency", "target_start", "target_finish")
            },
            approved_budget=self.budget,
        )
        project.objectives.create(
            statement=self.objective,
            measure=self.measure,
            unit=self.unit,
            baseline_value=self.baseline_value,
            target_value=self.target_value,
            higher_is_better=self.baseline_value is None or self.target_value >= self.baseline_value,
        )
        for line in self.risks.splitlines():
            if title := line.strip():
                project.risks.create(title=title[:200], owner=manager, raised_at=at)
        self.state, self.project = self.State.APPROVED, project
        self.save(update_fields=["state", "project"])
        return project

    def may_be_judged_by(self, user) -> bool:
        return self.state == "submitted" and user.pk == self.reviewer_id and self._may_review(user)

    def _may_review(self, user) -> bool:
        return (
            user is not None
            and user.is_active
            and user.pk != self.asked_by_id
            and Permission.PROJECT_REVIEW in user.site_permissions
        )

    def _judge(self, decision, by, reason, at) -> None:
        if not self.may_be_judged_by(by):
            raise PermissionDenied(_("Only the reviewer of this request decides."))
        self.submissions.filter(decision="").update(decision=decision, reason=reason, decided_by=by, decided_at=at)

    def _locked(self, states) -> None:
        """Go on with the row as it is now, kept until the end; ValidationError when somebody was first."""
        type(self)._base_manager.select_for_update().filter(pk=self.pk).values_list("pk").get()
        self.refresh_from_db()
        if self.state not in states:
            raise ValidationError(self._who_was_first(), code=FIRST)

    def _who_was_first(self) -> str:
        last = self.submissions.exclude(decision="").select_related("decided_by").first()
        if self.state in ("approved", "returned") and last:
            return _("%(who)s was first: “%(decision)s”, %(when)s. Nothing of yours was saved.") % {
                "who": last.decided_by.name,
                "decision": last.get_decision_display(),
                "when": fmt.when(last.decided_at),
            }
        return _("This request has been submitted already; its text stands still until it is decided.")
