"""A project from initiation to closing: charter, objectives, phases with gates, state, status updates, closure."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.access import Subject, SubjectQuerySet
from pmdm.accounts.roles import PROJECT_PERMISSIONS, Role
from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.prepared import PreparedRows
from pmdm.registers.models import CODE, Numbered, Versioned
from pmdm.ui.addresses import address
from projects.budget.exact import currency_stays
from projects.lifecycle.closing import Closing
from projects.lifecycle.conditions import met
from projects.lifecycle.gates import Gate, Tickable
from projects.lifecycle.initiation import Initiation
from projects.lifecycle.lights import light_of, with_light
from projects.lifecycle.standing import Over, while_open
from projects.lifecycle.state import StateMoves


class ProjectQuerySet(SubjectQuerySet):
    def open(self):
        """Not closed and not cancelled; a paused project is open."""
        return self.filter(state__in=Project.OPEN_STATES)

    def with_light(self, name="light"):
        """Annotate ``light`` (ok, watch, act or na): the manager's last word, else the worst figure."""
        return with_light(self, name)

    def with_people(self):
        """Prefetch manager, delivery manager and sponsor into ``key_people`` without a query per row."""
        from projects.team.models import Membership

        key = Membership.objects.filter(role__in=(Role.MANAGER, Role.DELIVERY_MANAGER, Role.SPONSOR)).select_related(
            "user"
        )
        return self.prefetch_related(models.Prefetch("memberships", queryset=key, to_attr="key_people"))


