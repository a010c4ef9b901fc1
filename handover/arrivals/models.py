"""What documents and orders of a handover became in the records of the product, walkable both ways."""

from django.db import models
from django.db.models import Q

from handover.items.models import Contract
from handover.knowledge.models import Material
from handover.transfer.models import Handover
from pmdm.activity.triggers import audited


class Arrival(models.Model):
    """A runbook that came as a document, or a contract that came as an order. Each source arrives once."""

    product = models.ForeignKey("delivery.Product", models.CASCADE, related_name="+")
    handover = models.ForeignKey(Handover, models.PROTECT, related_name="arrivals")
    material = models.OneToOneField(Material, models.PROTECT, null=True, blank=True, related_name="arrival")
    contract = models.OneToOneField(Contract, models.PROTECT, null=True, blank=True, related_name="arrival")
    runbook = models.OneToOneField("delivery.Runbook", models.CASCADE, null=True, blank=True, related_name="arrival")
    agreement = models.OneToOneField(
        "delivery.Agreement", models.CASCADE, null=True, blank=True, related_name="arrival"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(material__isnull=False, runbook__isnull=False, contract=None, agreement=None)
                | Q(contract__isnull=False, agreement__isnull=False, material=None, runbook=None),
                name="arrival_is_one_thing",
            ),
        ]
        triggers = audited("product")

    def __str__(self):
        return str(self.runbook or self.agreement)
