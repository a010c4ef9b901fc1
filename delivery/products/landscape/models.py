"""Where a product runs, which version is there, and of what it is made."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.products.landscape import engine
from pmdm.activity.triggers import append_only, audited
from pmdm.registers.models import Versioned, Worded

USER = settings.AUTH_USER_MODEL
# One change of the dependencies at a time, over all products: two links that are fine alone may close a circle.
LOCK = 6_120_001


class EnvironmentQuerySet(models.QuerySet):
    def running(self):
        return self.filter(ended_on=None)

    def with_version(self, at=None):
        """With ``version_id`` and ``version_since``: the last deployment up to now, or up to a moment."""
        last = Deployment.objects.filter(environment=OuterRef("pk")).order_by("-at", "-pk")
        if at is not None:
            last = last.filter(at__lte=at)
        return self.annotate(
            version_id=Subquery(last.values("release")[:1]),
            version_name=Subquery(last.values("release__name")[:1]),
            version_since=Subquery(last.values("at")[:1]),
        )


class Environment(Versioned):
    """A place where a version of the product runs: production of one client, a test system."""

    class Kind(models.TextChoices):
        PRODUCTION = "production", _("Production")
        ACCEPTANCE = "acceptance", _("Acceptance")
        TEST = "test", _("Test")
        DEVELOPMENT = "development", _("Development")
        TRAINING = "training", _("Training")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="environments")
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PRODUCTION)
    address = models.CharField(_("address"), max_length=300, blank=True)
    organisation = models.ForeignKey(
        "accounts.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("whose people work on it"),
    )
    note = models.TextField(_("note"), blank=True)
    ended_on = models.DateField(_("switched off on"), null=True, blank=True)

    objects = EnvironmentQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("environment")
        verbose_name_plural = _("environments")
        constraints = [models.UniqueConstraint(fields=["product", "name"], name="environment_name_unique")]
        triggers = audited("product")

    def __str__(self):
        return self.name

    @property
    def is_link(self) -> bool:
        return self.address.startswith(("https://", "http://"))

    @transaction.atomic
    def deploy(self, release, *, by, at=None, note="", is_rollback=False) -> "Deployment":
        """A version is on it from this moment on; what ran before stays in its history.

        ValidationError: not yet, another product's release, or an environment that is switched off.
        """
        at = at or timezone.now()
        if at > timezone.now():
            raise ValidationError({"at": _("A deployment is recorded once it is done: not in the future.")})
        if release.product_id != self.product_id:
            raise ValidationError({"release": _("%s is a release of another product.") % release})
        if self.ended_on is not None:
            raise ValidationError(_("%s is switched off.") % self)
        if self.kind == self.Kind.PRODUCTION and release.state not in release.LAUNCHABLE:
            raise ValidationError(
                {"release": _("%s is not approved: production takes approved releases only.") % release}
            )
        if is_rollback and not note.strip():
            raise ValidationError({"note": _("Say why it was rolled back.")})
        return Deployment.objects.create(
            product_id=self.product_id,
            environment=self,
            release=release,
            at=at,
            by=by,
            note=note,
            is_rollback=is_rollback,
        )


class Deployment(models.Model):
    """A version came onto an environment. Written once; the last one is the version on it now."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="deployments")
    environment = models.ForeignKey(
        Environment, models.CASCADE, related_name="deployments", verbose_name=_("environment")
    )
    release = models.ForeignKey(
        "delivery.Release", models.PROTECT, related_name="deployments", verbose_name=_("version")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    is_rollback = models.BooleanField(_("rolled back to it"), default=False)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        indexes = [models.Index(fields=["environment", "-at"], name="deployment_latest")]
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.release} → {self.environment}"


class Component(Versioned):
    """A part that the product is made of, or something from outside that it can't do without."""

    class Kind(models.TextChoices):
        APPLICATION = "application", _("Application")
        SERVICE = "service", _("Service")
        DATABASE = "database", _("Database")
        JOB = "job", _("Job")
        HOST = "host", _("Host")
        NETWORK = "network", _("Network")
        EXTERNAL = "external", _("Service of others")

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="components")
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.SERVICE)
    description = models.TextField(_("what it does"), blank=True)
    owner = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who knows it")
    )

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("component")
        verbose_name_plural = _("components")
        constraints = [models.UniqueConstraint(fields=["product", "name"], name="component_name_unique")]
        triggers = audited("product")

    def __str__(self):
        return self.name

    @transaction.atomic
    def depend_on(self, needs: "Component", *, by, is_hard=True) -> "Dependency":
        """It needs another component, of this product or another. A circle is refused with the names on it."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        links = list(links_of_all())
        if any((who, needed) == (self.pk, needs.pk) for who, needed, _hard in links):
            raise ValidationError({"needs": _("%(who)s needs %(what)s already.") % {"who": self, "what": needs}})
        if found := engine.circle(links, self.pk, needs.pk):
            names = dict(Component.objects.filter(pk__in=found).values_list("pk", "name"))
            raise ValidationError(
                {
                    "needs": _("That would be a circle: %(path)s. Nothing can be needed by what it needs itself.")
                    % {"path": " → ".join(names[key] for key in found)}
                }
            )
        return Dependency.objects.create(product_id=self.product_id, who=self, needs=needs, is_hard=is_hard)

    @transaction.atomic
    def remove(self, *, by) -> None:
        """Take it out; refused with their names while others need it."""
        needed_by = list(self.needed_by.select_related("who__product"))
        if needed_by:
            names = ", ".join(str(link.who) for link in needed_by if link.who.product_id == self.product_id)
            raise ValidationError(
                _("It is still needed by %(names)s.") % {"names": names}
                if names
                else _("It is still needed by a component of another product.")
            )
        self.delete()


class Dependency(Worded):
    """One component needs another: without it it stands still (hard), or works with less."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    who = models.ForeignKey(Component, models.CASCADE, related_name="dependencies", verbose_name=_("component"))
    needs = models.ForeignKey(Component, models.PROTECT, related_name="needed_by", verbose_name=_("needs"))
    is_hard = models.BooleanField(_("stands still without it"), default=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        constraints = [
            models.UniqueConstraint(fields=["who", "needs"], name="dependency_once"),
            models.CheckConstraint(condition=~Q(who=F("needs")), name="dependency_not_on_itself"),
        ]
        triggers = audited("product")

    def __str__(self):
        return f"{self.who} → {self.needs}"


def links_of_all() -> list[engine.Link]:
    """All dependencies as the engine takes them: one query."""
    return list(Dependency.objects.order_by("pk").values_list("who", "needs", "is_hard"))
