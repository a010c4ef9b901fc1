"""What makes support fast and even: answers kept under a name, and checklists on issues."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.issues.aids import placeholders
from pmdm.activity.triggers import audited
from pmdm.ui import format as fmt


class CannedAnswerQuerySet(models.QuerySet):
    def offered_to(self, user, product):
        """The product's and one's own, by name."""
        return self.filter(Q(product=product) | Q(owner=user)).order_by("name", "pk")


class CannedAnswer(models.Model):
    """A text kept under a name: of a product, for all who work on it, or of a person, on all their products."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, null=True, blank=True, related_name="answers")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="canned_answers"
    )
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("text"))

    objects = CannedAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(product=None, owner__isnull=False) | Q(product__isnull=False, owner=None),
                name="canned_answer_of_a_product_or_a_person",
            ),
            models.UniqueConstraint(
                fields=["product", "owner", "name"], nulls_distinct=False, name="canned_answer_name_unique"
            ),
        ]

    def __str__(self):
        return self.name

    @classmethod
    def keep(cls, *, by, name, text, product=None) -> "CannedAnswer":
        """Keep an answer, of ``product`` or of the person; one of the same name is replaced."""
        cls.check_words(text)
        owner = None if product else by
        answer, _made = cls.objects.update_or_create(product=product, owner=owner, name=name, defaults={"text": text})
        return answer

    @staticmethod
    def check_words(text: str) -> None:
        """ValidationError where a word in braces is none that can be filled."""
        if wrong := placeholders.unknown(text):
            words = {
                "wrong": ", ".join(f"{{{name}}}" for name in wrong),
                "known": ", ".join(f"{{{name}}}" for name in placeholders.NAMES),
            }
            raise ValidationError({"text": _("%(wrong)s cannot be filled in. Known are %(known)s.") % words})

    def filled(self, issue, *, by) -> str:
        """The text for this issue, as ``by`` would send it."""
        reporter, client = issue.reported_by, issue.organisation
        values = {
            "name": reporter.name if reporter else "",
            "client": client.name if client else "",
            "number": issue.ref,
            "title": issue.title,
            "product": issue.product.name,
            "agent": by.name,
            "due": fmt.day(timezone.localdate(issue.resolution_due)) if issue.resolution_due else "",
        }
        return placeholders.fill(self.text, values)


class ChecklistTemplate(models.Model):
    """Steps that issues of one type go through (of any, where none is named)."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="checklist_templates")
    name = models.CharField(_("name"), max_length=80)
    type = models.CharField(_("for issues of type"), max_length=12, blank=True)
    lines = ArrayField(models.CharField(max_length=250), verbose_name=_("steps"))
    is_automatic = models.BooleanField(_("on each new issue of this type"), default=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="checklist_template_name_unique"),
            models.CheckConstraint(condition=Q(lines__len__gt=0), name="checklist_template_has_steps"),
        ]
        triggers = audited("product")

    def __str__(self):
        return self.name

    def get_type_display(self) -> str:
        """The type in words; '' for all."""
        from delivery.issues.models import Issue

        return str(dict(Issue.Type.choices).get(self.type, self.type))

    @classmethod
    def start(cls, issue) -> None:
        """Put the automatic ones of its type on a new issue."""
        found = cls.objects.filter(Q(type=issue.type) | Q(type=""), product=issue.product_id, is_automatic=True)
        CheckLine.objects.bulk_create(
            CheckLine(product_id=issue.product_id, issue=issue, position=position, text=text)
            for position, text in enumerate((text for template in found for text in template.lines), start=1)
        )

    @transaction.atomic
    def put_on(self, issue, *, by) -> int:
        """Add its steps to an issue, below what is there; those that are there already are not repeated."""
        type(issue).objects.select_for_update().get(pk=issue.pk)
        there = issue.check_lines.aggregate(last=Max("position"))["last"] or 0
        known = set(issue.check_lines.values_list("text", flat=True))
        new = [text for text in self.lines if text not in known]
        CheckLine.objects.bulk_create(
            CheckLine(product_id=issue.product_id, issue=issue, position=there + number, text=text)
            for number, text in enumerate(new, start=1)
        )
        return len(new)


class CheckLine(models.Model):
    """One step on an issue: done by whom and when, or open."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    issue = models.ForeignKey("delivery.Issue", models.CASCADE, related_name="check_lines")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("step"), max_length=250)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="check_line_done_by_somebody",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return self.text

    @classmethod
    def add(cls, issue, text: str, *, by) -> "CheckLine":
        """One more step, of this issue alone."""
        if not text.strip():
            raise ValidationError({"text": _("Say what is to be done.")})
        last = issue.check_lines.aggregate(last=Max("position"))["last"] or 0
        return cls.objects.create(product_id=issue.product_id, issue=issue, position=last + 1, text=text.strip())

    def tick(self, *, by, at=None) -> None:
        """It is done. Who was first stays."""
        type(self).objects.filter(pk=self.pk, done_at=None).update(done_at=at or timezone.now(), done_by=by)
        self.refresh_from_db()

    def untick(self, *, by) -> None:
        """It is not done."""
        type(self).objects.filter(pk=self.pk).update(done_at=None, done_by=None)
        self.refresh_from_db()