class Project(Initiation, StateMoves, Closing, Subject, Versioned):
    ROLE_PERMISSIONS = PROJECT_PERMISSIONS
    FILE_URL = "projects:file"

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")
        CLOSED = "closed", _("Closed")

    OPEN_STATES = ("active", "paused")

    code = models.CharField(_("code"), max_length=24, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=200)
    goal = models.TextField(_("goal"), blank=True, help_text=_("What will be different when this is done?"))
    client = models.ForeignKey(
        "accounts.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("client"),
    )
    department = models.ForeignKey(
        "accounts.Department",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("department"),
    )
    # Projects of one programme are summed up together; '' belongs to none.
    programme = models.CharField(_("programme"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    # Approved money for the whole project; the lines of the budget explain it.
    approved_budget = models.DecimalField(
        _("approved budget"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    target_start = models.DateField(_("target start"), null=True, blank=True)
    target_finish = models.DateField(_("target finish"), null=True, blank=True)
    # The date the approved commitment names: copied from the schedule baseline's finish, else the target.
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin")
    calendar = models.ForeignKey(
        "worktime.Calendar",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("calendar"),
    )
    # Schedule settings and results; the engine writes the computed dates.
    schedule_start = models.DateTimeField(_("schedule starts"), null=True, blank=True)
    status_date = models.DateTimeField(_("status date"), null=True, blank=True)
    minutes_per_day = models.PositiveSmallIntegerField(default=480)
    minutes_per_week = models.PositiveSmallIntegerField(default=2400)
    days_per_month = models.PositiveSmallIntegerField(default=20)
    computed_start = models.DateTimeField(null=True, blank=True, editable=False)
    computed_finish = models.DateTimeField(null=True, blank=True, editable=False)

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    # The end report is submitted: until it is decided nothing changes, so that what is authorised is what was read.
    awaits_closure = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # The version of the template it was made from; a newer version changes nothing here.
    template = models.ForeignKey(
        "projects.TypeVersion", models.PROTECT, null=True, blank=True, related_name="projects", editable=False
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(target_start=None) | Q(target_finish=None) | Q(target_finish__gte=F("target_start")),
                name="project_target_finish_after_start",
            ),
            models.CheckConstraint(
                condition=Q(approved_budget=None) | Q(approved_budget__gte=0),
                name="project_budget_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(awaits_closure=False) | Q(state="active"), name="project_awaits_closure_while_active"
            ),
        ]
        triggers = [*audited("project", "id"), *marks_dirty("project", "id"), *currency_stays()]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("projects:detail", self.code)

    @cached_property
    def light(self) -> str:
        """See ``with_light``, which lists use."""
        rows = light_of(self.pk)
        return rows[0][0] if rows else "na"

    @property
    def is_open(self):
        return self.state in self.OPEN_STATES

    @property
    def currency_kept(self) -> str:
        """The currency its amounts are kept in, which then never changes (trigger ``currency_stays``); '' before."""
        rows = (self.budget_lines, self.expenses, self.orders, self.allowances)
        if not any(kept.exists() for kept in rows):
            return ""
        # As stored: a form has written another into the instance.
        return type(self).objects.values_list("currency", flat=True).get(pk=self.pk)

    @property
    def locked_reason(self) -> str:
        """Why the project takes no changes, or ''."""
        if self.state == self.State.CLOSED:
            return str(_("This project is closed and read-only. Reopen it, with a reason, to change it."))
        if self.state == self.State.CANCELLED:
            return str(_("This project is cancelled and read-only. Reopen it, with a reason, to change it."))
        if self.awaits_closure:
            return str(_("The end report waits for the sponsor; until then this project is read-only."))
        return ""

    def refuse_when_locked(self) -> None:
        """For verbs that hold its row's lock: ``Over`` where it takes no changes. Views ask before, unlocked."""
        if reason := self.locked_reason:
            raise Over(reason)

    @while_open
    def post_update(self, *, by, text: str, overall: str, at=None) -> "StatusUpdate":
        """Say how it goes, with the light the manager sees."""
        return self.status_updates.create(by=by, text=text, overall=overall, at=at or timezone.now())

    @while_open
    def save_changes(self, fields: list[str], *, version: int | None = None) -> None:
        super().save_changes(fields, version=version)

    def person(self, role):
        """The first person with this role, or None; uses ``with_people`` where it was called."""
        people = getattr(self, "key_people", None)
        if people is None:
            people = self.key_people = _people_of(self.pk)
            for membership in people:
                membership.project = self
        return next((m.user for m in people if m.role == role), None)

    @property
    def manager(self):
        return self.person(Role.MANAGER)

    @property
    def delivery_manager(self):
        return self.person(Role.DELIVERY_MANAGER)

    @property
    def sponsor(self):
        return self.person(Role.SPONSOR)


class Objective(Numbered):
    """A measurable objective: measure, unit, where it stood, the target, and what was reached."""

    PREFIX, SUBJECT = "OBJ", "project"

    project = models.ForeignKey(Project, models.CASCADE, related_name="objectives")
    statement = models.CharField(_("objective"), max_length=300)
    measure = models.CharField(_("measure"), max_length=200)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    baseline_value = models.DecimalField(_("value before"), max_digits=14, decimal_places=2, null=True, blank=True)
    target_value = models.DecimalField(_("target"), max_digits=14, decimal_places=2)
    higher_is_better = models.BooleanField(_("higher is better"), default=True)
    actual_value = models.DecimalField(_("measured"), max_digits=14, decimal_places=2, null=True, blank=True)
    measured_on = models.DateField(_("measured on"), null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="objective_number_unique"),
            models.CheckConstraint(
                condition=Q(actual_value=None, measured_on=None)
                | Q(actual_value__isnull=False, measured_on__isnull=False),
                name="objective_measured_value_and_day_together",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return self.statement

    @classmethod
    @while_open
    def agree(cls, project, *, by, **values) -> "Objective":
        """One more thing that the project is for."""
        return project.objectives.create(**values)

    @while_open
    def revise(self, *, by, **values) -> None:
        """Word or measure it differently."""
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))

    @while_open
    def remove(self, *, by) -> None:
        """It is no objective any more; one that was measured after go-live stays."""
        if reason := self.stays:
            raise ValidationError(reason)
        self.delete()

    @while_open
    def measure_now(self, value, *, on=None) -> None:
        """Record what was reached; a later measurement replaces it, the audit trail keeps both."""
        self.actual_value, self.measured_on = value, on or timezone.localdate()
        self.save(update_fields=["actual_value", "measured_on"])

    @property
    def stays(self) -> str:
        """Why it can't be removed: it was measured after go-live. Or ''."""
        if not self.project.benefit_measurements.filter(benefit__objective=self).exists():
            return ""
        return gettext("%(ref)s was measured after go-live: it stays.") % {"ref": self.ref}

    @property
    def is_met(self) -> bool | None:
        """None while it has not been measured."""
        if self.actual_value is None:
            return None
        if self.higher_is_better:
            return self.actual_value >= self.target_value
        return self.actual_value <= self.target_value


class PhaseQuerySet(models.QuerySet):
    def with_progress(self):
        """Annotate lines of the checklist, lines done, and the last decision at the gate."""
        last = GateDecision.objects.filter(phase=models.OuterRef("pk")).order_by("-decided_at")
        return self.annotate(
            lines=Count("checklist"),
            lines_done=Count("checklist", filter=met("checklist__")),
            last_decision=models.Subquery(last.values("decision")[:1]),
        ).order_by("position")


class Phase(Gate, models.Model):
    """A phase of a project, anchored to the life cycle by its kind; monitoring runs beside execution."""

    last_decision: str | None  # where ``with_progress`` was called

    class Kind(models.TextChoices):
        INITIATION = "initiation", _("Initiation")
        PLANNING = "planning", _("Planning")
        EXECUTION = "execution", _("Execution")
        MONITORING = "monitoring", _("Monitoring")
        CLOSING = "closing", _("Closing")

    class State(models.TextChoices):
        PENDING = "pending", _("Not started")
        ACTIVE = "active", _("In progress")
        DONE = "done", _("Done")

    project = models.ForeignKey(Project, models.CASCADE, related_name="phases")
    # Unique in the project and final: it stands in addresses. ``name`` is empty where the kind says it all.
    key = models.SlugField(max_length=40)
    name = models.CharField(_("name"), max_length=60, blank=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    gate_due = models.DateField(_("gate due"), null=True, blank=True)
    # Who decides at this gate; the sponsor unless somebody else is named.
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approver"),
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = PhaseQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="phase_key_unique"),
            models.UniqueConstraint(fields=["project"], condition=Q(kind="monitoring"), name="phase_monitoring_once"),
            models.CheckConstraint(condition=~Q(key=""), name="phase_has_a_key"),
            models.UniqueConstraint(fields=["project", "position"], name="phase_position_unique"),
            models.CheckConstraint(
                condition=Q(state="pending", started_at=None, finished_at=None)
                | Q(state="active", started_at__isnull=False, finished_at=None)
                | Q(state="done", started_at__isnull=False, finished_at__isnull=False),
                name="phase_state_and_times_agree",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return self.name or self.get_kind_display()

    @property
    def last_decision_label(self) -> str:
        """The last decision in words, where ``with_progress`` was called; '' before the first."""
        return str(GateDecision.Decision(self.last_decision).label) if self.last_decision else ""


class ChecklistItem(Tickable, models.Model):
    """A line that a gate asks for, with who ticked it and the evidence."""

    class Evidence(models.TextChoices):
        ANY = "any", _("Words, a link or a file")
        LINK = "link", _("A link")
        FILE = "file", _("A file")
        DOCUMENT = "document", _("A document: its file or its link")

    project = models.ForeignKey(Project, models.CASCADE, related_name="checklist_items")
    phase = models.ForeignKey(Phase, models.CASCADE, related_name="checklist")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.CharField(_("criterion"), max_length=300)
    required = models.BooleanField(_("required"), default=True)
    # What a required line takes as evidence.
    evidence_kind = models.CharField(
        _("evidence asked for"), max_length=8, choices=Evidence.choices, default=Evidence.ANY
    )
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_by=None, done_at=None) | Q(done_by__isnull=False, done_at__isnull=False),
                name="checklist_done_by_and_at_together",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None)
                | Q(required=False)
                | Q(evidence_kind="any")
                | (Q(evidence_kind="file") & Q(file__isnull=False))
                | (Q(evidence_kind="link") & Q(evidence__regex=r"https?://"))
                | (Q(evidence_kind="document") & (Q(file__isnull=False) | Q(evidence__regex=r"https?://"))),
                name="checklist_done_with_the_evidence_it_asks_for",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return self.text


class GateDecision(models.Model):
    """What the approver decided at the gate that ends a phase. Recorded once, never edited."""

    class Decision(models.TextChoices):
        GO = "go", _("Go")
        CONDITIONS = "conditions", _("Go with conditions")
        HOLD = "hold", _("Hold")
        STOP = "stop", _("Stop")

    project = models.ForeignKey(Project, models.CASCADE, related_name="gate_decisions")
    phase = models.ForeignKey(Phase, models.CASCADE, related_name="decisions")
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    conditions = models.TextField(_("conditions"), blank=True)
    note = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-decided_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(decision="conditions") | ~Q(conditions=""), name="gate_conditions_are_named"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=("go", "conditions")) | ~Q(note=""),
                name="gate_hold_and_stop_have_a_reason",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.phase}: {self.get_decision_display()}"


