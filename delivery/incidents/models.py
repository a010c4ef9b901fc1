"""Major incidents: who leads, when the next update is due, what happened when; and what was learned afterwards."""

import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow, move
from delivery.products.naming import refuse_names
from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import append_only, audited
from pmdm.jobs import outbox
from pmdm.registers.models import Numbered, Versioned
from pmdm.ui import format as fmt

TELL = "incident.tell"
SHORTEST, LONGEST = 5, 24 * 60  # minutes between two updates


class MajorIncidentQuerySet(models.QuerySet):
    def visible_to(self, user, product):
        """A client reads of those that are told to all clients, and of those that its own organisation has."""
        if product.allows(user, Permission.INTERNAL_VIEW):
            return self
        own = Q(organisation=user.organisation_id) if user.organisation_id else Q(pk=None)
        return self.filter(Q(is_for_all=True) | own)

    def open(self):
        return self.exclude(state=MajorIncident.State.STOOD_DOWN)


class MajorIncident(Numbered, Versioned):
    """An issue so bad that it is led: by named people, with updates at agreed intervals, until it is stood down.

    Verbs take ``at``, when it is written down, and ``happened_at``, when it was, for what is entered late.
    """

    PREFIX, SUBJECT = "MI", "product"

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        MITIGATED = "mitigated", _("Mitigated")
        RESOLVED = "resolved", _("Resolved")
        STOOD_DOWN = "stood_down", _("Stood down")

    UPDATING = ("active", "mitigated")  # states in which updates are owed

    class Duty(models.TextChoices):
        COMMANDER = "commander", _("Incident commander")
        COMMUNICATIONS = "communications", _("Communications")
        OPERATIONS = "operations", _("Operations lead")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="major_incidents")
    issue = models.ForeignKey("delivery.Issue", models.PROTECT, related_name="major_incidents", verbose_name=_("issue"))
    title = models.CharField(_("title"), max_length=250)
    headline = models.CharField(
        _("what clients read"), max_length=250, help_text=_("What does not work, in their words. No names, no guesses.")
    )
    # Of the issue: its own client reads of it, others only when it is told to all.
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    is_for_all = models.BooleanField(_("told to all clients of the product"), default=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    commander = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("incident commander")
    )
    communications = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("communications"),
    )  # fmt: skip
    operations = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("operations lead"),
    )  # fmt: skip
    cadence = models.PositiveSmallIntegerField(_("minutes between updates"), default=30)
    next_update_due = models.DateTimeField(_("next update due"), null=True, blank=True)
    detected_at = models.DateTimeField(_("detected"))
    declared_at = models.DateTimeField(_("declared"))
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    mitigated_at = models.DateTimeField(_("mitigated"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    stood_down_at = models.DateTimeField(_("stood down"), null=True, blank=True)

    objects = MajorIncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("major incident")
        verbose_name_plural = _("major incidents")
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="major_incident_number_unique"),
            models.UniqueConstraint(
                fields=["issue"], condition=~Q(state="stood_down"), name="major_incident_one_open_per_issue"
            ),
            models.CheckConstraint(condition=Q(cadence__range=(SHORTEST, LONGEST)), name="major_incident_cadence"),
            models.CheckConstraint(
                condition=Q(declared_at__gte=F("detected_at"))
                & (Q(mitigated_at=None) | Q(mitigated_at__gte=F("detected_at")))
                & (Q(resolved_at=None) | Q(mitigated_at__isnull=False, resolved_at__gte=F("mitigated_at")))
                & (Q(stood_down_at=None) | Q(stood_down_at__gte=Coalesce("resolved_at", "declared_at"))),
                name="major_incident_times_in_order",
            ),
            models.CheckConstraint(
                condition=Q(state="active", mitigated_at=None, resolved_at=None, stood_down_at=None)
                | Q(state="mitigated", mitigated_at__isnull=False, resolved_at=None, stood_down_at=None)
                | Q(state="resolved", resolved_at__isnull=False, stood_down_at=None)
                | Q(state="stood_down", stood_down_at__isnull=False),
                name="major_incident_times_with_state",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return f"{self.ref} {self.title}"

    @property
    def is_open(self):
        return self.state != self.State.STOOD_DOWN

    @property
    def owes_updates(self):
        return self.state in self.UPDATING

    def duty(self, duty: str):
        return getattr(self, self.Duty(duty).value)

    def is_late(self, now=None) -> bool:
        """The next update is overdue."""
        return self.next_update_due is not None and self.next_update_due < (now or timezone.now())

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def declare(
        cls, product, *, by, title, headline, commander, issue=None, detected_at=None, at=None, **fields
    ) -> "MajorIncident":
        """Begin to lead it. Without an issue a critical one is reported. One at a time for an issue: else NotNow."""
        from delivery.issues.models import Issue

        at = at or timezone.now()
        if issue is None:
            issue = Issue.report(product, by=by, title=title, type=Issue.Type.BUG, severity=1, at=detected_at or at)
        else:
            # Two people who declare it at once meet here.
            issue = product.issues.select_for_update(of=("self",), no_key=True).get(pk=issue.pk)
        if other := issue.major_incidents.open().first():
            raise NotNow(_now("It is led already: %s.") % other)
        detected_at = detected_at or min(issue.created_at, at)
        if detected_at > at:
            raise ValidationError({"detected_at": _now("It cannot be declared before it was detected.")})
        fields.setdefault("is_for_all", issue.organisation_id is None)
        told_to = None if fields["is_for_all"] else issue.organisation
        refuse_names(product, {"headline": headline}, but=told_to)
        incident = cls.objects.create(
            product=product, issue=issue, title=title, headline=headline, organisation_id=issue.organisation_id,
            commander=commander, detected_at=detected_at, declared_at=at, declared_by=by, **fields,
        )  # fmt: skip
        incident._tell(IncidentEntry.Kind.DECLARED, headline, by=by, at=at, is_public=True)
        incident._plan_updates(at)
        incident._call(incident.team(), by=by, what="declared")
        return incident

    def team(self) -> list:
        """Who has a duty, each once."""
        people = (self.commander, self.communications, self.operations)
        return list(dict.fromkeys(person for person in people if person))

    @transaction.atomic
    def note(self, *, by, text, is_public, at=None, happened_at=None) -> "IncidentEntry":
        """A public update, which the clock waits for, or a private word."""
        now = self._locked()
        at, happened_at = self._moments(at, happened_at)
        if is_public and now.state == self.State.STOOD_DOWN:
            raise NotNow(_now("It is stood down: clients get no more updates on it."))
        kind = IncidentEntry.Kind.UPDATE if is_public else IncidentEntry.Kind.NOTE
        entry = self._tell(kind, text, by=by, at=at, happened_at=happened_at, is_public=is_public)
        if is_public:  # counted from when clients can read it
            self._plan_updates(at)
        return entry

    @transaction.atomic
    def correct(self, entry: "IncidentEntry", *, by, text, at=None) -> "IncidentEntry":
        """What was written stays; beside it stands how it really was, for the same readers."""
        self._locked()
        if not text.strip():
            raise ValidationError({"text": _now("Say how it really was.")})
        if entry.incident_id != self.pk or entry.kind == IncidentEntry.Kind.CORRECTION:
            raise ValidationError(_now("Correct the entry itself."))
        return self._tell(
            IncidentEntry.Kind.CORRECTION, text, by=by, at=at or timezone.now(), is_public=entry.is_public,
            corrects=entry,
        )  # fmt: skip

    def give(self, duty: str, person, *, by, at=None) -> None:
        """Another person has this duty from now on. The commander's is never empty."""
        self.lead({duty: person}, by=by, at=at)

    def pace(self, minutes: int, *, by, at=None) -> None:
        """Updates come at another interval, counted from now."""
        self.lead({}, cadence=minutes, by=by, at=at)

    @transaction.atomic
    def lead(self, duties: dict, *, by, cadence: int | None = None, at=None) -> None:
        """Duties and interval as they are from now on; each change is a line of the timeline."""
        now = self._locked()
        at = at or timezone.now()
        changed = {duty: person for duty, person in duties.items() if now.duty(duty) != person}
        paced = cadence is not None and cadence != now.cadence
        if not (changed or paced):
            return
        if now.state == self.State.STOOD_DOWN:
            raise NotNow(_now("It is stood down."))
        if changed.get(self.Duty.COMMANDER, True) is None:
            raise ValidationError({"commander": _now("Somebody has to lead it.")})
        if paced and not SHORTEST <= cadence <= LONGEST:
            raise ValidationError({"cadence": _now("Between 5 minutes and a day.")})
        if paced and now.state not in self.UPDATING:
            raise NotNow(_now("No more updates are owed."))
        values = changed | ({"cadence": cadence} if paced else {})
        type(self).objects.filter(pk=self.pk).update(**values, version=F("version") + 1)
        for name, value in values.items():
            setattr(self, name, value)
        self.version = now.version + 1
        for duty, person in changed.items():
            words = {"duty": self.Duty(duty).label, "name": person.name if person else _now("nobody")}
            self._tell(IncidentEntry.Kind.DUTY, _now("%(duty)s: %(name)s") % words, by=by, at=at, is_public=False)
            if person:
                self._call([person], by=by, what=duty)
        if paced:
            text = _now("Updates every %s minutes from now on.") % cadence
            self._tell(IncidentEntry.Kind.NOTE, text, by=by, at=at, is_public=False)
            self._plan_updates(at)

    @transaction.atomic
    def mitigate(self, *, by, text, at=None, happened_at=None) -> None:
        """Clients can work again, the cause is still there; updates go on."""
        self._locked()
        at, then = self._moments(at, happened_at)
        move(self, ("active",), state=self.State.MITIGATED, mitigated_at=then)
        self._tell(IncidentEntry.Kind.MITIGATED, text, by=by, at=at, happened_at=then, is_public=True)
        self._plan_updates(at)

    @transaction.atomic
    def resolve(self, *, by, text, at=None, happened_at=None) -> None:
        """The cause is gone: no more updates are owed. The issue itself is resolved on its own page."""
        self._locked()
        at, then = self._moments(at, happened_at)
        if self.mitigated_at and then < self.mitigated_at:
            raise ValidationError(
                {"happened_at": _now("It was mitigated later than that: %s.") % fmt.when(self.mitigated_at)}
            )
        mitigated = self.mitigated_at or then
        move(self, self.UPDATING, state=self.State.RESOLVED, resolved_at=then, mitigated_at=mitigated)
        self._tell(IncidentEntry.Kind.RESOLVED, text, by=by, at=at, happened_at=then, is_public=True)
        self._plan_updates(at)

    @transaction.atomic
    def relapse(self, *, by, text, at=None, happened_at=None) -> None:
        """It came back: all is as before, and the clock runs again."""
        self._locked()
        at, then = self._moments(at, happened_at)
        move(self, ("mitigated", "resolved"), state=self.State.ACTIVE, mitigated_at=None, resolved_at=None)
        self._tell(IncidentEntry.Kind.RELAPSED, text, by=by, at=at, happened_at=then, is_public=True)
        self._plan_updates(at)

    @transaction.atomic
    def stand_down(self, *, by, text, at=None, happened_at=None) -> None:
        """Nobody leads it any more: it is resolved, or it was none. The review can be written."""
        self._locked()
        at, then = self._moments(at, happened_at)
        if then < (self.resolved_at or self.declared_at):
            raise ValidationError({"happened_at": _now("That is before it was resolved or declared.")})
        move(self, ("active", "mitigated", "resolved"), state=self.State.STOOD_DOWN, stood_down_at=then)
        self._tell(IncidentEntry.Kind.STOOD_DOWN, text, by=by, at=at, happened_at=then, is_public=False)
        self._plan_updates(at)

    # --- Inside ---

    def _locked(self) -> "MajorIncident":
        """The row under a lock, and this one as it is there: a verb and the sweep never work on it at once."""
        # NO KEY: the sweep's line in the timeline refers to this row while it holds rows that a verb waits for.
        now = type(self).objects.select_for_update(of=("self",), no_key=True).get(pk=self.pk)
        product = self.product
        self.refresh_from_db()
        self.product = product
        return now

    def _moments(self, at, happened_at):
        """When it is written down, and when it happened: the same unless said."""
        at = at or timezone.now()
        happened_at = happened_at or at
        if happened_at > at:
            raise ValidationError({"happened_at": _now("That has not happened yet.")})
        if happened_at < self.detected_at:
            words = fmt.when(self.detected_at)
            raise ValidationError({"happened_at": _now("It was detected later than that: %s.") % words})
        return at, happened_at

    def _tell(self, kind, text, *, by, at, is_public, happened_at=None, corrects=None) -> "IncidentEntry":
        if not text.strip():
            raise ValidationError({"text": _now("Say what is known.")})
        if is_public:
            refuse_names(self.product, {"text": text}, but=None if self.is_for_all else self.organisation)
        return IncidentEntry.objects.create(
            product_id=self.product_id, incident=self, kind=kind, text=text, is_public=is_public, by=by,
            at=happened_at or at, recorded_at=at, corrects=corrects,
        )  # fmt: skip

    def _plan_updates(self, at) -> None:
        """What was owed is settled; the next update is due one interval after ``at``, the alarm after another one."""
        self.updates_due.waiting().update(met_at=at)
        due = at + datetime.timedelta(minutes=self.cadence) if self.owes_updates else None
        type(self).objects.filter(pk=self.pk).update(next_update_due=due)
        self.next_update_due = due
        if due:
            step = datetime.timedelta(minutes=self.cadence)
            UpdateDue.objects.bulk_create(
                UpdateDue(product_id=self.product_id, incident=self, step=number, due_at=at + number * step)
                for number in (1, 2)
            )

    def _call(self, people, *, by, what) -> None:
        rows = [
            (f"{TELL}:{self.pk}:{what}:{self.version}:{person.pk}",
             {"incident": self.pk, "user": person.pk, "what": what})
            for person in people if person != by
        ]  # fmt: skip
        if rows:
            outbox.enqueue_many(TELL, rows)


class IncidentEntryQuerySet(models.QuerySet):
    def visible_to(self, user, product):
        return self if product.allows(user, Permission.INTERNAL_VIEW) else self.filter(is_public=True)


class IncidentEntry(models.Model):
    """One line of the timeline. The database refuses to change or remove it: a correction is a line of its own."""

    class Kind(models.TextChoices):
        DECLARED = "declared", _("Declared")
        UPDATE = "update", _("Update")
        NOTE = "note", _("Note")
        DUTY = "duty", _("Duty")
        OVERDUE = "overdue", _("Update overdue")
        MITIGATED = "mitigated", _("Mitigated")
        RESOLVED = "resolved", _("Resolved")
        RELAPSED = "relapsed", _("Came back")
        STOOD_DOWN = "stood_down", _("Stood down")
        CORRECTION = "correction", _("Correction")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="incident_entries")
    incident = models.ForeignKey(MajorIncident, models.CASCADE, related_name="entries")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.TextField(_("text"))
    is_public = models.BooleanField(_("clients read it"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("when it happened"))
    recorded_at = models.DateTimeField(_("written down"), default=timezone.now)
    corrects = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="corrections")

    objects = IncidentEntryQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("entry of the timeline")
        verbose_name_plural = _("entries of the timeline")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="correction", corrects__isnull=False) | (~Q(kind="correction") & Q(corrects=None)),
                name="incident_entry_correction_of_something",
            ),
            # Overdue updates, duties and the end of the lead are no business of clients.
            models.CheckConstraint(
                condition=Q(is_public=False) | ~Q(kind__in=("note", "duty", "overdue", "stood_down")),
                name="incident_entry_private_kinds",
            ),
        ]
        indexes = [models.Index(fields=["incident", "at"], name="incident_entry_at")]
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.text[:60]}"

    @property
    def is_late(self) -> bool:
        """Written down well after it happened."""
        return self.recorded_at - self.at > datetime.timedelta(minutes=5)


class UpdateDueQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(fired_at=None, met_at=None)


class UpdateDue(models.Model):
    """The moment by which clients must have heard, twice: step 1 tells who leads, step 2 those above. Fired once.

    Derived from the incident's clock; its own record, so the audit trail does not repeat it.
    """

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    incident = models.ForeignKey(MajorIncident, models.CASCADE, related_name="updates_due")
    step = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True, blank=True)
    fired_at = models.DateTimeField(null=True, blank=True)
    told = ArrayField(models.BigIntegerField(), default=list, blank=True)  # keys of people

    objects = UpdateDueQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "step"], condition=Q(fired_at=None, met_at=None), name="update_due_one_waiting"
            ),
            models.CheckConstraint(condition=Q(fired_at=None) | Q(met_at=None), name="update_due_fired_or_met"),
            models.CheckConstraint(
                condition=Q(fired_at=None) | Q(fired_at__gte=F("due_at")), name="update_due_fired_when_due"
            ),
            models.CheckConstraint(condition=Q(step__in=(1, 2)), name="update_due_two_steps"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(fired_at=None, met_at=None), name="update_due_waiting")]

    def __str__(self):
        return f"{self.incident_id}: {self.step}"
