"""Change requests: what is asked, what it affects, what it would do, what was decided, and which baselines moved."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import audited
from pmdm.registers.models import Numbered, Versioned
from projects.budget.models import Category
from projects.changes import frozen
from projects.changes.moves import ChangeMoves
from projects.scope.models import Requirement

USER = settings.AUTH_USER_MODEL
DECIDED_BY_APPROVER = ("approved", "rejected", "deferred", "implemented")


class ChangeQuerySet(models.QuerySet):
    def readable_by(self, project, user):
        """What was never submitted is for who wrote it and for who assesses; the rest is for all."""
        if project.allows(user, Permission.CHANGE_ASSESS):
            return self
        return self.filter(Q(submitted_at__isnull=False) | Q(requester=user) | Q(created_by=user))

    def private_to_others(self, project, user):
        """The rest of ``readable_by``."""
        if project.allows(user, Permission.CHANGE_ASSESS):
            return self.none()
        return self.filter(submitted_at=None).exclude(requester=user).exclude(created_by=user)

    def open(self):
        return self.filter(state__in=ChangeRequest.OPEN_STATES)


class ChangeRequest(ChangeMoves, Numbered, Versioned):
    PREFIX, SUBJECT = "CR", "project"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        ASSESSMENT = "assessment", _("In assessment")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        DEFERRED = "deferred", _("Deferred")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        IMPLEMENTED = "implemented", _("Implemented")

    OPEN_STATES = ("draft", "submitted", "assessment", "deferred")

    class Kind(models.TextChoices):
        """As the PMBOK Guide sorts change requests; an update is a change of what was agreed."""

        UPDATE = "update", _("Change of what was agreed")
        CORRECTIVE = "corrective", _("Corrective action")
        PREVENTIVE = "preventive", _("Preventive action")
        DEFECT = "defect", _("Defect repair")

    class Source(models.TextChoices):
        CLIENT = "client", _("Client")
        SPONSOR = "sponsor", _("Sponsor")
        TEAM = "team", _("Team")
        SUPPLIER = "supplier", _("Supplier")
        LAW = "law", _("Law or regulation")
        RISK = "risk", _("Risk or issue")
        TEST = "test", _("Test")
        OTHER = "other", _("Other")

    class Urgency(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        CRITICAL = "critical", _("Critical")

    class Funding(models.TextChoices):
        ADDED = "added", _("Approved budget: it grows, or shrinks, with the lines")
        CONTINGENCY = "contingency", _("Contingency: inside the approved budget")
        RESERVE = "reserve", _("Management reserve: the approved budget grows")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="change_requests")
    title = models.CharField(_("title"), max_length=250)
    reason = models.TextField(_("why"), help_text=_("What happens if nothing is changed?"))
    description = models.TextField(_("what changes"), blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.UPDATE)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.CLIENT)
    urgency = models.CharField(_("urgency"), max_length=8, choices=Urgency.choices, default=Urgency.NORMAL)
    needed_by = models.DateField(_("decision needed by"), null=True, blank=True)
    funding = models.CharField(
        _("where money comes from"), max_length=11, choices=Funding.choices, default=Funding.ADDED
    )
    requester = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("requester"))
    owner = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    state = models.CharField(_("state"), max_length=11, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    # The last one computed; once it is decided, the one it was decided on.
    impact = models.ForeignKey("projects.ChangeImpact", models.RESTRICT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    decision_note = models.TextField(_("reason of the decision"), blank=True)
    deferred_until = models.DateField(_("deferred until"), null=True, blank=True)
    implemented_at = models.DateTimeField(null=True, blank=True)
    implemented_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    # What its approval replaced, and by what.
    scope_before = models.ForeignKey(
        "projects.ScopeBaseline", models.RESTRICT, null=True, blank=True, related_name="replaced_by_changes"
    )
    scope_after = models.OneToOneField(
        "projects.ScopeBaseline", models.RESTRICT, null=True, blank=True, related_name="made_by_change"
    )
    schedule_before = models.ForeignKey(
        "projects.Baseline", models.RESTRICT, null=True, blank=True, related_name="replaced_by_changes"
    )
    schedule_after = models.OneToOneField(
        "projects.Baseline", models.RESTRICT, null=True, blank=True, related_name="made_by_change"
    )
    budget_before = models.ForeignKey(
        "projects.BudgetBaseline", models.RESTRICT, null=True, blank=True, related_name="replaced_by_changes"
    )
    budget_after = models.OneToOneField(
        "projects.BudgetBaseline", models.RESTRICT, null=True, blank=True, related_name="made_by_change"
    )

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="change_number_unique"),
            models.CheckConstraint(condition=~Q(reason=""), name="change_says_why"),
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None, state__in=["draft", "withdrawn"])
                | (Q(submitted_at__isnull=False, submitted_by__isnull=False) & ~Q(state="draft")),
                name="change_submitted_with_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "assessment"], decided_at=None, decided_by=None)
                | Q(state__in=[*DECIDED_BY_APPROVER, "withdrawn"], decided_at__isnull=False, decided_by__isnull=False),
                name="change_decided_with_state",
            ),
            # No NULL takes part: the one above and the first hold that.
            models.CheckConstraint(
                condition=~Q(state__in=DECIDED_BY_APPROVER)
                | (~Q(decided_by=F("requester")) & ~Q(decided_by=F("created_by")) & ~Q(decided_by=F("submitted_by"))),
                name="change_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["rejected", "deferred", "withdrawn"]) | ~Q(decision_note=""),
                name="change_decision_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="deferred", deferred_until__isnull=False)
                | (~Q(state="deferred") & Q(deferred_until=None)),
                name="change_deferred_until_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="implemented", implemented_at__isnull=False, implemented_by__isnull=False)
                | (~Q(state="implemented") & Q(implemented_at=None, implemented_by=None)),
                name="change_implemented_with_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "implemented"]) | Q(impact__isnull=False),
                name="change_approved_on_an_impact",
            ),
        ]
        triggers = [*audited("project"), *frozen.request()]

    def __str__(self):
        return f"{self.ref} {self.title}"

    def get_absolute_url(self):
        return reverse("projects:change-detail", args=[self.project.code, self.number])


class ChangeStep(models.Model):
    """One move of a change to a state: who, when, why. Never altered."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="change_steps")
    change = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="steps")
    state = models.CharField(max_length=11, choices=ChangeRequest.State.choices)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.TextField(blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        triggers = [*audited("project"), *frozen.never_altered()]

    def __str__(self):
        return f"{self.change_id}: {self.get_state_display()}"


class ChangeRequirement(models.Model):
    """One requirement that the change adds to what is promised, words anew, or takes out."""

    class Action(models.TextChoices):
        ADD = "add", _("Add")
        CHANGE = "change", _("Change the text")
        REMOVE = "remove", _("Take out")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="change_requirements")
    change = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="requirements")
    action = models.CharField(_("what happens"), max_length=6, choices=Action.choices)
    # Of a new one: empty until the approval makes it.
    requirement = models.ForeignKey(
        Requirement, models.CASCADE, null=True, blank=True, related_name="change_items", verbose_name=_("requirement")
    )
    version = models.ForeignKey(
        "projects.RequirementVersion", models.RESTRICT, null=True, blank=True, related_name="change_items"
    )
    title = models.CharField(_("title"), max_length=250, blank=True)
    text = models.TextField(_("requirement"), blank=True)
    type = models.CharField(max_length=11, choices=Requirement.Type.choices, default=Requirement.Type.FUNCTIONAL)
    priority = models.CharField(max_length=6, choices=Requirement.Priority.choices, default=Requirement.Priority.MUST)
    criteria = models.TextField(blank=True)  # one on each line

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["change", "requirement"], name="change_requirement_once"),
            models.CheckConstraint(
                condition=(Q(action="add", version=None) & (Q(requirement__isnull=False) | ~Q(title="")))
                | Q(action="change", requirement__isnull=False, version__isnull=False)
                | Q(action="remove", requirement__isnull=False, version=None),
                name="change_requirement_whole",
            ),
        ]
        triggers = [*audited("project"), *frozen.part()]

    def __str__(self):
        return str(self.requirement) if self.requirement_id else self.title


