"""Work across departments: what a product's team and a department ask of each other; what stands in the way."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from delivery.departments import engine
from delivery.moves import NotNow, move
from delivery.products.models import Product
from pmdm.accounts.roles import Permission as P
from pmdm.activity.triggers import append_only, audited
from pmdm.jobs import outbox
from pmdm.registers.models import Numbered, Versioned

USER = settings.AUTH_USER_MODEL
TELL = "department.tell"


class DepartmentRequestQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Of products whose inner side one sees; and those to one's own department, product or not."""
        if user.organisation_id:
            return self.none()
        inside = Q(product__in=Product.objects.allowing(user, P.INTERNAL_VIEW))
        mine = Q(direction="to", department=user.department_id) if user.department_id else Q(pk=None)
        return self.filter(inside | mine)

    def open(self):
        return self.filter(state__in=DepartmentRequest.OPEN_STATES)

    def late(self, today):
        return self.open().filter(due__lt=today)


class DepartmentRequest(Numbered, Versioned):
    """Something that a product's team asks of a department, or a department of the team, until a day.

    Who is asked accepts it, with somebody who does it, or declines it with the reason.
    """

    PREFIX, SUBJECT = "DR", "product"

    class Direction(models.TextChoices):
        TO = "to", _("To the department")
        FROM = "from", _("From the department")

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        DONE = "done", _("Done")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN_STATES = ("asked", "accepted")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="department_requests")
    direction = models.CharField(_("direction"), max_length=4, choices=Direction.choices, default=Direction.TO)
    department = models.ForeignKey(
        "accounts.Department", models.PROTECT, related_name="+", verbose_name=_("department")
    )
    title = models.CharField(_("what is asked"), max_length=250)
    description = models.TextField(_("why, and what for"), blank=True)
    issue = models.ForeignKey(
        "delivery.Issue", models.SET_NULL, null=True, blank=True, related_name="department_requests",
        verbose_name=_("issue"),
    )  # fmt: skip
    due = models.DateField(_("due"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who does it")
    )
    answer = models.TextField(_("answer"), blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    outcome = models.TextField(_("what came of it"), blank=True)

    objects = DepartmentRequestQuerySet.as_manager()

    class Meta:
        ordering = ["due", "pk"]
        verbose_name = _("request between departments")
        verbose_name_plural = _("requests between departments")
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="department_request_number_unique"),
            models.CheckConstraint(
                condition=Q(state__in=("asked", "withdrawn"))
                | Q(state="declined", answered_by__isnull=False) & ~Q(answer="")
                | Q(state__in=("accepted", "done"), answered_by__isnull=False, owner__isnull=False),
                name="department_request_answered",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) & ~Q(outcome="") | ~Q(state="done") & Q(done_at=None),
                name="department_request_done_with_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(state__in=("asked", "accepted")), name="department_request_open")
        ]
        triggers = audited("product")

    def __str__(self):
        return f"{self.ref} {self.title}"

    @property
    def is_open(self):
        return self.state in self.OPEN_STATES

    def is_late(self, today=None) -> bool:
        return self.is_open and self.due < (today or timezone.localdate())

    def may_answer(self, user) -> bool:
        """Who is asked: the department's people, or who works for the product."""
        if user.organisation_id or not user.is_active:
            return False
        if self.direction == self.Direction.TO:
            return user.department_id == self.department_id
        return self.product.allows(user, P.ISSUE_WORK)

    def may_withdraw(self, user) -> bool:
        return user.pk == self.asked_by_id or self.product.allows(user, P.PRODUCT_EDIT)

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def ask(cls, product, *, by, department, title, due, direction="to", at=None, **fields) -> "DepartmentRequest":
        """Ask for something; the department's people, or the delivery manager, hear of it."""
        at = at or timezone.now()
        if due < timezone.localdate(at):
            raise ValidationError({"due": _now("This day is over.")})
        row = cls.objects.create(
            product=product, department=department, title=title, due=due, direction=direction, asked_by=by, asked_at=at,
            **fields,
        )  # fmt: skip
        row._tell(row._asked(), "asked", by=by)
        return row

    def _asked(self):
        if self.direction == self.Direction.TO:
            return list(self.department.people.filter(is_active=True, organisation=None))
        manager = self.product.delivery_manager
        return [manager] if manager else []

    @transaction.atomic
    def accept(self, *, by, owner, answer="", due=None, at=None) -> None:
        """It will be done, by this person, until the day asked for or another one that is said with a reason."""
        if due and due != self.due and not answer.strip():
            raise ValidationError({"answer": _now("Say why it takes another day.")})
        if owner.organisation_id or not owner.is_active:
            raise ValidationError({"owner": _now("One of our own people does it.")})
        move(
            self, ("asked",), state=self.State.ACCEPTED, owner=owner, answer=answer, due=due or self.due,
            answered_at=at or timezone.now(), answered_by=by,
        )  # fmt: skip
        self._tell([self.asked_by, owner], "accepted", by=by)

    @transaction.atomic
    def decline(self, *, by, answer, at=None) -> None:
        """It will not be done, and why."""
        if not answer.strip():
            raise ValidationError({"answer": _now("Say why not.")})
        move(
            self, ("asked",), state=self.State.DECLINED, answer=answer, answered_at=at or timezone.now(),
            answered_by=by,
        )  # fmt: skip
        self._tell([self.asked_by], "declined", by=by)

    @transaction.atomic
    def finish(self, *, by, outcome, at=None) -> None:
        """It is done, with what came of it."""
        if not outcome.strip():
            raise ValidationError({"outcome": _now("Say what came of it.")})
        move(self, ("accepted",), state=self.State.DONE, outcome=outcome, done_at=at or timezone.now())
        self._tell([self.asked_by], "done", by=by)

    @transaction.atomic
    def withdraw(self, *, by, answer="", at=None) -> None:
        """It is needed no more."""
        move(self, self.OPEN_STATES, state=self.State.WITHDRAWN, answer=answer or self.answer)
        self._tell([self.owner] if self.owner else [], "withdrawn", by=by)

    def _tell(self, people, what, *, by) -> None:
        rows = [
            (f"{TELL}:{self.pk}:{what}:{person.pk}", {"request": self.pk, "what": what, "user": person.pk})
            for person in dict.fromkeys(people)
            if person != by
        ]
        if rows:
            outbox.enqueue_many(TELL, rows)


