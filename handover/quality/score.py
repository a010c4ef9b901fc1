"""The quality of a handover, told by its first 90 days. Plain Python.

``score = 100 - defects - returns - waivers - documents``, never below 0, each part capped so that none decides alone:

- defects: reported in the first 90 days and the release's fault, by severity 8, 4, 2 and 1 points; at most 40
- returns: 10 points for each time the receiver sent the record back; at most 20
- waivers: 5 points for each criterion that was waived; at most 20
- documents: 5 points for each kind that operations needs and nobody brought; at most 20

The weights are ours: a handover with one critical defect and one return is at 82, one that reaches every cap at 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DAYS = 90
SEVERITY_POINTS = {1: 8, 2: 4, 3: 2, 4: 1}
RETURN_POINTS, WAIVER_POINTS, DOCUMENT_POINTS = 10, 5, 5
CAPS = {"defects": 40, "returns": 20, "waivers": 20, "documents": 20}


@dataclass(frozen=True)
class Inputs:
    """Counts. ``defects``: how many by severity 1-4."""

    defects: Mapping[int, int]
    returns: int = 0
    waivers: int = 0
    missing_documents: int = 0


@dataclass(frozen=True)
class Score:
    """The score, 0-100, and what each part took away."""

    value: int
    lost: Mapping[str, int]


def score(inputs: Inputs) -> Score:
    """Weighted and capped as the module says."""
    points = {
        "defects": sum(SEVERITY_POINTS[severity] * count for severity, count in inputs.defects.items()),
        "returns": RETURN_POINTS * inputs.returns,
        "waivers": WAIVER_POINTS * inputs.waivers,
        "documents": DOCUMENT_POINTS * inputs.missing_documents,
    }
    lost = {part: min(CAPS[part], value) for part, value in points.items()}
    return Score(max(0, 100 - sum(lost.values())), lost)


def status(value: int) -> str:
    """ok from 85, watch from 70, else act."""
    return "ok" if value >= 85 else "watch" if value >= 70 else "act"
