"""What is still open when a project hands over, what is decided about it, and what it became."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned

USER = settings.AUTH_USER_MODEL

# Kind of a row: the column that says what it is about.
COLUMN = {
    "risk": "risk",
    "issue": "issue",
    "defect": "issue",
    "requirement": "requirement",
    "task": "task",
    "order": "order",
}
SOURCES = tuple(dict.fromkeys(COLUMN.values()))


def _is_one_thing() -> Q:
    """Exactly the column that the kind names is filled."""
    found = Q(pk__in=[])
    for column in SOURCES:
        kinds = [kind for kind, name in COLUMN.items() if name == column]
        others = {f"{other}__isnull": other != column for other in SOURCES}
        found |= Q(kind__in=kinds, **others)
    return found


class Contract(models.Model):
    """An order of the project that operations took over: who answers for it now."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="contracts")
    handover = models.ForeignKey("handover.Handover", models.PROTECT, related_name="contracts")
    order = models.OneToOneField("projects.Order", models.PROTECT, related_name="contract")
    supplier = models.CharField(_("supplier"), max_length=200)
    description = models.CharField(_("what is ordered"), max_length=300)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("owner"))
    taken_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["supplier", "pk"]
        triggers = audited("product")

    def __str__(self):
        return f"{self.supplier}: {self.description}"


class OpenItem(Versioned):
    """An open risk, issue, defect, requirement, task or order, what is decided about it, and what it became."""

    class Kind(models.TextChoices):
        RISK = "risk", _("Risk")
        ISSUE = "issue", _("Issue")
        DEFECT = "defect", _("Defect")
        REQUIREMENT = "requirement", _("Unmet requirement")
        TASK = "task", _("Task")
        ORDER = "order", _("Contract")

    class Decision(models.TextChoices):
        CARRY = "carry", _("Carry over")
        OP_RISK = "op_risk", _("Accept as operational risk")
        KNOWN_GAP = "known_gap", _("Accept as known gap")
        FOLLOW_ON = "follow_on", _("Send to a follow-on project")
        CLOSE = "close", _("Close")
        KEEP = "keep", _("Stays with the project")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey("handover.Handover", models.CASCADE, related_name="open_items")
    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices)
    risk = models.ForeignKey("projects.Risk", models.CASCADE, null=True, blank=True, related_name="handover_items")
    issue = models.ForeignKey("projects.Issue", models.CASCADE, null=True, blank=True, related_name="handover_items")
    requirement = models.ForeignKey(
        "projects.Requirement", models.CASCADE, null=True, blank=True, related_name="handover_items"
    )
    task = models.ForeignKey("projects.Task", models.CASCADE, null=True, blank=True, related_name="handover_items")
    order = models.ForeignKey("projects.Order", models.CASCADE, null=True, blank=True, related_name="handover_items")
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    # Who answers for it in operations; the receiver agrees by signing, everybody else by their own consent.
    new_owner = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("new owner")
    )
    consented_at = models.DateTimeField(null=True, blank=True)
    # What keeps an operational risk small, and when it is tried next.
    control = models.TextField(_("control"), blank=True)
    control_test_on = models.DateField(_("next test of the control"), null=True, blank=True)
    workaround = models.TextField(_("workaround"), blank=True)
    follow_on = models.ForeignKey(
        "projects.Project", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("follow-on project")
    )
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    became_risk = models.OneToOneField(
        "delivery.Risk", models.PROTECT, null=True, blank=True, related_name="handover_item"
    )
    became_issue = models.OneToOneField(
        "delivery.Issue", models.PROTECT, null=True, blank=True, related_name="handover_item"
    )
    became_gap = models.OneToOneField(
        "delivery.KnownGap", models.PROTECT, null=True, blank=True, related_name="handover_item"
    )
    became_contract = models.OneToOneField(
        Contract, models.PROTECT, null=True, blank=True, related_name="handover_item"
    )
    followed_risk = models.OneToOneField(
        "projects.Risk", models.SET_NULL, null=True, blank=True, related_name="came_from_item"
    )
    followed_issue = models.OneToOneField(
        "projects.Issue", models.SET_NULL, null=True, blank=True, related_name="came_from_item"
    )
    followed_requirement = models.OneToOneField(
        "projects.Requirement", models.SET_NULL, null=True, blank=True, related_name="came_from_item"
    )
    # Of a carried risk: [[day, probability, impact], ...] as the project scored it, oldest first.
    score_history = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=_is_one_thing(), name="open_item_is_one_thing"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None, consented_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="open_item_decided_by_and_at_together",
            ),
            models.CheckConstraint(
                condition=Q(decision__in=("", "carry")) | ~Q(reason=""), name="open_item_reason_unless_carried"
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=("carry", "op_risk")) | Q(new_owner__isnull=False),
                name="open_item_goes_to_a_new_owner",
            ),
            models.CheckConstraint(
                condition=Q(decision="follow_on", follow_on__isnull=False)
                | (~Q(decision="follow_on") & Q(follow_on=None)),
                name="open_item_names_its_follow_on_project",
            ),
            models.CheckConstraint(
                condition=~(Q(decision="op_risk") | Q(kind="risk", decision="carry"))
                | (~Q(control="") & Q(control_test_on__isnull=False)),
                name="open_item_risk_has_a_control",
            ),
            *(
                models.UniqueConstraint(fields=["handover", column], name=f"open_item_{column}_once")
                for column in SOURCES
            ),
        ]
        indexes = [models.Index(fields=["handover", "decision"], name="open_item_of_handover")]
        triggers = audited("project")

    def __str__(self):
        return str(self.source)

    @property
    def source(self):
        return getattr(self, COLUMN[self.kind])

    def label_for(self, user, can) -> str:
        """How it reads to somebody: a supplier is for those who see cost, and for who is asked to take the contract."""
        if self.kind != "order" or Permission.COST_VIEW in can:
            return str(self)
        asked = user.pk == self.new_owner_id
        return f"{self.order.ref} {self.order.supplier}: {self.order.description}" if asked else self.order.ref

    @property
    def became(self):
        return self.became_risk or self.became_issue or self.became_gap or self.became_contract

    @property
    def followed(self):
        """What it became in the follow-on project."""
        return self.followed_risk or self.followed_issue or self.followed_requirement

    @property
    def needs_consent(self) -> bool:
        """Somebody other than the receiver has to agree to take it."""
        return bool(
            self.decision in ("carry", "op_risk")
            and not self.consented_at
            and self.new_owner_id != self.handover.receiver_id
        )
