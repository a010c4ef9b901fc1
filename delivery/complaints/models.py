"""Complaints: acknowledged in time, judged against what was accepted, put right, confirmed by the customer.

A complaint is an issue; this is what a complaint has beside it. Where it stands follows from both, so that the two
can't disagree: the remedy is the issue's resolution, and an issue that is open again is not remedied.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from delivery.issues import clock
from delivery.issues.service_hours import service_hours
from delivery.moves import NotNow
from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned

ACKNOWLEDGE = 480  # minutes of service time: one day of eight hours
ISSUE_DONE = ("resolved", "closed")


class ComplaintTerms(models.Model):
    """Within which service time a complaint of a product is acknowledged. Without a row: one day of eight hours."""

    product = models.OneToOneField("delivery.Product", models.CASCADE, related_name="complaint_terms")
    acknowledge = models.PositiveIntegerField(_("acknowledged within"), default=ACKNOWLEDGE)  # minutes

    class Meta:
        verbose_name = _("terms of complaints")
        verbose_name_plural = _("terms of complaints")
        constraints = [models.CheckConstraint(condition=Q(acknowledge__gt=0), name="complaint_terms_acknowledge")]
        triggers = audited("product")

    def __str__(self):
        return f"{self.acknowledge} min"

    @classmethod
    def of(cls, product) -> int:
        """Minutes of service time."""
        found = cls.objects.filter(product=product).values_list("acknowledge", flat=True).first()
        return found or ACKNOWLEDGE

    @classmethod
    @transaction.atomic
    def agree(cls, product, minutes: int, *, by) -> None:
        """Another time from now on; complaints that wait get their dues anew from their creation."""
        cls.objects.update_or_create(product=product, defaults={"acknowledge": minutes})
        waiting = Complaint.objects.filter(product=product, acknowledged_at=None).select_related("issue")
        rows = list(waiting.select_for_update(of=("self",)))
        hours = service_hours(product)
        for row in rows:
            row.acknowledge_due = clock.due_at(row.issue.created_at, minutes, hours, [])
        Complaint.objects.bulk_update(rows, ["acknowledge_due"])


class ComplaintQuerySet(models.QuerySet):
    def current(self):
        """Of issues that are complaints now."""
        return self.filter(issue__type="complaint")

    def standing(self):
        """Each with ``stands``, as ``Complaint.standing`` reads it."""
        done = Q(issue__state__in=ISSUE_DONE)
        return self.annotate(
            stands=Case(
                When(done & Q(confirmed_at__gte=F("issue__resolved_at")), then=Value("confirmed")),
                When(done & Q(issue__state="closed"), then=Value("closed")),
                When(done, then=Value("remedied")),
                When(~Q(verdict=""), then=Value("judged")),
                When(acknowledged_at__isnull=False, then=Value("acknowledged")),
                default=Value("received"),
            )
        )

    def unheard(self, now=None):
        """Open, and not acknowledged in time."""
        now = now or timezone.now()
        return self.current().filter(acknowledged_at=None, acknowledge_due__lt=now).exclude(issue__state__in=ISSUE_DONE)


class Complaint(Versioned):
    """What a complaint has beside its issue: the acknowledgement, the verdict, the customer's word."""

    class Verdict(models.TextChoices):
        BREACH = "breach", _("Breach of what was accepted")
        MISUNDERSTANDING = "misunderstanding", _("Misunderstanding")
        NEW_NEED = "new_need", _("New need")

    class Standing(models.TextChoices):
        RECEIVED = "received", _("Received")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged")
        JUDGED = "judged", _("Judged")
        REMEDIED = "remedied", _("Put right, waits for the customer")
        CLOSED = "closed", _("Closed without the customer's word")
        CONFIRMED = "confirmed", _("Confirmed by the customer")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="complaints")
    issue = models.OneToOneField("delivery.Issue", models.CASCADE, related_name="complaint")
    acknowledge_due = models.DateTimeField(_("to be acknowledged"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    late_told_at = models.DateTimeField(null=True, blank=True)  # that nobody acknowledged it was told, once
    verdict = models.CharField(_("verdict"), max_length=16, choices=Verdict.choices, blank=True)
    requirement = models.ForeignKey(
        "delivery.Requirement", models.PROTECT, null=True, blank=True, related_name="complaints",
        verbose_name=_("requirement concerned"),
    )  # fmt: skip
    reasoning = models.TextField(_("why it is judged so"), blank=True)
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    refused = models.PositiveSmallIntegerField(_("times refused"), default=0)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints = [
            models.CheckConstraint(
                condition=~Q(verdict="breach") | Q(requirement__isnull=False), name="complaint_breach_of_something"
            ),
            models.CheckConstraint(
                condition=Q(verdict="", judged_at=None, judged_by=None)
                | (~Q(verdict="") & Q(judged_at__isnull=False, judged_by__isnull=False) & ~Q(reasoning="")),
                name="complaint_judged_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="complaint_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="complaint_confirmed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["acknowledge_due"],
                condition=Q(acknowledged_at=None, late_told_at=None),
                name="complaint_unheard",
            )
        ]
        triggers = audited("product")

    def __str__(self):
        return str(self.issue)

    @property
    def standing(self) -> str:
        """Where it stands, from it and its issue."""
        issue = self.issue
        if issue.state in ISSUE_DONE:
            if self.confirmed_at and self.confirmed_at >= issue.resolved_at:
                return self.Standing.CONFIRMED
            return self.Standing.CLOSED if issue.state == "closed" else self.Standing.REMEDIED
        if self.verdict:
            return self.Standing.JUDGED
        return self.Standing.ACKNOWLEDGED if self.acknowledged_at else self.Standing.RECEIVED

    @property
    def standing_label(self):
        return self.Standing(self.standing).label

    def is_unheard(self, now=None) -> bool:
        """Not acknowledged in time and still open."""
        due = self.acknowledge_due
        return bool(due and not self.acknowledged_at and self.issue.is_open and due < (now or timezone.now()))

    @property
    def was_late(self) -> bool | None:
        """Acknowledged after it was due; None where there is nothing to compare."""
        if not (self.acknowledged_at and self.acknowledge_due):
            return None
        return self.acknowledged_at > self.acknowledge_due

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def open(cls, issue, *, at=None) -> "Complaint":
        """What a complaint has beside its issue; the one that is there where somebody was first.

        What was imported was promised elsewhere: no clock of ours.
        """
        due = None
        if issue.has_clock:
            due = clock.due_at(issue.created_at, ComplaintTerms.of(issue.product), service_hours(issue.product), [])
        complaint, _created = cls.objects.get_or_create(
            issue=issue, defaults={"product_id": issue.product_id, "acknowledge_due": due}
        )
        complaint.issue = issue
        return complaint

    @classmethod
    def open_together(cls, issues) -> None:
        """The same for many issues in a constant number of queries for each product; those that have one keep it."""
        there = set(cls.objects.filter(issue__in=issues).values_list("issue", flat=True))
        missing = [issue for issue in issues if issue.pk not in there]
        terms = {product: ComplaintTerms.of(product) for product in {issue.product for issue in missing}}
        cls.objects.bulk_create(
            (
                cls(
                    issue=issue,
                    product_id=issue.product_id,
                    acknowledge_due=clock.due_at(
                        issue.created_at, terms[issue.product], service_hours(issue.product), []
                    )
                    if issue.has_clock
                    else None,
                )
                for issue in missing
            ),
            ignore_conflicts=True,  # somebody was first
        )

    @transaction.atomic
    def acknowledge(self, *, by, text, at=None) -> None:
        """Tell the customer that it is heard: also the first response. The second of two is told."""
        at = at or timezone.now()
        if not text.strip():
            raise ValidationError({"text": _now("Say what the customer reads.")})
        unheard = type(self).objects.filter(pk=self.pk, acknowledged_at=None)
        if not unheard.update(acknowledged_at=at, acknowledged_by=by, version=F("version") + 1):
            raise NotNow(_now("It is acknowledged already."))
        self._refresh()
        self.issue.respond(by=by, text=text, at=at)

    @transaction.atomic
    def judge(self, *, by, verdict, reasoning, requirement=None, version=None, at=None) -> None:
        """Hold it against the accepted scope. A breach names the accepted requirement that is broken."""
        at = at or timezone.now()
        self._refresh(lock=True)
        if self.acknowledged_at is None:
            raise NotNow(_now("Acknowledge it first: the customer waits to be heard."))
        if not self.issue.is_open:
            raise NotNow(_now("It is put right already; a complaint that is open again can be judged anew."))
        if not reasoning.strip():
            raise ValidationError({"reasoning": _now("Say why it is judged so.")})
        if verdict == self.Verdict.BREACH and (requirement is None or not requirement.is_accepted):
            raise ValidationError({"requirement": _now("A breach names the accepted requirement that is broken.")})
        values = {
            "verdict": verdict, "reasoning": reasoning, "requirement": requirement, "judged_at": at, "judged_by": by
        }  # fmt: skip
        for name, value in values.items():
            setattr(self, name, value)
        self.save_changes(list(values), version=version)
        if verdict == self.Verdict.BREACH:
            type(self.issue).objects.filter(pk=self.issue.pk).update(requirement=requirement, version=F("version") + 1)

    @transaction.atomic
    def remedy(self, *, by, text, cause="", at=None) -> None:
        """Put right: how, and why it came to it. The issue is resolved; the customer has the word."""
        self._refresh(lock=True)
        if not self.verdict:
            raise NotNow(_now("Judge it first: a remedy answers to a verdict."))
        self.issue.resolve(by=by, resolution=text, root_cause=cause, at=at)

    @transaction.atomic
    def confirm(self, *, by, text="", at=None) -> None:
        """The customer is content. Staff write down who of the customer said so."""
        at = at or timezone.now()
        self._refresh(lock=True)
        self._wait_for_word(by, text)
        resolved = self.issue.resolved_at
        if self.confirmed_at and self.confirmed_at >= resolved:
            raise NotNow(_now("It is confirmed already."))
        type(self).objects.filter(pk=self.pk).update(
            confirmed_at=max(at, resolved), confirmed_by=by, version=F("version") + 1
        )
        if text.strip():
            self.issue.add_note(by=by, text=text, at=at)
        if self.issue.state == "resolved":
            self.issue.close(by=by, at=at)
        self._refresh()

    @transaction.atomic
    def refuse(self, *, by, text, at=None) -> None:
        """The customer is not content: it is open again, with its clock from the creation."""
        self._refresh(lock=True)
        self._wait_for_word(by, text)
        self.issue.reopen(by=by, reason=text, at=at)
        type(self).objects.filter(pk=self.pk).update(
            refused=F("refused") + 1, confirmed_at=None, confirmed_by=None, version=F("version") + 1
        )
        self._refresh()

    def _wait_for_word(self, by, text) -> None:
        if self.issue.state not in ISSUE_DONE:
            raise NotNow(_now("It is not put right yet."))
        if not by.organisation_id and by.pk != self.issue.reported_by_id and not text.strip():
            raise ValidationError({"text": _now("Write down who of the customer said it, and how.")})

    def _refresh(self, *, lock=False) -> None:
        """This row and its issue as they are now; with ``lock``, until the transaction ends."""
        issues, rows, product = type(self.issue).objects.all(), type(self).objects.all(), self.issue.product
        if lock:
            issues = issues.select_for_update(of=("self",), no_key=True)
            rows = rows.select_for_update(of=("self",), no_key=True)
        issue = issues.get(pk=self.issue_id)  # first, as the issue's own verbs do
        self.refresh_from_db(from_queryset=rows)
        issue.product = product
        self.issue = issue
