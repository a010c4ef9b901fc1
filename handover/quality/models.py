from django.db import models

from handover.quality.score import Inputs, Score, score, status
from handover.transfer.models import Handover
from pmdm.activity.triggers import append_only, audited


class QualityScore(models.Model):
    """The score of a handover after its first 90 days, with what it was computed from. Never changed."""

    project = models.ForeignKey("projects.Project", models.CASCADE, related_name="+")
    handover = models.OneToOneField(Handover, models.CASCADE, related_name="quality_score")
    at = models.DateTimeField()
    value = models.PositiveSmallIntegerField()
    # {"defects": {"1": n, ...}, "returns": n, "waivers": n, "missing": [kind, ...]}
    inputs = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(value__lte=100), name="quality_score_up_to_100"),
        ]
        triggers = [*audited("project"), *append_only()]

    def __str__(self):
        return f"{self.handover.ref}: {self.value}"

    @property
    def status(self) -> str:
        """ok, watch or act."""
        return status(self.value)

    @property
    def score(self) -> Score:
        """Computed anew from the kept inputs, for its parts."""
        return score(inputs_from(self.inputs))


def inputs_from(kept: dict) -> Inputs:
    return Inputs(
        defects={int(severity): count for severity, count in kept["defects"].items()},
        returns=kept["returns"],
        waivers=kept["waivers"],
        missing_documents=len(kept["missing"]),
    )
