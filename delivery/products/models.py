"""A delivered product from go-live until it is retired, and who looks after it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from delivery.products.hooks import objections
from pmdm.accounts.access import Subject, SubjectQuerySet
from pmdm.accounts.roles import PRODUCT_PERMISSIONS, PRODUCT_ROLES, ROLE_NAMES, Role
from pmdm.activity.triggers import audited
from pmdm.kpis.triggers import marks_dirty
from pmdm.prepared import PreparedRows
from pmdm.registers.models import CODE, Versioned
from pmdm.ui.addresses import address


class ProductQuerySet(SubjectQuerySet):
    def live(self):
        return self.exclude(stage=Product.Stage.RETIRED)

    def searching(self, words):
        """Every word in the name or the code."""
        found = self
        for word in words:
            found = found.filter(Q(name__icontains=word) | Q(code__icontains=word))
        return found


class Product(Subject, Versioned):
    """What was delivered, from go-live until it is retired."""

    ROLE_PERMISSIONS = PRODUCT_PERMISSIONS
    FILE_URL = "delivery:file"

    class Stage(models.TextChoices):
        EARLY_LIFE = "early_life", _("Early-life support")
        LIVE = "live", _("Live")
        SUNSET = "sunset", _("Sunset")
        RETIRED = "retired", _("Retired")

    # Which stage may follow which; a step back needs a new decision of its own.
    NEXT_STAGES = {
        "early_life": ("live", "sunset", "retired"),
        "live": ("sunset", "retired", "early_life"),
        "sunset": ("retired", "live"),
        "retired": (),
    }

    code = models.CharField(_("code"), max_length=24, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("what it does, for whom"), blank=True)
    clients = models.ManyToManyField("accounts.Organisation", blank=True, related_name="+", verbose_name=_("clients"))
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices, default=Stage.EARLY_LIFE)
    live_on = models.DateField(_("live since"), null=True, blank=True)
    retire_on = models.DateField(_("end of life"), null=True, blank=True)
    # The hours in which service levels count.
    calendar = models.ForeignKey(
        "worktime.Calendar",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("service hours"),
    )
    availability_target = models.DecimalField(
        _("availability target"),
        max_digits=6,
        decimal_places=3,
        default="99.500",
        validators=[MinValueValidator(0.001), MaxValueValidator(100)],
        help_text=_("Percent of all time."),
    )
    # So many days after it was solved an answer of its customer opens an issue again; later it becomes a new one.
    reopen_days = models.PositiveSmallIntegerField(_("days in which an answer reopens an issue"), default=14)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(availability_target__gt=0) & Q(availability_target__lte=100),
                name="product_availability_target_in_percent",
            ),
            models.CheckConstraint(
                condition=Q(retire_on=None) | Q(live_on=None) | Q(retire_on__gte=F("live_on")),
                name="product_retires_after_going_live",
            ),
        ]
        triggers = [*audited("product", "id"), *marks_dirty("product", "id")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("delivery:detail", self.code)

    @property
    def locked_reason(self) -> str:
        """Why the product takes no changes, or ''."""
        return str(_("This product is retired and read-only.")) if self.stage == self.Stage.RETIRED else ""

    # --- Verbs ---

    @classmethod
    @transaction.atomic
    def launch(cls, *, by, delivery_manager=None, clients=(), at=None, reason="", **fields) -> "Product":
        """Start the life of a product: its delivery manager, its first stage and default service levels."""
        from delivery.issues.escalation.models import EscalationStep
        from delivery.issues.models import ServiceLevel

        at = at or timezone.now()
        product = cls.objects.create(created_at=at, **fields)
        product.clients.set(clients)
        product.memberships.create(user=delivery_manager or by, role=Role.DELIVERY_MANAGER, since=at)
        product.stage_changes.create(to_stage=product.stage, reason=reason or _("Launched"), by=by, at=at)
        ServiceLevel.set_defaults(product)
        EscalationStep.set_defaults(product, at=at)
        return product

    @transaction.atomic
    def revise(self, fields: list[str], *, by, version: int, clients=None) -> None:
        """Write what was edited; StaleVersion if somebody saved since. Service hours reckon open clocks anew."""
        from delivery.issues.models import Issue

        self.save_changes(fields, version=version)
        if clients is not None:
            self.clients.set(clients)
        if "calendar" in fields:
            Issue.reckon_open(self)

    @transaction.atomic
    def change_stage(self, to: str, *, by, reason: str, at=None) -> "StageChange":
        """Move to a stage that may follow, with a reason; NotNow if the product is elsewhere by now."""
        at = at or timezone.now()
        if not reason.strip():
            raise ValidationError({"reason": _("Say why the stage changes.")})
        for text in objections(self, to):
            raise NotNow(text)
        came_from = [stage for stage, following in self.NEXT_STAGES.items() if to in following]
        changes = {"stage": to, "version": F("version") + 1}
        if to == self.Stage.RETIRED:
            changes["retire_on"] = timezone.localdate(at)
            if self.live_on and self.live_on > timezone.localdate(at):
                raise ValidationError({"stage": _("It goes live after that day: correct “live since” first.")})
        was = self.stage
        if was not in came_from or not type(self).objects.filter(pk=self.pk, stage=was).update(**changes):
            self.refresh_from_db()
            raise NotNow(
                _("A product that is “%(now)s” cannot become “%(to)s”.")
                % {"now": self.get_stage_display(), "to": self.Stage(to).label}
            )
        self.refresh_from_db()
        if to == self.Stage.RETIRED:
            self.decommissions.filter(state="running").update(state="done", ended_at=at)
        if self.live_on is None and to == self.Stage.LIVE:
            self.live_on = timezone.localdate(at)
            self.save(update_fields=["live_on"])
        return self.stage_changes.create(from_stage=was, to_stage=to, reason=reason, by=by, at=at)

    @transaction.atomic
    def add_member(self, user, role: str, *, by, at=None) -> "Membership":
        """Give a role. A new delivery manager takes over; the old one stays as a member."""
        at = at or timezone.now()
        if role == Role.DELIVERY_MANAGER:
            for old in self.memberships.select_for_update().filter(role=role).exclude(user=user):
                if self.memberships.filter(user=old.user, role=Role.MEMBER).exists():
                    old.delete()
                else:
                    old.role = Role.MEMBER
                    old.save(update_fields=["role"])
        membership, _created = self.memberships.get_or_create(user=user, role=role, defaults={"since": at})
        self.forget_people()
        return membership

    @transaction.atomic
    def remove_member(self, membership: "Membership", *, by) -> None:
        """Take a role away; the last delivery manager cannot go without a successor."""
        if membership.role == Role.DELIVERY_MANAGER:
            raise NotNow(_("A product needs a delivery manager: name the successor, then the role moves."))
        membership.delete()
        self.forget_people()

    def forget_people(self) -> None:
        """Read people and permissions afresh after a change of the team."""
        self.__dict__.pop("key_people", None)
        self.__dict__.pop("_permissions", None)

    def levels(self) -> dict:
        """The service level of each severity."""
        known = "service_levels" in getattr(self, "_prefetched_objects_cache", ())
        levels = self.service_levels.all() if known else _levels_of(self.pk)
        return {level.severity: level for level in levels}

    # --- Words ---

    @property
    def next_stages(self) -> list[tuple[str, str]]:
        """Stages that may follow now, as choices."""
        return [(stage, self.Stage(stage).label) for stage in self.NEXT_STAGES[self.stage]]

    @property
    def age_in_days(self) -> int | None:
        """Days since it went live, or None before."""
        return (timezone.localdate() - self.live_on).days if self.live_on else None

    def person(self, role):
        people = self.__dict__.get("key_people")
        if people is None:
            people = self.key_people = _people_of(self.pk)
            for membership in people:
                membership.product = self
        return next((m.user for m in people if m.role == role), None)

    @property
    def delivery_manager(self):
        return self.person(Role.DELIVERY_MANAGER)


class Membership(models.Model):
    """A role of a person on a product."""

    ROLES = [(role.value, ROLE_NAMES[role]) for role in PRODUCT_ROLES]

    product = models.ForeignKey(Product, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="product_memberships", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=20, choices=ROLES)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "user", "role"], name="product_membership_unique"),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(role=Role.DELIVERY_MANAGER),
                name="product_one_delivery_manager",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return f"{self.user} ({self.get_role_display()})"


class StageChange(models.Model):
    """A move to another stage of life, with the reason that was given."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="stage_changes")
    from_stage = models.CharField(max_length=10, choices=Product.Stage.choices, blank=True)
    to_stage = models.CharField(max_length=10, choices=Product.Stage.choices)
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        triggers = audited("product")

    def __str__(self):
        return f"{self.from_stage} → {self.to_stage}"


_people_of = PreparedRows(lambda product: Membership.objects.filter(product=product).select_related("user"))


def _service_levels(product: int) -> models.QuerySet:
    levels: Any = Product._meta.get_field("service_levels").related_model
    return levels.objects.filter(product=product)


_levels_of = PreparedRows(_service_levels)