class GateCondition(models.Model):
    """One condition of a "go with conditions": a task of the plan, and a line of the next gate until it is met."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="gate_conditions")
    decision = models.ForeignKey(GateDecision, models.CASCADE, related_name="agreed")
    text = models.CharField(_("condition"), max_length=240)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"))
    due = models.DateField(_("due"))
    # Empty once the task has left the plan: then the line is ticked with its evidence, as any other.
    task = models.OneToOneField("projects.Task", models.SET_NULL, null=True, blank=True, related_name="condition")
    line = models.OneToOneField(ChecklistItem, models.RESTRICT, related_name="condition")

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="gate_condition_is_named")]
        triggers = audited("project")

    def __str__(self):
        return self.text

    @property
    def is_met(self) -> bool:
        return self.line.done_at is not None or (self.task is not None and self.task.percent == 100)


class StateChange(models.Model):
    """A pause, resumption, cancellation, closing or reopening: always with a reason."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="state_changes")
    from_state = models.CharField(max_length=10, choices=Project.State.choices)
    to_state = models.CharField(max_length=10, choices=Project.State.choices)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="state_change_has_a_reason")]
        triggers = audited("project")

    def __str__(self):
        return f"{self.from_state} → {self.to_state}"


class StatusUpdate(models.Model):
    """How it goes, in words, with a light for scope, time, cost and risk as the manager sees them."""

    class Light(models.TextChoices):
        OK = "ok", _("On track")
        WATCH = "watch", _("Watch")
        ACT = "act", _("Act")

    project = models.ForeignKey(Project, models.CASCADE, related_name="status_updates")
    text = models.TextField(_("how does it go?"))
    overall = models.CharField(_("overall"), max_length=5, choices=Light.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["project", "-at"], name="status_update_latest")]
        triggers = audited("project")

    def __str__(self):
        return self.text[:60]


class Closure(models.Model):
    """The frozen result of a closed project: figures with their inputs, as they were at closing."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="closure")
    closed_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    report = models.TextField(_("end report"), blank=True)
    # Empty where it was closed before end reports were authorised.
    end_report = models.ForeignKey("projects.EndReport", models.PROTECT, null=True, blank=True, related_name="+")
    # {kpi: {value, unit, target, status, reason, inputs}}
    result = models.JSONField()
    # What stayed open, decided kind by kind: {kind: {count, refs, to_handover, reason, decisions}}
    left_open = models.JSONField(default=dict)

    class Meta:
        triggers = audited("project")

    def __str__(self):
        return f"{self.project} closed {self.closed_at:%F}"


def _people(project: int) -> models.QuerySet:
    memberships: Any = Project._meta.get_field("memberships").related_model
    return memberships.objects.filter(project=project).select_related("user")


_people_of = PreparedRows(_people)
