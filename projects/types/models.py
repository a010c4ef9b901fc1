"""Project types, and the versions of their templates. A published version never changes; a project keeps its own."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from pmdm.activity.triggers import audited
from pmdm.registers.models import Versioned
from projects.types import engine
from projects.types.editing import Editable

USER = settings.AUTH_USER_MODEL


class ProjectTypeQuerySet(models.QuerySet):
    def offered(self):
        """Those that a new project can be made from."""
        published = TypeVersion.objects.filter(type=models.OuterRef("pk"), state="published")
        return self.filter(is_offered=True).filter(models.Exists(published))


class ProjectType(Editable, Versioned):
    slug = models.SlugField(_("short name"), max_length=40, unique=True, help_text=_("Stands in addresses; final."))
    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.TextField(_("for which projects"), blank=True, max_length=2000)
    is_offered = models.BooleanField(_("offered to new projects"), default=True)
    created_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ProjectTypeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = audited("")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("projects:type", args=[self.slug])


class TypeVersion(Versioned):
    """One state of a template, as plain values (see ``engine``): a draft, or published for good."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    type = models.ForeignKey(ProjectType, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.DRAFT)
    content = models.JSONField()
    note = models.CharField(_("what changed"), max_length=500, blank=True)
    author = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["type", "number"], name="type_version_number_unique"),
            models.UniqueConstraint(fields=["type"], condition=Q(state="draft"), name="type_version_one_draft"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None)
                | (Q(state="published", published_at__isnull=False) & (Q(number=1) | ~Q(note=""))),
                name="type_version_published_says_what_changed",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_version_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="published"),
            ),
            *audited(""),
        ]

    def __str__(self):
        return f"{self.type} {self.number}"

    @cached_property
    def template(self) -> engine.Template:
        return engine.read(self.content)
