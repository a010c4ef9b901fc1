"""Tests of controls, and the incidents in which a risk showed itself."""

import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from delivery.moves import NotNow
from delivery.risks.models import Risk
from pmdm.activity.triggers import append_only, audited


class ControlTest(models.Model):
    """Somebody tried whether the control of a risk works. Never changed; the risk carries the last and the next day."""

    class Result(models.TextChoices):
        WORKS = "works", _("Works")
        PARTLY = "partly", _("Works in part")
        FAILS = "fails", _("Does not work")

    LIGHTS = {"works": "ok", "partly": "watch", "fails": "act"}

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="control_tests")
    risk = models.ForeignKey(Risk, models.CASCADE, related_name="control_tests")
    result = models.CharField(_("result"), max_length=6, choices=Result.choices)
    evidence = models.TextField(_("what was tried, what came of it"))
    on = models.DateField(_("tested"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-on", "-pk"]
        verbose_name = _("test of a control")
        verbose_name_plural = _("tests of controls")
        triggers = [*audited("product"), *append_only()]

    def __str__(self):
        return f"{self.on:%F}: {self.get_result_display()}"

    @property
    def light(self) -> str:
        return self.LIGHTS[self.result]

    @classmethod
    @transaction.atomic
    def record(cls, risk, *, by, result, evidence, on=None, next_due=None, at=None) -> "ControlTest":
        """The control was tried. A test that is entered late does not undo a newer one."""
        at = at or timezone.now()
        on = on or timezone.localdate(at)
        now = Risk.objects.select_for_update(of=("self",), no_key=True).get(pk=risk.pk)
        if not now.control.strip():
            raise NotNow(_now("There is no control to try: write down what keeps it from happening."))
        if not now.is_open:
            raise NotNow(_now("The risk is closed."))
        if on > timezone.localdate(at):
            raise ValidationError({"on": _now("This day has not come yet.")})
        if next_due and next_due <= on:
            raise ValidationError({"next_due": _now("The next test comes after this one.")})
        test = cls.objects.create(
            product_id=risk.product_id, risk=risk, result=result, evidence=evidence, on=on, by=by, at=at
        )
        if now.control_tested_on is None or on >= now.control_tested_on:
            Risk.objects.filter(pk=risk.pk).update(
                control_tested_on=on, control_test_due=next_due or now.control_test_due_after(on),
                version=F("version") + 1,
            )  # fmt: skip
        risk.refresh_from_db()
        return test


class RiskIncident(models.Model):
    """An incident in which the risk showed itself."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    risk = models.ForeignKey(Risk, models.CASCADE, related_name="incident_links")
    incident = models.ForeignKey(
        "delivery.Incident", models.CASCADE, related_name="risk_links", verbose_name=_("incident")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-incident__started_at"]
        verbose_name = _("incident of a risk")
        verbose_name_plural = _("incidents of risks")
        constraints = [models.UniqueConstraint(fields=["risk", "incident"], name="risk_incident_once")]
        triggers = audited("product")

    def __str__(self):
        return f"{self.risk_id}: {self.incident_id}"

    @classmethod
    def link(cls, risk, incident, *, by, at=None) -> "RiskIncident":
        """The risk showed itself in this incident; a second time changes nothing."""
        if incident.product_id != risk.product_id:
            raise ValidationError({"incident": _now("An incident of this product.")})
        link, _created = cls.objects.get_or_create(
            risk=risk, incident=incident,
            defaults={"product_id": risk.product_id, "by": by, "at": at or timezone.now()},
        )  # fmt: skip
        return link


def length_of(links, now=None) -> datetime.timedelta:
    """The time of all linked incidents, each by itself."""
    return sum((link.incident.length(now) for link in links), datetime.timedelta())