class RoadblockQuerySet(models.QuerySet):
    def open(self):
        return self.filter(removed_at=None)

    def late(self, today):
        return self.open().filter(due__lt=today)

    def adrift(self, since):
        """Raised before that moment, and still nobody's, for no day."""
        return self.open().filter(owner=None, due=None, raised_at__lt=since)

    def touching(self, start, end):
        return self.filter(Q(removed_at=None) | Q(removed_at__gt=start), raised_at__lt=end)


class Roadblock(Numbered, Versioned):
    """Something that keeps the team from going on: raised, owned by somebody, escalated, removed; its time counts."""

    PREFIX, SUBJECT = "RB", "product"

    class State(models.TextChoices):
        RAISED = "raised", _("Raised")
        OWNED = "owned", _("Owned")
        ESCALATED = "escalated", _("Escalated")
        REMOVED = "removed", _("Removed")

    OPEN_STATES = ("raised", "owned", "escalated")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="roadblocks")
    title = models.CharField(_("what stands in the way"), max_length=250)
    description = models.TextField(_("what it keeps us from"), blank=True)
    department = models.ForeignKey(
        "accounts.Department", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("who could remove it"),
    )  # fmt: skip
    issue = models.ForeignKey(
        "delivery.Issue", models.SET_NULL, null=True, blank=True, related_name="roadblocks", verbose_name=_("blocks")
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.RAISED)
    raised_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("raised by"))
    raised_at = models.DateTimeField(_("raised"), default=timezone.now)
    owner = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner"))
    due = models.DateField(_("to be removed by"), null=True, blank=True)
    escalated_to = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("escalated to")
    )
    escalated_at = models.DateTimeField(_("escalated"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    objects = RoadblockQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("roadblock")
        verbose_name_plural = _("roadblocks")
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="roadblock_number_unique"),
            models.CheckConstraint(
                condition=Q(state="removed", removed_at__gte=F("raised_at")) | ~Q(state="removed") & Q(removed_at=None),
                name="roadblock_removed_after_raised",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("raised", "removed")) | Q(owner__isnull=False),
                name="roadblock_owned_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="escalated") | Q(escalated_to__isnull=False, escalated_at__isnull=False),
                name="roadblock_escalated_to_somebody",
            ),
        ]
        indexes = [models.Index(fields=["product", "raised_at"], name="roadblock_raised")]
        triggers = audited("product")

    def __str__(self):
        return f"{self.ref} {self.title}"

    @property
    def is_open(self):
        return self.state in self.OPEN_STATES

    def blocked(self, now=None) -> datetime.timedelta:
        """How long it stood or stands in the way, round the clock."""
        return (self.removed_at or now or timezone.now()) - self.raised_at

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def raise_one(cls, product, *, by, title, text="", at=None, **fields) -> "Roadblock":
        """The clock of the time blocked begins, and the delivery manager hears that somebody has to own it."""
        at = at or timezone.now()
        row = cls.objects.create(product=product, title=title, raised_by=by, raised_at=at, **fields)
        row._note("raised", title, by=by, at=at)
        if manager := product.delivery_manager:
            row._call(manager, "raised", by=by)
        return row

    @transaction.atomic
    def own(self, person, *, by, due=None, at=None) -> None:
        """This person removes it; also taken over from another one."""
        at = at or timezone.now()
        state = self.State.ESCALATED if self.state == self.State.ESCALATED else self.State.OWNED
        move(self, (self.state,) if self.is_open else (), state=state, owner=person, due=due or self.due)
        self._note("owned", person.name, by=by, at=at)
        self._call(person, "owned", by=by)

    @transaction.atomic
    def escalate(self, person, *, by, reason, at=None) -> None:
        """Its owner can't remove it alone: somebody above must, and why."""
        at = at or timezone.now()
        if not reason.strip():
            raise ValidationError({"reason": _now("Say what was tried and what is needed.")})
        if self.owner_id is None:
            raise NotNow(_now("Somebody owns it first."))
        move(self, self.OPEN_STATES, state=self.State.ESCALATED, escalated_to=person, escalated_at=at)
        self._note("escalated", f"{person.name}: {reason}", by=by, at=at)
        self._call(person, "escalated", by=by)

    @transaction.atomic
    def remove(self, *, by, how, at=None) -> None:
        """It stands in nobody's way any more: the clock stops."""
        at = at or timezone.now()
        if not how.strip():
            raise ValidationError({"how": _now("Say how it was removed.")})
        if at < self.raised_at:
            raise ValidationError({"how": _now("It cannot be removed before it was raised.")})
        move(self, self.OPEN_STATES, state=self.State.REMOVED, removed_at=at)
        self._note("removed", how, by=by, at=at)

    def _note(self, kind, text, *, by, at) -> None:
        self.steps.create(product_id=self.product_id, kind=kind, text=text, by=by, at=at)

    def _call(self, person, what, *, by) -> None:
        if person != by:
            key = f"{TELL}:roadblock:{self.pk}:{what}:{self.version}:{person.pk}"
            outbox.enqueue(TELL, key, {"roadblock": self.pk, "what": what, "user": person.pk})


class RoadblockStep(models.Model):
    """What happened to a roadblock, when. Never changed."""

    KINDS = [
        ("raised", _("Raised")), ("owned", _("Owned by")), ("escalated", _("Escalated to")), ("removed", _("Removed")),
    ]  # fmt: skip

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    roadblock = models.ForeignKey(Roadblock, models.CASCADE, related_name="steps")
    kind = models.CharField(_("kind"), max_length=9, choices=KINDS)
    text = models.TextField(_("text"))
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        verbose_name = _("step of a roadblock")
        verbose_name_plural = _("steps of roadblocks")
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.text[:60]}"


def time_blocked(product, start, end) -> datetime.timedelta:
    """Time within start..end in which at least one roadblock stood in the way of the product's team."""
    rows = Roadblock.objects.filter(product=product).touching(start, end)
    return engine.blocked(rows.order_by().values_list("raised_at", "removed_at"), start, end)
