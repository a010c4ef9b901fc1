"""Lessons learned: what happened, why, what it did and what to do the next time; and how later projects took them."""

import re

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import Lexeme, SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import audited
from pmdm.registers.models import Numbered, Versioned
from pmdm.ui.addresses import address
from projects.lessons.moves import LessonMoves
from projects.lifecycle.models import Phase, Project

USER = settings.AUTH_USER_MODEL
# One language for all texts: it decides which forms of a word are the same word, not which texts are found.
LANGUAGE = "english"
_PARTS = re.compile(r"\w+")


def is_staff(user) -> bool:
    """Whether somebody belongs to the company itself: a client's people read no lessons."""
    return bool(user.is_authenticated and user.is_active and not user.organisation_id)


class StoredColumn(models.GeneratedField):
    """A generated column, asked of no server whether it knows such: PostgreSQL does, and nothing else is served.

    Django's own check connects to find out, so that `manage.py check` would need a database.
    """

    def _check_supported(self, databases):
        return []

    def _check_persistence(self, databases):
        return []

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs


class LessonQuerySet(models.QuerySet):
    def readable_by(self, user):
        """All of the projects one reads the lessons of, and what other projects published; nothing for clients."""
        if not is_staff(user):
            return self.none()
        own = Project.objects.allowing(user, Permission.LESSON_VIEW).values("pk")
        return self.filter(Q(project__in=own) | Q(state=Lesson.State.PUBLISHED))

    def with_inside(self, user):
        """Annotate ``inside``: whether the reader may see the project it comes from, and so its name and client."""
        if Permission.LESSON_VIEW in user.site_permissions:
            return self.annotate(inside=models.Value(True))
        own = Project.objects.allowing(user, Permission.LESSON_VIEW).filter(pk=OuterRef("project"))
        return self.annotate(inside=Exists(own))

    def with_uses(self):
        """Annotate ``helped``: how many later projects found it useful, or made a risk or task of it."""
        helped = (
            LessonUse.objects.filter(lesson=OuterRef("pk"), verdict__in=LessonUse.HELPED)
            .order_by()
            .values("lesson")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return self.annotate(helped=Coalesce(models.Subquery(helped), 0))

    def about(self, words):
        """Those that hold each of the words, in any form, or the beginning of one, in their text or tags."""
        rows = self
        for word in words:
            held = Q()
            for part in _PARTS.findall(word):
                # Words such as "the" are in no index and narrow nothing.
                query = SearchQuery(Lexeme(part, prefix=True), config=LANGUAGE)
                nodes = models.Func(query, function="numnode", output_field=models.IntegerField())
                held &= Q(search=query) | Q(Exact(nodes, 0))
            if held:
                rows = rows.filter(held | Q(tags__contains=[word.casefold()]))
        return rows


class Lesson(LessonMoves, Numbered, Versioned):
    """One thing worth knowing the next time. A draft is the project's own; published, it is every colleague's."""

    PREFIX, SUBJECT = "LL", "project"

    class Kind(models.TextChoices):
        KEEP = "keep", _("Keep")
        AVOID = "avoid", _("Avoid")
        TRY = "try", _("Try")

    class Impact(models.IntegerChoices):
        HIGH = 1, _("High")
        MEDIUM = 2, _("Medium")
        LOW = 3, _("Low")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="lessons")
    title = models.CharField(
        _("lesson"), max_length=200, help_text=_("In one sentence, as you would tell a colleague.")
    )
    happened = models.TextField(_("what happened"), max_length=4000)
    cause = models.TextField(_("cause"), max_length=4000, blank=True, help_text=_("Why did it happen?"))
    effect = models.TextField(_("effect"), max_length=4000, blank=True, help_text=_("What did it do to the project?"))
    recommendation = models.TextField(
        _("recommendation"), max_length=4000, help_text=_("What should the next project do?")
    )
    kind = models.CharField(_("type"), max_length=5, choices=Kind.choices, default=Kind.AVOID)
    phase = models.CharField(_("phase"), max_length=12, choices=Phase.Kind.choices, default=Phase.Kind.EXECUTION)
    impact = models.PositiveSmallIntegerField(_("impact"), choices=Impact.choices, default=Impact.MEDIUM)
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), default=list, blank=True, size=12)
    author = models.ForeignKey(USER, models.PROTECT, related_name="+")
    written_on = models.DateField(_("date"), default=timezone.localdate)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    search = StoredColumn(
        expression=SearchVector("title", config=LANGUAGE, weight="A")
        + SearchVector("recommendation", config=LANGUAGE, weight="B")
        + SearchVector("happened", "cause", "effect", config=LANGUAGE, weight="C"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = LessonQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="lesson_number_unique"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None, published_by=None)
                | Q(state="published", published_at__isnull=False, published_by__isnull=False),
                name="lesson_published_by_and_at_with_state",
            ),
        ]
        indexes = [GinIndex(fields=["search"], name="lesson_search"), GinIndex(fields=["tags"], name="lesson_tags")]
        triggers = audited("project", without=("search",))

    def __str__(self):
        return f"{self.ref} {self.title}"

    def get_absolute_url(self):
        return address("projects:lesson", self.pk)

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED


class LessonUse(models.Model):
    """What a later project made of a lesson that was offered to it; a later word on it replaces an earlier one."""

    class Verdict(models.TextChoices):
        USEFUL = "useful", _("Useful")
        NOT_APPLICABLE = "no", _("Not applicable")
        RISK = "risk", _("Made a risk")
        TASK = "task", _("Made a task")

    HELPED = ("useful", "risk", "task")

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="lesson_uses")
    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="uses", verbose_name=_("lesson"))
    verdict = models.CharField(_("verdict"), max_length=6, choices=Verdict.choices)
    risk = models.ForeignKey("projects.Risk", models.SET_NULL, null=True, blank=True, related_name="from_lessons")
    task = models.ForeignKey("projects.Task", models.SET_NULL, null=True, blank=True, related_name="from_lessons")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("word on a lesson")
        verbose_name_plural = _("words on lessons")
        constraints = [
            models.UniqueConstraint(fields=["project", "lesson"], name="lesson_use_once"),
            models.CheckConstraint(condition=Q(risk=None) | Q(verdict="risk"), name="lesson_use_risk_with_verdict"),
            models.CheckConstraint(condition=Q(task=None) | Q(verdict="task"), name="lesson_use_task_with_verdict"),
        ]
        triggers = audited("project")

    def __str__(self):
        return f"{self.lesson}: {self.get_verdict_display()}"
