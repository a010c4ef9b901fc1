"""What people keep of the queue: views, and a journal of what they changed in many issues at once."""

from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission
from pmdm.prepared import PreparedRows
from pmdm.ui.addresses import address


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user, product=None):
        """One's own here; on a product also what its team shared, for those who see its inner side."""
        mine = Q(owner=user)
        if product is not None and product.allows(user, Permission.INTERNAL_VIEW):
            mine |= Q(is_shared=True)
        return self.filter(mine, product=product).select_related("owner", "product").order_by("name", "pk")


def views_of(user, product=None) -> list["SavedView"]:
    """The same as ``visible_to``, for every look at a queue."""
    if product is None:
        return _own_over_all(user.pk)
    shared = product.allows(user, Permission.INTERNAL_VIEW)
    return _on_a_product(user.pk, product.pk) if shared else _own_on_a_product(user.pk, product.pk)


class SavedView(models.Model):
    """A queue as somebody likes it: filter, columns, group, sums and sort, under a name and a lasting address."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, null=True, blank=True, related_name="saved_views")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=2000, blank=True)  # as it stands in an address
    is_shared = models.BooleanField(_("shared with the product's team"), default=False)
    is_default = models.BooleanField(_("shown first"), default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "product", "name"], nulls_distinct=False, name="saved_view_name_unique"
            ),
            models.UniqueConstraint(
                fields=["owner", "product"],
                condition=Q(is_default=True),
                nulls_distinct=False,
                name="saved_view_one_default",
            ),
            models.CheckConstraint(
                condition=Q(is_shared=False) | Q(product__isnull=False), name="saved_view_shared_on_a_product"
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("delivery:saved-view", self.pk)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        query = QueryDict(self.query)
        return [(name, value) for name in query for value in query.getlist(name)]

    @property
    def list_url(self) -> str:
        """The queue as this view shows it."""
        place = address("delivery:issue-list", self.product.code) if self.product else address("delivery:queue")
        return f"{place}?{urlencode([*self.parameters, ('view', self.pk)])}"

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def keep(cls, *, by, product, name, parameters, is_shared=False, is_default=False) -> "SavedView":
        """Keep a view; one of the same name of this person is replaced. Sharing needs a product: ValidationError."""
        if is_shared and product is None:
            raise ValidationError({"is_shared": _("A view over several products belongs to no team: keep it private.")})
        if is_default:
            cls.objects.filter(owner=by, product=product, is_default=True).update(is_default=False)
        view, _created = cls.objects.update_or_create(
            owner=by,
            product=product,
            name=name,
            defaults={"query": urlencode(parameters), "is_shared": is_shared, "is_default": is_default},
        )
        return view


class BulkEdit(models.Model):
    """One change of many issues: what was changed from what, so that it can be taken back. Append-only but for that."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    field = models.CharField(max_length=20)
    value = models.CharField(max_length=300, blank=True)  # in words
    # [{"issue": key, "version": the one it made, "before", "after": {column: value}, "was", "now": words}]
    changes = models.JSONField(default=list)
    refused = models.JSONField(default=list)  # [{"issue": key, "why": words}]
    undone_at = models.DateTimeField(null=True, blank=True)
    # Of the undoing: [{"issue": key, "why": words}]
    left = models.JSONField(default=list)
    back_to = models.CharField(max_length=2000, blank=True)  # the queue it was made from

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.field}: {self.value} ({len(self.changes)})"


_kept = SavedView.objects.select_related("owner", "product").order_by("name", "pk")
_own_over_all = PreparedRows(lambda user: _kept.filter(owner=user, product=None))
_own_on_a_product = PreparedRows(lambda user, product: _kept.filter(owner=user, product=product))
_on_a_product = PreparedRows(lambda user, product: _kept.filter(Q(owner=user) | Q(is_shared=True), product=product))
