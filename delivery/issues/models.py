"""What happens after launch: bugs, complaints, performance issues, requests; service levels; known gaps."""

import re

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Least, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.issues import clock, types
from delivery.issues.aids.models import ChecklistTemplate
from delivery.issues.escalation import planning
from delivery.issues.hooks import tell
from delivery.issues.priority.models import Impact, Urgency, matrix_of
from delivery.issues.service_hours import service_hours
from delivery.issues.teams.models import TeamStay
from delivery.moves import NotNow, move
from delivery.products.naming import names_another, refuse_names
from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.registers.bulk import update_many
from pmdm.registers.models import Numbered, Versioned


class Severity(models.IntegerChoices):
    """The one grade of an issue, which people read as its priority: 1 is the worst. Service levels hang on it."""

    CRITICAL = 1, _("Critical")
    HIGH = 2, _("High")
    MEDIUM = 3, _("Medium")
    LOW = 4, _("Low")


class ServiceLevel(models.Model):
    """Response and resolution target of one severity, in minutes of the product's service hours."""

    # Minutes of response and resolution that a new product starts with: 1h/8h, 4h/2d, 1d/5d, 2d/10d of 8 hours.
    DEFAULTS = {1: (60, 480), 2: (240, 960), 3: (480, 2400), 4: (960, 4800)}

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="service_levels")
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity.choices)
    response = models.PositiveIntegerField(_("response target"))  # minutes
    resolution = models.PositiveIntegerField(_("resolution target"))  # minutes

    class Meta:
        ordering = ["severity"]
        constraints = [
            models.UniqueConstraint(fields=["product", "severity"], name="service_level_unique"),
            models.CheckConstraint(
                condition=Q(response__gt=0) & Q(resolution__gte=F("response")),
                name="service_level_resolution_after_response",
            ),
        ]
        triggers = [*audited("product"), *marks_dirty("product")]

    def __str__(self):
        return f"{self.get_severity_display()}: {self.response}/{self.resolution} min"

    @classmethod
    def set_defaults(cls, product) -> None:
        """Give a new product one level per severity."""
        cls.objects.bulk_create(
            cls(product=product, severity=severity, response=response, resolution=resolution)
            for severity, (response, resolution) in cls.DEFAULTS.items()
        )

    @classmethod
    @transaction.atomic
    def agree(cls, product, levels: dict[int, tuple[int, int]], *, by) -> None:
        """Set response and resolution per severity; open issues get their dues anew from their creation."""
        cls.objects.bulk_create(
            (
                cls(product=product, severity=severity, response=response, resolution=resolution)
                for severity, (response, resolution) in levels.items()
            ),
            update_conflicts=True,
            unique_fields=["product", "severity"],
            update_fields=["response", "resolution"],
        )
        Issue.reckon_open(product)


class IssueQuerySet(models.QuerySet):
    def visible_to(self, user, product):
        """A client sees its own organisation's issues only; one without an organisation those it reported."""
        if product.allows(user, Permission.INTERNAL_VIEW):
            return self
        if user.organisation_id:
            return self.filter(organisation_id=user.organisation_id)
        return self.filter(reported_by=user)

    def open(self):
        return self.filter(state__in=Issue.OPEN_STATES)

    def overdue(self, now=None):
        """Open with a resolution target that has passed."""
        return self.open().filter(resolution_due__lt=now or timezone.now())

    def pressing(self, now=None):
        """Open with a target that is at risk or broken, with ``rank`` 0 while one can still be met, and ``presses``:
        the due of that target, else of the one broken first."""
        now = now or timezone.now()
        clocks = (Q(responded_at=None), "response"), (Q(), "resolution")
        risk = [
            (own & Q(**{f"{name}_at_risk__lte": now, f"{name}_due__gte": now}), f"{name}_due") for own, name in clocks
        ]
        late = [(own & Q(**{f"{name}_due__lt": now}), f"{name}_due") for own, name in clocks]
        at_risk, broken = risk[0][0] | risk[1][0], late[0][0] | late[1][0]

        def earliest(rules):
            return Least(*(Case(When(rule, then=F(name))) for rule, name in rules))

        return (
            self.open()
            .filter(at_risk | broken)
            .annotate(
                rank=Case(When(at_risk, then=Value(0)), default=Value(1)),
                presses=Case(When(at_risk, then=earliest(risk)), default=earliest(late)),
            )
        )

    def breaking(self):
        """Open bugs bad enough to break the requirement they name."""
        return self.open().filter(type=Issue.Type.BUG, severity__lte=Severity.HIGH).exclude(requirement=None)

    def for_list(self):
        """With what a row of the queue shows, in one query."""
        return self.select_related("assignee", "organisation").defer(
            "description", "resolution", "root_cause", "imported", "details"
        )

    def searching(self, words):
        """Every word in the title, in the number elsewhere, or as the issue's own number."""
        found = self
        for word in words:
            match = Q(title__icontains=word) | Q(external_ref__icontains=word)
            if number := re.fullmatch(r"(?:ISS-)?(\d{1,9})", word, re.IGNORECASE):
                match |= Q(number=int(number[1]))
            found = found.filter(match)
        return found


