"""The service-level clock of one issue. Plain Python: instants, minutes and a calendar in, dues and shares out.

reference/formulas.md, section 8: due = created + target in service hours, time spent waiting for the customer left
out; breached = past due when it happened, or open and now past due; at risk from three quarters of the target on.
A reopened issue's clock continues from its creation. With no calendar service hours are round the clock.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from pmdm.worktime.engine import ALWAYS, WorkCalendar, business_minutes, due

AT_RISK = 0.75
UTC = ZoneInfo("UTC")

Pause = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class ServiceHours:
    """When service-level minutes count, and how many make a day for people ('2d')."""

    calendar: WorkCalendar = ALWAYS
    zone: ZoneInfo = UTC
    minutes_per_day: int = 1440

    @property
    def is_always(self) -> bool:
        return self.calendar is ALWAYS


class ClockState(StrEnum):
    """Where a target stands."""

    NONE = "none"  # no target was agreed
    RUNNING = "running"
    AT_RISK = "at_risk"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"


@dataclass(frozen=True)
class Reading:
    """A target read at one moment: due (None while a pause holds it), minutes gone and left, state."""

    state: ClockState
    due: datetime | None = None
    target: int | None = None
    elapsed: float | None = None

    @property
    def share(self) -> float | None:
        """Part of the target that is gone; 1 at the due moment, more after it."""
        return self.elapsed / self.target if self.target and self.elapsed is not None else None

    @property
    def left(self) -> float | None:
        return self.target - self.elapsed if self.target and self.elapsed is not None else None


def due_at(created: datetime, target: int, hours: ServiceHours, pauses: list[Pause]) -> datetime | None:
    """When ``target`` minutes of service time after ``created`` are over; None while an open pause holds them."""
    return due(created, target, hours.calendar, hours.zone, pauses)


def at_risk_at(created: datetime, target: int, hours: ServiceHours, pauses: list[Pause]) -> datetime | None:
    """When three quarters of the target are gone; None while an open pause holds the clock before that."""
    return due(created, target * AT_RISK, hours.calendar, hours.zone, pauses)


def elapsed(since: datetime, until: datetime, hours: ServiceHours, pauses: list[Pause]) -> float:
    """Minutes of service time between two instants, pauses left out; a pause that is open counts until ``until``."""
    return business_minutes(since, until, hours.calendar, hours.zone, pauses)


def read(
    *,
    created: datetime,
    done: datetime | None,
    target: int | None,
    hours: ServiceHours,
    pauses: list[Pause],
    now: datetime,
) -> Reading:
    """The clock now: ``done`` is when it was reached (responded, resolved), None while it is not."""
    if target is None:
        return Reading(ClockState.NONE)
    until = done or now
    at = due_at(created, target, hours, pauses)
    gone = elapsed(created, until, hours, pauses)
    if at is not None and until > at:
        state = ClockState.BREACHED
    elif done is not None:
        state = ClockState.MET
    elif any(end is None for _start, end in pauses):
        state = ClockState.PAUSED
    elif gone / target >= AT_RISK:
        state = ClockState.AT_RISK
    else:
        state = ClockState.RUNNING
    return Reading(state, at, target, gone)


def pauses_from_json(rows: list) -> list[Pause]:
    """Stored pauses ([[from, to or null], ...], ISO instants) as instants."""
    return [(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None) for start, end in rows]