class ChangeEdit(models.Model):
    """One drafted edit of the plan: operations as ``schedule.edits.apply_ops`` takes them, applied on approval."""

    class Kind(models.TextChoices):
        ADD = "add", _("Add a task")
        SET = "set", _("Change a task")
        REMOVE = "remove", _("Remove a task")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="change_edits")
    change = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="edits")
    kind = models.CharField(_("what happens"), max_length=6, choices=Kind.choices)
    uid = models.PositiveIntegerField(null=True, blank=True)  # of the task; of a new one once it is made
    name = models.CharField(_("task"), max_length=300)
    ops = models.JSONField()
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)  # planned cost of it then

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind="add") | Q(uid__isnull=False), name="change_edit_names_its_task"),
            models.CheckConstraint(condition=Q(cost=None) | Q(cost__gte=0), name="change_edit_cost_not_negative"),
        ]
        triggers = [*audited("project", without=["cost"]), *frozen.part()]

    def __str__(self):
        return self.name


class ChangeMoney(models.Model):
    """What the change adds to a budget line or takes from it; without a line, a new one."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="change_money")
    change = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="money")
    line = models.ForeignKey(
        "projects.BudgetLine",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="change_items",
        verbose_name=_("budget line"),
    )
    name = models.CharField(_("name of the new line"), max_length=200, blank=True)
    category = models.CharField(_("category"), max_length=10, choices=Category.choices, blank=True)
    delta = models.DecimalField(_("more or less"), max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "change money"
        constraints = [
            models.UniqueConstraint(fields=["change", "line"], name="change_money_line_once"),
            models.CheckConstraint(condition=~Q(delta=0), name="change_money_changes_something"),
            models.CheckConstraint(
                condition=Q(line__isnull=False) | (~Q(name="") & ~Q(category="") & Q(delta__gt=0)),
                name="change_money_new_line_whole",
            ),
        ]
        triggers = [*audited("project"), *frozen.part()]

    def __str__(self):
        return str(self.line) if self.line_id else self.name


class ChangeImpact(models.Model):
    """What the change would do to scope, days and money, computed from a draft that was not saved. Never altered."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="change_impacts")
    change = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="impacts")
    number = models.PositiveSmallIntegerField()
    computed_at = models.DateTimeField(default=timezone.now)
    computed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    # What it was computed from, part by part, as a short hash: another one means it is out of date.
    seen = models.JSONField()
    problems = models.JSONField(default=list)  # why it can't be done as it stands
    scope = models.JSONField(default=dict)
    days = models.JSONField(default=dict)
    money = models.JSONField(default=dict)  # only for those who may see cost
    shift = models.DecimalField(max_digits=7, decimal_places=2, null=True)  # working days, positive when later
    finish_before = models.DateTimeField(null=True)
    finish_after = models.DateTimeField(null=True)
    delta = models.DecimalField(max_digits=14, decimal_places=2, default=0)  # of all budget lines together

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["change", "number"], name="change_impact_number_unique")]
        triggers = [
            *audited("project", without=["seen", "scope", "days", "money", "delta"]),
            *frozen.never_altered(),
        ]

    def __str__(self):
        return f"{self.change_id}: {self.number}"


class BudgetBaseline(models.Model):
    """The budget as it was approved: its layers and every line. The active one is what money is measured against."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="budget_baselines")
    number = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)
    approved = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    contingency = models.DecimalField(max_digits=14, decimal_places=2)
    reserve = models.DecimalField(max_digits=14, decimal_places=2)
    frozen_at = models.DateTimeField(default=timezone.now)
    frozen_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="budget_baseline_number_unique"),
            models.UniqueConstraint(fields=["project"], condition=Q(is_active=True), name="budget_baseline_one_active"),
        ]
        triggers = [*audited("project"), *frozen.only_activity()]

    def __str__(self):
        return _("Budget baseline %(number)s") % {"number": self.number}


class BudgetBaselineLine(models.Model):
    """A budget line as it was frozen; stays when the line goes."""

    baseline = models.ForeignKey(BudgetBaseline, models.CASCADE, related_name="lines")
    line = models.ForeignKey("projects.BudgetLine", models.SET_NULL, null=True, related_name="baseline_rows")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=10, choices=Category.choices)
    planned = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["baseline", "number"], name="budget_baseline_line_once")]

    def __str__(self):
        return f"B-{self.number} {self.name}"
