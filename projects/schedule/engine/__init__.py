"""The schedule engine: tasks and links in, dates and floats out. Plain Python on plain values."""

from .cpm import schedule
from .network import (
    Conflict,
    Constraint,
    CycleError,
    DrivenBy,
    LagUnit,
    LateBecause,
    LinkIn,
    LinkType,
    Network,
    NetworkError,
    Result,
    TaskIn,
    TaskOut,
)

__all__ = [
    "Conflict",
    "Constraint",
    "CycleError",
    "DrivenBy",
    "LagUnit",
    "LateBecause",
    "LinkIn",
    "LinkType",
    "Network",
    "NetworkError",
    "Result",
    "TaskIn",
    "TaskOut",
    "schedule",
]
