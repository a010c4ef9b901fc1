"""The parts of a score in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from delivery.issues.models import Severity
from handover.models import Material
from handover.quality.models import inputs_from
from handover.quality.score import CAPS, score


@dataclass(frozen=True)
class Part:
    """How often it happened, the points it took away and at most takes, and which they were."""

    name: str
    count: int
    lost: int
    cap: int
    which: str = ""


def parts(inputs: dict) -> list[Part]:
    """Of kept inputs, in the order of the formula."""
    lost = score(inputs_from(inputs)).lost
    kinds = dict(Material.Kind.choices)
    defects = ", ".join(
        f"{Severity(int(severity)).label}: {count}" for severity, count in inputs["defects"].items() if count
    )
    missing = ", ".join(str(kinds[kind]) for kind in inputs["missing"])
    return [
        Part(_("Escaped defects"), sum(inputs["defects"].values()), lost["defects"], CAPS["defects"], defects),
        Part(_("Returns"), inputs["returns"], lost["returns"], CAPS["returns"]),
        Part(_("Waived criteria"), inputs["waivers"], lost["waivers"], CAPS["waivers"]),
        Part(_("Missing documents"), len(inputs["missing"]), lost["documents"], CAPS["documents"], missing),
    ]
