"""Who can work when, what stands against it, who is free: plain values in, plain values out; no database, no clock."""

from .capacity import Absent, Availability, Hours
from .free import Candidate, Fit, rank
from .load import Demand, edges_of, remaining_minutes, spread

__all__ = [
    "Absent",
    "Availability",
    "Candidate",
    "Demand",
    "Fit",
    "Hours",
    "edges_of",
    "rank",
    "remaining_minutes",
    "spread",
]
