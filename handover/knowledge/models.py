"""Knowledge on its way from the project's people to those who will run the product, with proof that it arrived."""

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.frozen import before_acceptance, frozen_once_submitted
from handover.transfer.models import Handover
from pmdm.activity.triggers import append_only, audited
from pmdm.registers.models import Versioned


class Topic(Versioned):
    """Something that somebody on the receiving side must know or be able to do."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="topics")
    title = models.CharField(_("topic"), max_length=200)
    description = models.TextField(_("what one has to know or be able to do"), blank=True)
    is_critical = models.BooleanField(
        _("critical"),
        default=False,
        help_text=_("The service can't be run without it: uncovered, it blocks acceptance."),
    )
    needed = models.PositiveSmallIntegerField(
        _("people who must know it"), default=1, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )

    class Meta:
        ordering = ["-is_critical", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "title"], name="topic_once_per_handover"),
            models.CheckConstraint(condition=Q(needed__gte=1), name="topic_needs_somebody"),
        ]
        triggers = [*audited("project"), *frozen_once_submitted()]

    def __str__(self):
        return self.title


class Learner(models.Model):
    """A person of the receiving team."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="learners")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))

    class Meta:
        ordering = ["user__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["handover", "user"], name="learner_once_per_handover")]
        triggers = [*audited("project"), *frozen_once_submitted()]

    def __str__(self):
        return str(self.user)


class Material(models.Model):
    """A document that operations will need, as a file, a link or a note. The pack of the handover carries it."""

    class Kind(models.TextChoices):
        RUNBOOK = "runbook", _("Runbook")
        MANUAL = "manual", _("Manual")
        CONFIGURATION = "configuration", _("Configuration")
        LICENCE = "licence", _("Licence")
        CONTACT = "contact", _("Contact")
        RECORDING = "recording", _("Slides or recording")
        OTHER = "other", _("Other")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="materials")
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, related_name="materials", verbose_name=_("topic")
    )
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices, default=Kind.RUNBOOK)
    title = models.CharField(_("title"), max_length=200)
    link = models.URLField(_("link"), max_length=500, blank=True)
    note = models.TextField(_("note"), blank=True)
    file = models.ForeignKey("files.File", models.PROTECT, null=True, blank=True, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(link="") | ~Q(note="") | Q(file__isnull=False), name="material_holds_something"
            )
        ]
        triggers = [*audited("project"), *frozen_once_submitted()]

    def __str__(self):
        return self.title


class TrainingSession(models.Model):
    """People met to pass knowledge on: the giver shows, the receiver watches, or the receiver does and is watched."""

    class Kind(models.TextChoices):
        SESSION = "session", _("Session")
        SHADOW = "shadow", _("Shadowing")
        REVERSE = "reverse", _("Reverse shadowing")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="training_sessions")
    kind = models.CharField(
        _("kind"),
        max_length=8,
        choices=Kind.choices,
        default=Kind.SESSION,
        help_text=_("Shadowing: they watch the work. Reverse shadowing: they do the work and are watched."),
    )
    held_on = models.DateField(_("date"))
    leader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("led by"))
    topics = models.ManyToManyField(Topic, related_name="sessions", verbose_name=_("topics"))
    attendees = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("who was there"))
    materials = models.ManyToManyField(Material, blank=True, related_name="sessions", verbose_name=_("materials"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["-held_on", "-pk"]
        triggers = audited("project")

    def __str__(self):
        return f"{self.get_kind_display()} {self.held_on}"


class Proof(models.Model):
    """A person showed that they know a topic, or did not, and who judged it. Written once; the last one counts."""

    class Kind(models.TextChoices):
        TEACH_BACK = "teach_back", _("Teach-back")
        QUIZ = "quiz", _("Quiz")
        REVERSE = "reverse", _("Reverse shadowing")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.CASCADE, related_name="proofs")
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="proofs")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("person"))
    kind = models.CharField(_("how"), max_length=10, choices=Kind.choices, default=Kind.TEACH_BACK)
    passed = models.BooleanField(_("passed"))
    score = models.PositiveSmallIntegerField(
        _("score"), null=True, blank=True, validators=[MaxValueValidator(100)], help_text=_("Percent, of a quiz.")
    )
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("judged by")
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField(_("what was shown"), blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(person=F("judged_by")) & ~Q(person=F("recorded_by")), name="proof_is_judged_by_another"
            ),
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=100), name="proof_score_in_percent"),
        ]
        triggers = [*audited("project"), *append_only()]

    def __str__(self):
        return f"{self.person}: {self.topic}"


# Keep in sync with coverage.py: the last proof of each person of the receiving team counts.
_UNCOVERED = """EXISTS (
    SELECT 1 FROM handover_topic t WHERE t.handover_id = NEW.id AND t.is_critical AND t.needed > (
        SELECT count(*) FROM (
            SELECT DISTINCT ON (p.person_id) p.passed FROM handover_proof p
            JOIN handover_learner l ON l.user_id = p.person_id AND l.handover_id = NEW.id
            WHERE p.topic_id = t.id ORDER BY p.person_id, p.at DESC, p.id DESC
        ) latest WHERE latest.passed))"""
pgtrigger.register(
    before_acceptance("topics_covered", missing=_UNCOVERED, message="A critical topic is not covered by proof.")
)(Handover)
