"""The end report of a project: what is decided about each open thing, what was submitted, who authorised it."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.registers.models import Numbered, Versioned
from projects.closing.authorising import Authorised

USER = settings.AUTH_USER_MODEL


class EndReport(Authorised, Numbered, Versioned):
    """Written by the manager, submitted as a PDF, authorised by the sponsor: then the project is closed.

    One is open at a time; a project that was reopened gets another.
    """

    PREFIX, SUBJECT = "ER", "project"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Waiting for authorisation")
        RETURNED = "returned", _("Returned")
        AUTHORISED = "authorised", _("Authorised")

    # From these it may be changed and submitted.
    OPEN_STATES = ("draft", "returned")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="end_reports")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    reached = models.TextField(_("what was reached"), blank=True, max_length=10_000)
    missed = models.TextField(_("what was not reached, and why"), blank=True, max_length=10_000)
    advice = models.TextField(_("what the next project should know"), blank=True, max_length=10_000)
    released_on = models.DateField(
        _("people and resources released on"),
        null=True,
        blank=True,
        help_text=_("From this day on their departments can plan with them again."),
    )
    release = models.TextField(
        _("about the release"),
        blank=True,
        max_length=4000,
        help_text=_("Rooms, machines, accounts, contracts of people: what was given back to whom."),
    )
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="end_report_number_unique"),
            models.UniqueConstraint(
                fields=["project"], condition=~Q(state="authorised"), name="end_report_one_open_per_project"
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return self.ref


class ClosingDecision(models.Model):
    """What becomes of one open thing when the project closes. Takes effect when the report is authorised."""

    class Decision(models.TextChoices):
        CLOSE = "close", _("Close")
        ACCEPT = "accept", _("Accept as it is")
        CARRY = "carry", _("Carry over")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    report = models.ForeignKey(EndReport, models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=20)
    row = models.BigIntegerField()
    ref = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=300)
    decision = models.CharField(_("decision"), max_length=6, choices=Decision.choices)
    reason = models.TextField(_("reason"), max_length=2000)
    decided_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "kind", "row"], name="closing_decision_once_each"),
            models.CheckConstraint(condition=~Q(reason=""), name="closing_decision_has_a_reason"),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.ref or self.title}: {self.get_decision_display()}"


class EndReportSubmission(models.Model):
    """The report as it was submitted, set as PDF with and without money; and what was said to it. It never changes."""

    class Decision(models.TextChoices):
        AUTHORISED = "authorised", _("Authorised")
        RETURNED = "returned", _("Returned")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    report = models.ForeignKey(EndReport, models.CASCADE, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    submitted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    paper = models.ForeignKey("files.File", models.PROTECT, related_name="+")
    # For those who may not see cost.
    paper_without_money = models.ForeignKey("files.File", models.PROTECT, related_name="+")
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices, blank=True)
    reason = models.TextField(_("reason"), blank=True, max_length=4000)
    decided_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="end_report_submission_number_unique"),
            models.UniqueConstraint(
                fields=["report"], condition=Q(decision=""), name="end_report_one_submission_waits"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="end_report_decision_whole",
            ),
            # A comparison with NULL is not false, so undecided ones pass.
            models.CheckConstraint(
                condition=~Q(decision="authorised") | ~Q(decided_by=F("submitted_by")),
                name="end_report_authorised_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(decision="returned") | ~Q(reason=""), name="end_report_return_has_a_reason"
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="end_report_stays",
                fields=["report", "number", "submitted_by", "submitted_at", "paper", "paper_without_money"],
            ),
            pgtrigger.Protect(
                name="end_report_decision_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__decision__in=["authorised", "returned", "withdrawn"]),
            ),
            *audited("project"),
        ]

    def __str__(self):
        return f"{self.report_id} / {self.number}"


class AcceptedPart(models.Model):
    """A requirement or deliverable of a cancelled project that the sponsor accepts as it is."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="accepted_parts")
    cancellation = models.ForeignKey("projects.StateChange", models.CASCADE, related_name="accepted_parts")
    requirement = models.ForeignKey("projects.Requirement", models.CASCADE, null=True, related_name="+")
    deliverable = models.ForeignKey("projects.Deliverable", models.CASCADE, null=True, related_name="+")
    note = models.CharField(_("as it is"), max_length=500)
    accepted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(requirement__isnull=False, deliverable=None)
                | Q(requirement=None, deliverable__isnull=False),
                name="accepted_part_is_one_thing",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="accepted_part_says_how_it_is"),
            models.UniqueConstraint(fields=["cancellation", "requirement"], name="accepted_requirement_once"),
            models.UniqueConstraint(fields=["cancellation", "deliverable"], name="accepted_deliverable_once"),
        ]
        triggers = audited("project")

    def __str__(self):
        return str(self.thing)

    @property
    def thing(self):
        return self.requirement or self.deliverable

    @property
    def thing_id(self) -> int | None:
        return self.requirement_id or self.deliverable_id


class SalvageItem(Numbered, models.Model):
    """Something of a cancelled project that is used again: what it is, where it goes, who takes it."""

    PREFIX, SUBJECT = "SAL", "project"

    class Kind(models.TextChoices):
        RESULT = "result", _("Result or part of it")
        DOCUMENT = "document", _("Document")
        SOFTWARE = "software", _("Software or data")
        EQUIPMENT = "equipment", _("Equipment or material")
        CONTRACT = "contract", _("Contract or licence")
        KNOWLEDGE = "knowledge", _("Knowledge")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="salvage")
    cancellation = models.ForeignKey("projects.StateChange", models.CASCADE, related_name="salvage")
    what = models.CharField(_("what"), max_length=200)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices, default=Kind.RESULT)
    goes_to = models.CharField(_("where it goes"), max_length=200)
    taker = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("who takes it"))
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    confirmed_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="salvage_item_number_unique"),
            models.CheckConstraint(condition=~Q(what="") & ~Q(goes_to=""), name="salvage_item_says_what_and_where"),
            models.CheckConstraint(
                condition=Q(taken_at=None, confirmed_by=None) | Q(taken_at__isnull=False, confirmed_by__isnull=False),
                name="salvage_item_taken_and_confirmed_together",
            ),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.ref} {self.what}"
