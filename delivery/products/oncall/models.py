"""Who is on call for a product: turns that cannot overlap on one line, and what became of them."""

import datetime
from collections.abc import Sequence
from itertools import pairwise

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from pmdm.activity.triggers import append_only, audited
from pmdm.registers.models import Worded
from pmdm.ui import format as fmt

USER = settings.AUTH_USER_MODEL
MOST_TURNS = 200


class OnCallTurnQuerySet(models.QuerySet):
    def at(self, moment=None):
        """Those whose turn it is at a moment, by line."""
        moment = moment or timezone.now()
        return self.filter(starts_at__lte=moment, ends_at__gt=moment).order_by("line", "pk")

    def overlapping(self, start, end):
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class OnCallTurn(Worded):
    """From start to end this person is called first, or second when the first does not answer."""

    class Line(models.IntegerChoices):
        FIRST = 1, _("First line")
        SECOND = 2, _("Second line")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="on_call_turns")
    line = models.PositiveSmallIntegerField(_("line"), choices=Line.choices, default=Line.FIRST)
    person = models.ForeignKey(USER, models.PROTECT, related_name="on_call_turns", verbose_name=_("person"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))

    objects = OnCallTurnQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "line", "pk"]
        verbose_name = _("on-call turn")
        verbose_name_plural = _("on-call turns")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="on_call_ends_after_start"),
            ExclusionConstraint(
                name="on_call_no_overlap",
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    ("line", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts_at",
                            "ends_at",
                            RangeBoundary(),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["product", "ends_at"], name="on_call_of_product")]
        triggers = audited("product")

    def __str__(self):
        return f"{self.person}, {fmt.when(self.starts_at)}"

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def plan(cls, product, turns: Sequence[tuple], *, by, line: int = 1) -> Sequence["OnCallTurn"]:
        """Add turns, (person, start, end) each; all or none. ValidationError names the turn that one overlaps."""
        wanted = sorted(turns, key=lambda turn: turn[1])
        for _who, start, end in wanted:
            if end <= start:
                raise ValidationError(_("A turn ends after it begins."))
        if any(before[2] > after[1] for before, after in pairwise(wanted)):
            raise ValidationError(_("Two of these turns overlap."))
        if not wanted:
            return []
        taken = cls.objects.filter(product=product, line=line).overlapping(wanted[0][1], wanted[-1][2])
        for other in taken.select_related("person"):
            if any(start < other.ends_at and other.starts_at < end for _who, start, end in wanted):
                raise ValidationError(other.taken_words())
        try:
            with transaction.atomic():
                return cls.objects.bulk_create(
                    cls(product=product, line=line, person=person, starts_at=start, ends_at=end)
                    for person, start, end in wanted
                )
        except IntegrityError as error:  # Somebody planned the same hours in this very moment.
            raise NotNow(_("These hours were taken by somebody else just now: look again.")) from error

    @classmethod
    def rotate(cls, product, people: Sequence, *, by, start, days: int, count: int, line: int = 1):
        """``count`` turns of ``days`` days one after another, people in their order again and again.

        Turns change at the same hour of the clock, also over a change to summer time.
        """
        if not people or days < 1 or not 1 <= count <= MOST_TURNS:
            raise ValidationError(_("Name at least one person, one day and one turn (at most %s).") % MOST_TURNS)
        local = timezone.localtime(start)

        def moment(number: int) -> datetime.datetime:
            wall = local.replace(tzinfo=None) + datetime.timedelta(days=days * number)
            return timezone.make_aware(wall)

        turns = [(people[n % len(people)], moment(n), moment(n + 1)) for n in range(count)]
        return cls.plan(product, turns, by=by, line=line)

    @transaction.atomic
    def hand_to(self, person, *, by, reason: str, at=None) -> None:
        """Somebody else takes it. NotNow if it was handed on since it was read, or is over."""
        at = at or timezone.now()
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it changes.")})
        if person.pk == self.person_id:
            raise ValidationError({"person": _("%s has this turn already.") % person})
        self._give(person, by=by, reason=reason, at=at)

    @transaction.atomic
    def swap_with(self, other: "OnCallTurn", *, by, reason: str, at=None) -> None:
        """Two turns change hands. NotNow if one of them changed hands or ended meanwhile: then neither does."""
        at = at or timezone.now()
        if not reason.strip():
            raise ValidationError({"reason": _("Say why it changes.")})
        if self.product_id != other.product_id or self.pk == other.pk:
            raise ValidationError({"other": _("Choose another turn of this product.")})
        if self.person_id == other.person_id:
            raise ValidationError({"other": _("Both turns are of %s.") % self.person})
        mine, theirs = self.person, other.person
        # In one order, so that two swaps of the same pair wait for each other.
        for turn, person in sorted(((self, theirs), (other, mine)), key=lambda pair: pair[0].pk):
            turn._give(person, by=by, reason=reason, at=at)

    def _give(self, person, *, by, reason, at) -> None:
        was = self.person
        changed = OnCallTurn.objects.filter(pk=self.pk, person=was, ends_at__gt=at).update(person=person)
        if not changed:
            self.refresh_from_db()
            raise NotNow(_("It is no longer %(was)s's turn: it is over, or changed hands.") % {"was": was})
        self.person = person
        OnCallChange.objects.create(
            product_id=self.product_id, turn=self, was=was, now=person, reason=reason, by=by, at=at
        )

    @transaction.atomic
    def cancel(self, *, by, at=None) -> None:
        """Take out a turn that has not begun."""
        at = at or timezone.now()
        if not type(self).objects.filter(pk=self.pk, starts_at__gt=at).delete()[0]:
            raise NotNow(_("It has begun: hand it to somebody else instead."))

    def taken_words(self) -> str:
        return _("%(person)s is on call from %(start)s to %(end)s: choose hours outside, or another line.") % {
            "person": self.person.name,
            "start": fmt.when(self.starts_at),
            "end": fmt.when(self.ends_at),
        }


class OnCallChange(models.Model):
    """A turn changed hands: from whom to whom, why. Written once."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="on_call_changes")
    turn = models.ForeignKey(OnCallTurn, models.CASCADE, related_name="changes", verbose_name=_("turn"))
    was = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("was"))
    now = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("is now"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("change of an on-call turn")
        verbose_name_plural = _("changes of on-call turns")
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.was} → {self.now}"
