"""The knowledge base of a product: drafts, what our own people read, and what its clients read too."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from pmdm.accounts.models import Organisation
from pmdm.accounts.roles import Permission
from pmdm.activity.triggers import audited
from pmdm.registers.models import Numbered, Versioned
from pmdm.ui.addresses import address

USER = settings.AUTH_USER_MODEL
# So many who say that it did not help, and more than those whom it helped: somebody looks at it again.
POOR = 3


class ArticleQuerySet(models.QuerySet):
    def visible_to(self, user, product):
        """Our own people read all of a product's; clients the public ones."""
        return self if product.allows(user, Permission.INTERNAL_VIEW) else self.filter(state=Article.State.PUBLIC)

    def readable_by(self, user):
        """The same over all products."""
        from delivery.products.models import Product

        inside = Product.objects.allowing(user, Permission.INTERNAL_VIEW)
        readable = Product.objects.allowing(user, Permission.PRODUCT_VIEW)
        return self.filter(Q(product__in=inside) | Q(product__in=readable, state=Article.State.PUBLIC))

    def searching(self, words):
        """Every word in the title or the text."""
        found = self
        for word in words:
            found = found.filter(Q(title__icontains=word) | Q(text__icontains=word))
        return found

    def with_votes(self):
        """Each with ``helped`` and ``failed``, votes since it was last changed or looked at, and ``helpfulness``.

        The share of those it helped, as it is expected of the next reader: (helped + 1) / (votes + 2), Laplace's rule
        of succession, so that one vote does not outrun ten.
        """
        since = Greatest(Coalesce("reviewed_at", "created_at"), Coalesce("revised_at", "created_at"))
        counted = Q(votes__at__gte=since)
        return self.annotate(
            helped=Count("votes", filter=counted & Q(votes__helpful=True)),
            failed=Count("votes", filter=counted & Q(votes__helpful=False)),
        ).annotate(helpfulness=(F("helped") + Value(1.0)) / (F("helped") + F("failed") + Value(2.0)))

    def poor(self):
        """Published ones that did not help those who read them: to be looked at again. Needs ``with_votes``."""
        return self.exclude(state=Article.State.DRAFT).filter(failed__gte=POOR, failed__gt=F("helped"))

    def overdue(self, day=None):
        return self.exclude(state=Article.State.DRAFT).filter(review_by__lt=day or timezone.localdate())


class Article(Numbered, Versioned):
    """What somebody found out once and others need again."""

    PREFIX, SUBJECT = "KB", "product"

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        INTERNAL = "internal", _("Internal")
        PUBLIC = "public", _("Public")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="articles")
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), help_text=_("Markdown."))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.DRAFT)
    review_by = models.DateField(_("review by"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    # When title or text were last changed: votes from before were about another text.
    revised_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name=_("who keeps it right"))
    issue = models.ForeignKey(
        "delivery.Issue", models.SET_NULL, null=True, blank=True, related_name="articles", verbose_name=_("from issue")
    )
    created_at = models.DateTimeField(default=timezone.now)
    # What ``with_votes`` counts.
    helped: int
    failed: int

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="article_number_unique"),
            # What others rely on is looked at again some day.
            models.CheckConstraint(
                condition=Q(state="draft") | Q(review_by__isnull=False), name="article_published_has_review_day"
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return f"{self.ref} {self.title}"

    def get_absolute_url(self):
        return address("delivery:article-detail", self.product.code, self.number)

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def write(cls, product, *, by, title, text, at=None, **fields) -> "Article":
        """A draft, kept right by who wrote it unless somebody else is named."""
        fields["owner"] = fields.get("owner") or by
        return cls.objects.create(product=product, title=title, text=text, created_at=at or timezone.now(), **fields)

    @staticmethod
    def from_issue(issue) -> dict:
        """What a draft says that is written from an issue: what happened, what helped, and why, without names."""
        parts = [
            (_("What happens"), issue.description),
            (_("What helps"), issue.resolution),
            (_("Why"), issue.root_cause),
        ]
        text = "\n\n".join(f"## {head}\n\n{body.strip()}" for head, body in parts if body.strip())
        return {"title": issue.title[:200], "text": text}

    def revise(self, fields: list[str], *, version: int, at=None) -> None:
        """Write what was edited; a public text still names no client. Votes on another text count no more."""
        if self.state == self.State.PUBLIC:
            self._refuse_names()
        was = type(self).objects.filter(pk=self.pk).values_list("title", "text").first()
        if was != (self.title, self.text):
            self.revised_at = at or timezone.now()
            fields = [*fields, "revised_at"]
        self.save_changes(fields, version=version)

    def vote(self, *, by, helpful: bool | None, at=None) -> None:
        """Whether it helped this person; a later word takes the place of an earlier one, None takes it back."""
        if self.state == self.State.DRAFT:
            raise NotNow(_("A draft helps nobody yet."))
        if helpful is None:
            self.votes.filter(user=by).delete()
            return
        said = {"helpful": helpful, "at": at or timezone.now()}
        ArticleVote.objects.update_or_create(article=self, user=by, defaults={**said, "product_id": self.product_id})

    @transaction.atomic
    def publish(self, state: str, *, by, at=None) -> None:
        """Draft, internal or public. Refused while it lacks a review day or names a client; NotNow if it is that."""
        self.refresh_from_db()
        if state != self.State.DRAFT and self.review_by is None:
            raise ValidationError(_("Say first by when it is looked at again."))
        if state == self.State.PUBLIC:
            self._refuse_names()
        moved = type(self).objects.filter(pk=self.pk, version=self.version).exclude(state=state)
        if not moved.update(state=state, version=F("version") + 1):
            self.refresh_from_db()
            raise NotNow(_("This cannot be done now: it is “%s”.") % self.get_state_display())
        self.refresh_from_db()

    def review(self, *, by, until, at=None) -> None:
        """Looked at and still right; the next look is due on another day."""
        at = at or timezone.now()
        if until <= timezone.localdate(at):
            raise ValidationError({"until": _("The next look comes after today.")})
        type(self).objects.filter(pk=self.pk).update(review_by=until, reviewed_at=at, version=F("version") + 1)
        self.refresh_from_db()

    def _refuse_names(self) -> None:
        """What all clients of a product read must not say who else is one."""
        if name := Organisation.objects.named_in(f"{self.title}\n{self.text}"):
            raise ValidationError(_("It names a client: “%s”. Public articles name none.") % name)

    @property
    def is_overdue(self) -> bool:
        return self.state != self.State.DRAFT and self.review_by is not None and self.review_by < timezone.localdate()

    @property
    def is_poor(self) -> bool:
        """As ``poor`` finds it; needs ``with_votes``."""
        return self.state != self.State.DRAFT and self.failed >= POOR and self.failed > self.helped


class ArticleVote(models.Model):
    """Whether an article helped somebody: one word of each person, which they may change."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, models.CASCADE, related_name="votes")
    user = models.ForeignKey(USER, models.CASCADE, related_name="+")
    helpful = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["article", "user"], name="article_vote_once")]
        triggers = audited("product")

    def __str__(self):
        return f"{self.article_id}: {'+' if self.helpful else '-'}"
