"""What customers say: surveys by signed link, one answer per person."""

import datetime
import secrets

import pgtrigger
from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from delivery.satisfaction import tokens
from pmdm.activity.triggers import audited
from pmdm.jobs.outbox import enqueue_many
from pmdm.kpis.triggers import marks_dirty


class Survey(models.Model):
    """A wave of questions: CSAT on 1-5, willingness to recommend on 0-10, and a free word."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="surveys")
    name = models.CharField(_("name"), max_length=200)
    question = models.CharField(
        _("satisfaction question"),
        max_length=300,
        default=_("How satisfied are you with the product overall?"),
    )
    opens_at = models.DateTimeField(_("opens"), default=timezone.now)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-opens_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=models.F("opens_at")),
                name="survey_closes_after_opening",
            )
        ]
        triggers = [*audited("product"), *marks_dirty("product")]

    def __str__(self):
        return self.name

    VALID_FOR = datetime.timedelta(days=30)

    @property
    def is_open(self) -> bool:
        now = timezone.now()
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)

    @classmethod
    def open_wave(cls, product, *, by, name, at=None, **fields) -> "Survey":
        """A new wave; answers are taken until it closes."""
        return cls.objects.create(product=product, name=name, created_by=by, opens_at=at or timezone.now(), **fields)

    def close(self, *, by, at=None) -> None:
        """No more answers. NotNow when it is closed already."""
        at = max(at or timezone.now(), self.opens_at + datetime.timedelta(seconds=1))
        still_open = type(self).objects.filter(Q(closes_at=None) | Q(closes_at__gt=at), pk=self.pk)
        if not still_open.update(closes_at=at):
            raise NotNow(_("This survey is closed already."))
        self.refresh_from_db(fields=["closes_at"])

    @transaction.atomic
    def invite(self, people, *, by, at=None) -> list["Invitation"]:
        """Invite each (e-mail, organisation or None) once; those already invited are left alone.

        One outbox row per invitation sends the mail.
        """
        at = at or timezone.now()
        expires_at = min(filter(None, (at + self.VALID_FOR, self.closes_at)))
        known = set(self.invitations.values_list("email", flat=True))
        wanted = {email.lower(): organisation for email, organisation in people}
        made = []
        for email, organisation in wanted.items():
            if email in known:
                continue
            nonce = secrets.token_hex(16)
            made.append(
                Invitation(
                    product_id=self.product_id,
                    survey=self,
                    email=email,
                    organisation=organisation,
                    nonce=nonce,
                    token_hash=tokens.hash_of(tokens.token_for(nonce)),
                    expires_at=expires_at,
                    created_at=at,
                )
            )
        Invitation.objects.bulk_create(made, batch_size=500)
        enqueue_many("survey.invite", [(f"survey.invite:{row.pk}", {"invitation": row.pk}) for row in made])
        return made


class InvitationQuerySet(models.QuerySet):
    def pending(self):
        """Sent or about to be, still valid, not answered."""
        return self.filter(answer=None, revoked_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A link for one person; of its token only the hash is kept (how: ``tokens``)."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="survey_invitations")
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, blank=True, related_name="+")
    nonce = models.CharField(max_length=32, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["email"]
        constraints = [models.UniqueConstraint(fields=["survey", "email"], name="invitation_once_per_survey")]
        triggers = marks_dirty("product")

    def __str__(self):
        return self.email

    @property
    def state(self) -> str:
        """Where it stands now."""
        return self.state_at(timezone.now())

    def state_at(self, now: datetime.datetime) -> str:
        """Where it stands at a moment; answered wins over everything."""
        if hasattr(self, "answer"):
            return self.State.ANSWERED
        if self.revoked_at:
            return self.State.REVOKED
        if now >= self.expires_at or (self.survey.closes_at and now >= self.survey.closes_at):
            return self.State.EXPIRED
        return self.State.OPEN

    def revoke(self, *, by, at=None) -> None:
        """The link stops working. Revoking twice changes nothing."""
        type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=at or timezone.now())
        self.refresh_from_db(fields=["revoked_at"])

    @transaction.atomic
    def take_answer(self, *, satisfaction=None, recommendation=None, comment="", at=None) -> "Answer":
        """The one answer of this person; NotNow when it was given, revoked or has expired."""
        # The lock makes a second sending of the same form wait and then find the first answer.
        locked = type(self).objects.select_for_update(of=("self",)).select_related("survey").get(pk=self.pk)
        at = at or timezone.now()
        if (state := locked.state_at(at)) != self.State.OPEN:
            raise NotNow(locked.State(state).label)
        return Answer.objects.create(
            product_id=self.product_id,
            survey_id=self.survey_id,
            invitation=self,
            satisfaction=satisfaction,
            recommendation=recommendation,
            comment=comment,
            answered_at=at,
        )


class Answer(models.Model):
    """One person's answer. Blank: not answered, which is no answer, never a zero. Append-only."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="survey_answers")
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="answers")
    invitation = models.OneToOneField(Invitation, models.PROTECT, null=True, blank=True, related_name="answer")
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction"), null=True, blank=True)  # 1-5
    recommendation = models.PositiveSmallIntegerField(_("recommendation"), null=True, blank=True)  # 0-10
    comment = models.TextField(_("comment"), blank=True)
    answered_at = models.DateTimeField(default=timezone.now)
    external_ref = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["-answered_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(satisfaction__range=(1, 5)), name="answer_satisfaction_1_5"
            ),
            models.CheckConstraint(
                condition=Q(recommendation=None) | Q(recommendation__range=(0, 10)),
                name="answer_recommendation_0_10",
            ),
            models.UniqueConstraint(
                fields=["survey", "external_ref"], condition=~Q(external_ref=""), name="answer_imported_once"
            ),
        ]
        indexes = [models.Index(fields=["product", "-answered_at"], name="answer_latest")]
        triggers = [
            *marks_dirty("product"),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update),
        ]

    def __str__(self):
        return f"{self.satisfaction} / {self.recommendation}"