def _steps_that_fit() -> Q:
    """What the table of types allows, as the database keeps it."""
    fits = Q(step="")
    for kind, each in types.TYPES.items():
        for step in each.steps:
            fits |= Q(type=kind, step=step.name, state__in=step.within)
    return fits


class Issue(Numbered, Versioned):
    """A bug, complaint, performance issue or request, from report to closing, with its service-level clock."""

    PREFIX, SUBJECT = "ISS", "product"

    class Type(models.TextChoices):
        BUG = "bug", _("Bug")
        COMPLAINT = "complaint", _("Complaint")
        PERFORMANCE = "performance", _("Performance")
        REQUEST = "request", _("Request")

    class State(models.TextChoices):
        NEW = "new", _("New")
        IN_PROGRESS = "in_progress", _("In progress")
        WAITING = "waiting", _("Waiting for customer")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    OPEN_STATES = ("new", "in_progress", "waiting")
    # What the clock writes.
    DUES = ("response_due", "resolution_due", "response_at_risk", "resolution_at_risk")

    class Source(models.TextChoices):
        PORTAL = "portal", _("Portal")
        STAFF = "staff", _("Entered by staff")
        ALERT = "alert", _("Alert")
        MAIL = "mail", _("Mail")
        IMPORT = "import", _("Import")
        HANDOVER = "handover", _("Handover")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="issues")
    type = models.CharField(_("type"), max_length=12, choices=Type.choices, default=Type.BUG)
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("what happens, what was expected"), blank=True)
    # The priority: by the matrix from impact and urgency where both are known, unless a reason says otherwise.
    severity = models.PositiveSmallIntegerField(_("priority"), choices=Severity.choices, default=Severity.MEDIUM)
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Impact.choices, null=True, blank=True)
    urgency = models.PositiveSmallIntegerField(_("urgency"), choices=Urgency.choices, null=True, blank=True)
    priority_reason = models.CharField(_("reason for another priority"), max_length=250, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.NEW)
    # What only this type has (types.TYPES): the state within the one above ('' for none), and its fields.
    step = models.CharField(_("state of its type"), max_length=15, blank=True, choices=list(types.LABELS.items()))
    details = models.JSONField(_("fields of its type"), default=dict, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, default=Source.STAFF)
    external_ref = models.CharField(_("number elsewhere"), max_length=100, blank=True)
    organisation = models.ForeignKey(
        "accounts.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("client"),
    )
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reported by"),
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assignee"),
    )
    # The team that has it; ``teams.HandOff`` moves it.
    team = models.ForeignKey(
        "delivery.Team", models.RESTRICT, null=True, blank=True, related_name="issues", verbose_name=_("team")
    )
    requirement = models.ForeignKey(
        "delivery.Requirement",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="issues",
        verbose_name=_("breaks requirement"),
    )
    fixed_in = models.ForeignKey(
        "delivery.Release",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="fixes",
        verbose_name=_("fixed in"),
    )
    found_in = models.ForeignKey(
        "delivery.Release",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="found",
        verbose_name=_("found in"),
    )
    # Closed because another one says the same; that one is never a duplicate itself.
    duplicate_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="duplicates",
        verbose_name=_("duplicate of"),
    )
    # What its customer came back about too late to open that one again.
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="followed_by", verbose_name=_("follows")
    )
    # The one that is worked on for it, too; that one has no parent itself.
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    problem = models.ForeignKey(
        "delivery.Problem", models.SET_NULL, null=True, blank=True, related_name="issues", verbose_name=_("problem")
    )
    incident = models.ForeignKey(
        "delivery.Incident",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="issues",
        verbose_name=_("incident"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    responded_at = models.DateTimeField(_("first response"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    # The service-level clock: dues are moments; pauses are [[from iso, to iso or null], ...] while waiting.
    response_due = models.DateTimeField(null=True, blank=True)
    resolution_due = models.DateTimeField(null=True, blank=True)
    # From when on three quarters of the target are gone.
    response_at_risk = models.DateTimeField(null=True, blank=True)
    resolution_at_risk = models.DateTimeField(null=True, blank=True)
    pauses = models.JSONField(default=list, blank=True)
    # Words of the tool it was imported from (priority, type, ...), and what is wrong with its dates.
    imported = models.JSONField(default=dict, blank=True, editable=False)
    data_problem = models.CharField(_("data problem"), max_length=200, blank=True, editable=False)
    resolution = models.TextField(_("resolution"), blank=True)
    root_cause = models.TextField(_("root cause"), blank=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="product_issue_number_unique"),
            models.CheckConstraint(
                condition=Q(duplicate_of=None) | (~Q(duplicate_of=F("id")) & Q(state="closed")),
                name="product_issue_duplicate_is_closed",
            ),
            models.CheckConstraint(condition=_steps_that_fit(), name="product_issue_step_fits_type_and_state"),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")), name="product_issue_parent_is_another"
            ),
            models.CheckConstraint(
                condition=(Q(impact=None) | Q(impact__range=(1, 3))) & (Q(urgency=None) | Q(urgency__range=(1, 3))),
                name="product_issue_impact_urgency_in_range",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("resolved", "closed"), resolved_at__isnull=False)
                | (~Q(state__in=("resolved", "closed")) & Q(resolved_at=None)),
                name="product_issue_resolved_at_with_state",
            ),
            models.UniqueConstraint(
                fields=["product", "external_ref"],
                condition=~Q(external_ref=""),
                name="product_issue_external_ref_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["product", "state", "severity"], name="product_issue_queue"),
            models.Index(fields=["product", "-created_at"], name="product_issue_created"),
            # The queue in its usual order, whatever is left out of it.
            models.Index(fields=["product", "severity", "resolution_due", "number"], name="product_issue_urgency"),
            models.Index(
                fields=["product", "resolution_due"],
                condition=Q(state__in=("new", "in_progress", "waiting")),
                name="product_issue_due",
            ),
            # __icontains compares UPPER(column) with UPPER(word).
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="product_issue_title_words"),
        ]
        triggers = [*audited("product"), *marks_dirty("product")]

    def __str__(self):
        return f"{self.ref} {self.title}"

    @property
    def is_open(self):
        return self.state in self.OPEN_STATES

    def get_state_display(self):  # type: ignore[no-redef]
        """The word of the state of its type, where it has one; else of the common state."""
        if self.step:
            return str(types.LABELS[self.step])
        return self._get_FIELD_display(self._meta.get_field("state"))

    @property
    def own_fields(self) -> list:
        """(label, words) of the fields that its type has, all of them."""
        return types.shown(self.type, self.details, internal=True)

    @property
    def public_fields(self) -> list:
        """The same without what clients do not see."""
        return types.shown(self.type, self.details, internal=False)

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def report(cls, product, *, by, title, at=None, **fields) -> "Issue":
        """A new issue with its dues. A client's report belongs to the client's organisation."""
        at = at or timezone.now()
        if fields.get("details"):
            fields["details"] = cls._clean_details(fields.get("type", cls.Type.BUG), fields["details"])
        fields.setdefault("source", cls.Source.PORTAL if by and by.organisation_id else cls.Source.STAFF)
        if by and by.organisation_id:
            fields["organisation"] = by.organisation
        said = "severity" in fields
        issue = cls(product=product, title=title, reported_by=by, created_at=at, **fields)
        issue.prioritise(said=said)
        issue.reckon()
        issue.save()
        issue.plan_escalations(at, new=True)
        ChecklistTemplate.start(issue)
        if issue.team_id:
            TeamStay.follow([issue], at=at)
        issue.mark_broken_promise(by=by, at=at)
        issue.open_complaint(at)
        return issue

    @transaction.atomic
    def take(self, *, by, at=None) -> None:
        """Start working on it: assigned to the one who takes it."""
        at = at or timezone.now()
        move(self, ("new", "waiting", "in_progress"), state=self.State.IN_PROGRESS, assignee=by, **self.resumed(at))
        self._reckon_and_save(at)

    @transaction.atomic
    def respond(self, *, by, text, at=None) -> "IssueNote":
        """Answer the customer. The first answer stops the response clock."""
        at = at or timezone.now()
        note = self.add_note(by=by, text=text, at=at)
        if self._stamp_response(at):
            self.plan_escalations(at)
        tell(self, text=text, by=by, key=f"note-{note.pk}", note=note, at=at)
        return note

    @transaction.atomic
    def wait_for_customer(self, *, by, text, at=None) -> None:
        """Ask the customer and stop the resolution clock until they answer."""
        at = at or timezone.now()
        pauses = [*self.pauses, [at.isoformat(), None]]
        move(self, ("new", "in_progress"), state=self.State.WAITING, pauses=pauses)
        self.respond(by=by, text=text, at=at)
        self._reckon_and_save(at)

    @transaction.atomic
    def resume(self, *, by, text="", at=None) -> None:
        """The customer answered: the clock runs on."""
        at = at or timezone.now()
        move(self, ("waiting",), state=self.State.IN_PROGRESS, **self.resumed(at))
        self._reckon_and_save(at)
        if text:
            self.add_note(by=by, text=text, at=at)

    @transaction.atomic
    def advance(self, step: str, *, by, at=None) -> None:
        """Take the next state of its type, by the table; what was new or waited is in progress then."""
        at = at or timezone.now()
        if step not in {each.name for each in types.TYPES[self.type].following(self.step)}:
            words = {"now": self.get_state_display(), "to": types.LABELS.get(step, step)}
            raise NotNow(_("From “%(now)s” this issue cannot become “%(to)s”.") % words)
        as_read = Issue.objects.filter(pk=self.pk, type=self.type, step=self.step, state__in=self.OPEN_STATES)
        changes = {"state": self.State.IN_PROGRESS, "step": step, **self.resumed(at)}
        moved = as_read.update(**changes, version=F("version") + 1)
        self.refresh_from_db()
        if not moved:
            raise NotNow(_("This cannot be done now: it is “%(state)s”.") % {"state": self.get_state_display()})
        self._reckon_and_save(at)

    @transaction.atomic
    def decline(self, *, by, reason, at=None) -> None:
        """A request that will not be fulfilled, and why; the customer reads it."""
        if not types.allowed(self.type, self.State.RESOLVED, "declined"):
            raise NotNow(_("Only a request is declined."))
        self.resolve(by=by, resolution=reason, step="declined", at=at)

    @transaction.atomic
    def resolve(self, *, by, resolution, root_cause="", fixed_in=None, step="", at=None) -> None:
        """It is solved: how, why it happened, in which release. Also the response, if there was none before."""
        at = max(at or timezone.now(), self.created_at)
        if not resolution.strip():
            raise ValidationError({"resolution": _("Say how it was resolved.")})
        move(
            self,
            self.OPEN_STATES,
            state=self.State.RESOLVED,
            step=step,
            resolved_at=at,
            resolution=resolution,
            root_cause=root_cause,
            fixed_in=fixed_in,
            **self.resumed(at),
        )
        self.known_errors.filter(closed_at=None).update(closed_at=at)
        self._stamp_response(at)
        self._reckon_and_save(at)
        tell(self, text=resolution, by=by, key=f"resolved-{int(at.timestamp())}", at=at)

    @transaction.atomic
    def mark_duplicate(self, of: "Issue", *, by, at=None) -> None:
        """Close it as saying the same as another issue of the product; its own duplicates follow to that one.

        What the customer reads does not name the other one, which may be another customer's.
        """
        at = max(at or timezone.now(), self.created_at)
        # Both under their locks, in one order: two that are marked at once must not become each other's duplicates.
        both = Issue.objects.filter(pk__in=[self.pk, of.pk], product=self.product_id)
        locked = {issue.pk: issue for issue in both.order_by("pk").select_for_update()}
        of = locked.get(of.pk, self)
        if of.duplicate_of_id:
            of = Issue.objects.get(pk=of.duplicate_of_id)
        if of.pk == self.pk:
            raise ValidationError({"of": _("Name another issue of this product that is not a duplicate of this one.")})
        move(
            self,
            self.OPEN_STATES,
            state=self.State.CLOSED,
            step="",
            resolved_at=at,
            closed_at=at,
            duplicate_of=of,
            resolution=_("This is known already and is worked on."),
            **self.resumed(at),
        )
        self.duplicates.update(duplicate_of=of)
        self._stamp_response(at)
        self._reckon_and_save(at)
        tell(self, text=self.resolution, by=by, key=f"duplicate-{int(at.timestamp())}", at=at)

    @transaction.atomic
    def publish_known_error(self, *, by, title, workaround, at=None) -> "KnownGap":
        """Show reporters the way around it before they file the same; closed when the issue is resolved."""
        if not workaround.strip():
            raise ValidationError({"workaround": _("Say how to live with it until it is solved.")})
        return KnownGap.accept(self.product, by=by, title=title, workaround=workaround, issue=self, at=at)

    def close(self, *, by, at=None) -> None:
        """The reporter is content, or time has passed: nothing more will be done."""
        move(self, ("resolved",), state=self.State.CLOSED, closed_at=at or timezone.now())

    @transaction.atomic
    def reopen(self, *, by, reason, at=None) -> "IssueNote":
        """It was not solved: the clock continues from the creation, the earlier resolution no longer counts.

        The note that says what is still wrong.
        """
        at = at or timezone.now()
        if not reason.strip():
            raise ValidationError({"reason": _("Say what is still wrong.")})
        move(
            self,
            ("resolved", "closed"),
            state=self.State.IN_PROGRESS,
            step="",
            resolved_at=None,
            closed_at=None,
            duplicate_of=None,
            reopened=F("reopened") + 1,
        )
        self.known_errors.update(closed_at=None)
        note = self.add_note(by=by, text=reason, at=at)
        self._reckon_and_save(at)
        self.mark_broken_promise(by=by, at=at)
        return note

    @transaction.atomic
    def revise(self, fields: list[str], *, by, version: int, at=None) -> None:
        """Write what was edited; a changed severity gives new dues from the creation."""
        fresh = type(self).objects.only("pauses", "responded_at", "resolved_at", "state", "step").get(pk=self.pk)
        self.pauses = fresh.pauses
        if {"type", "details"} & set(fields):
            # Another type: what that one does not have goes.
            self.details = self._clean_details(self.type, types.kept_by(self.type, self.details))
            self.step = fresh.step if types.allowed(self.type, fresh.state, fresh.step) else ""
            fields = list(dict.fromkeys([*fields, "details", "step"]))
        if judged := {"severity", "impact", "urgency", "priority_reason"} & set(fields):
            self.prioritise(said="severity" in judged)
            fields = list(dict.fromkeys([*fields, "severity", "priority_reason"]))
        self.reckon()
        self.responded_at = fresh.responded_at
        self.save_changes([*fields, *self.DUES], version=version)
        self.plan_escalations(at or timezone.now())
        self.mark_broken_promise(by=by, at=at)
        self.open_complaint(at)

    def open_complaint(self, at=None) -> None:
        """A complaint has a clock for its acknowledgement (complaints story)."""
        from delivery.complaints.models import Complaint

        if self.type == self.Type.COMPLAINT and self.is_open:
            Complaint.open(self, at=at)

    @staticmethod
    def _clean_details(kind: str, details: dict) -> dict:
        """The fields of the type as they are kept; ValidationError with what one of them does not take."""
        try:
            return types.clean(kind, details)
        except types.WrongDetail as error:
            raise ValidationError(error.message) from error

    def computed_priority(self, matrix=None) -> int | None:
        """What impact and urgency give by the product's matrix; None while one of them is not judged."""
        if self.impact is None or self.urgency is None:
            return None
        return (matrix or matrix_of(self.product))[self.impact, self.urgency]

    def prioritise(self, *, said: bool, matrix=None) -> None:
        """Set the priority by the matrix; does not save. ``said``: somebody chose one.

        One that differs from the matrix needs a reason, which stays on the issue; one that does not needs none.
        """
        computed = self.computed_priority(matrix)
        if computed is None or computed == self.severity:
            self.priority_reason = ""
        elif not self.priority_reason.strip():
            if said:
                words = {"priority": Severity(computed).label, "chosen": Severity(self.severity).label}
                raise ValidationError(
                    {"priority_reason": _("Impact and urgency give “%(priority)s”: say why “%(chosen)s”.") % words}
                )
            self.severity, self.priority_reason = computed, ""

    def add_note(self, *, by, text, is_internal=False, leaves_solved=False, at=None) -> "IssueNote":
        """A word on the issue; internal ones never reach a client."""
        return self.notes.create(
            product_id=self.product_id,
            by=by,
            text=text,
            is_internal=is_internal,
            leaves_solved=leaves_solved,
            at=at or timezone.now(),
        )

    def mark_broken_promise(self, *, by, at=None) -> None:
        """An open bug of the two worst severities breaks the accepted requirement it names (conformance story)."""
        if self.requirement_id and self.is_open and self.type == self.Type.BUG:
            self.requirement.broken_by(self, by=by, at=at)

    # --- The clock ---

    @property
    def has_clock(self) -> bool:
        """What was imported was promised elsewhere: no target of ours, so no breach of ours."""
        return self.source != self.Source.IMPORT

    def reckon(self, hours=None, levels=None) -> None:
        """Set the dues from creation, severity, service hours and pauses; does not save."""
        if levels is None:
            levels = self.product.levels()
        level = levels.get(self.severity)
        if level is None or not self.has_clock:
            self.response_due = self.resolution_due = self.response_at_risk = self.resolution_at_risk = None
            return
        hours = hours or service_hours(self.product)
        pauses = clock.pauses_from_json(self.pauses)
        # Asking the customer is a response, so a pause never moves the response target.
        self.response_due = clock.due_at(self.created_at, level.response, hours, [])
        self.response_at_risk = clock.at_risk_at(self.created_at, level.response, hours, [])
        self.resolution_due = clock.due_at(self.created_at, level.resolution, hours, pauses)
        self.resolution_at_risk = clock.at_risk_at(self.created_at, level.resolution, hours, pauses)

    @classmethod
    @transaction.atomic
    def reckon_open(cls, product, *, at=None, only=None) -> None:
        """Dues and escalations of all open issues anew: after a change of service hours, targets or steps.

        ``only``: the keys of those to look at.
        """
        product = type(product).objects.select_related("calendar").get(pk=product.pk)
        hours, levels = service_hours(product), product.levels()
        issues = product.issues.open().order_by("pk").select_for_update(of=("self",))
        if only is not None:
            issues = issues.filter(pk__in=only)
        issues = list(issues)
        for issue in issues:
            issue.product = product
            issue.reckon(hours, levels)
        update_many(issues, cls.DUES)
        planning.plan(product, issues, hours=hours, levels=levels, at=at or timezone.now())

    def plan_escalations(self, at, *, new=False) -> None:
        """Who is to be told when, after the clock or the state changed."""
        product = self.product
        planning.plan(product, [self], hours=service_hours(product), levels=product.levels(), at=at, new=new)

    def readings(self, now=None, *, hours=None, level=None) -> dict[str, clock.Reading]:
        """Where response and resolution stand now: {'response': Reading, 'resolution': Reading}."""
        now = now or timezone.now()
        level = level or self.product.levels().get(self.severity)
        if level is None or not self.has_clock:
            return dict.fromkeys(("response", "resolution"), clock.Reading(clock.ClockState.NONE))
        common = {"created": self.created_at, "hours": hours or service_hours(self.product), "now": now}
        return {
            "response": clock.read(done=self.responded_at, target=level.response, pauses=[], **common),
            "resolution": clock.read(
                done=self.resolved_at,
                target=level.resolution,
                pauses=clock.pauses_from_json(self.pauses),
                **common,
            ),
        }

    def _reckon_and_save(self, at) -> None:
        self.reckon()
        self.save(update_fields=self.DUES)
        self.plan_escalations(at)
        TeamStay.follow([self], at=at)

    def _stamp_response(self, at) -> bool:
        stamped = type(self).objects.filter(pk=self.pk, responded_at=None).update(responded_at=at)
        if stamped:
            self.responded_at = at
        return bool(stamped)

    def resumed(self, at=None) -> dict:
        """The open pause, if there is one, ends now."""
        if not self.pauses or self.pauses[-1][1] is not None:
            return {}
        end = max((at or timezone.now()).isoformat(), self.pauses[-1][0])
        return {"pauses": [*self.pauses[:-1], [self.pauses[-1][0], end]]}


class IssueNoteQuerySet(models.QuerySet):
    def visible_to(self, user, product):
        """Internal notes only for those who may see internals."""
        return self if product.allows(user, Permission.INTERNAL_VIEW) else self.filter(is_internal=False)


class IssueNote(models.Model):
    """A word on an issue; an internal note is never shown to clients, on any surface."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="issue_notes")
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="notes")
    text = models.TextField(_("note"))
    is_internal = models.BooleanField(_("internal"), default=False)
    # A customer's word that would have opened it again, were it more than thanks.
    leaves_solved = models.BooleanField(_("leaves it solved"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = IssueNoteQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        triggers = audited("product")

    def __str__(self):
        return self.text[:60]


class KnownGapQuerySet(models.QuerySet):
    def open(self):
        return self.filter(closed_at=None)

    def visible_to(self, user, product):
        """A client reads none that names another one: what a handover brought may name the client of its project."""
        if product.allows(user, Permission.INTERNAL_VIEW):
            return self
        said = ("title", "description", "workaround", "requirement__title")
        return self.filter(~names_another(user.organisation_id, *said))

    @staticmethod
    def naming(product, organisations) -> dict[int, str]:
        """{gap of the product: the name of the first of these organisations that it says}."""
        texts = product.known_gaps.values_list("pk", "title", "description", "workaround")
        return organisations.named_in_each({pk: "\n".join(said) for pk, *said in texts})

    def like(self, title, limit=3):
        """Open gaps that share a word of four letters or more with a title; those with most in common first."""
        words = list(dict.fromkeys(re.findall(r"\w{4,}", title.lower())))[:12]
        if not words:
            return self.none()
        hits = sum(
            (
                Case(When(Q(title__icontains=word) | Q(description__icontains=word), then=Value(1)), default=Value(0))
                for word in words
            ),
            Value(0),
        )
        return self.open().annotate(hits=hits).filter(hits__gt=0).order_by("-hits", "number")[:limit]


class KnownGap(Numbered):
    """Something the product is known not to do, accepted at handover, with the workaround."""

    PREFIX, SUBJECT = "KG", "product"

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="known_gaps")
    title = models.CharField(_("title"), max_length=250)
    description = models.TextField(_("description"), blank=True)
    workaround = models.TextField(_("workaround"), blank=True)
    requirement = models.ForeignKey(
        "delivery.Requirement", models.SET_NULL, null=True, blank=True, related_name="known_gaps"
    )
    # What is behind it, where it is a known error: an issue, or a problem with a record of its own.
    issue = models.ForeignKey(
        Issue, models.SET_NULL, null=True, blank=True, related_name="known_errors", verbose_name=_("issue")
    )
    problem = models.ForeignKey(
        "delivery.Problem",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="known_errors",
        verbose_name=_("problem"),
    )
    accepted_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = KnownGapQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["product", "number"], name="known_gap_number_unique")]
        triggers = audited("product")

    def __str__(self):
        return f"{self.ref} {self.title}"

    @classmethod
    def accept(cls, product, *, by, title, at=None, **fields) -> "KnownGap":
        """Something the product will not do for now, agreed and written down. All clients of the product read it.

        ValidationError of the fields that name another client.
        """
        refuse_names(
            product, {"title": title, **{name: fields.get(name, "") for name in ("description", "workaround")}}
        )
        return cls.objects.create(product=product, title=title, accepted_at=at or timezone.now(), **fields)

    def close(self, *, by, at=None) -> None:
        """The product does it now. Closing twice changes nothing."""
        type(self).objects.filter(pk=self.pk, closed_at=None).update(closed_at=at or timezone.now())
        self.refresh_from_db(fields=["closed_at"])
