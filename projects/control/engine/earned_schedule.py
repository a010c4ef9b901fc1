"""Earned schedule: how far a plan has come, in time instead of in money.

Source: W. Lipke, "Schedule is different", The Measurable News, 2003; PMI Standard for Earned Value Management, 2019.
Times are periods (here working days) since the baseline's start; values are in any one unit of worth (money, minutes
of planned work), as long as planned and earned value share it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

type Curve = Sequence[tuple[float, float]]


class Missing(StrEnum):
    """Why an index can't be given."""

    NO_PLAN = "no plan"  # the baseline is worth nothing, or takes no time
    NOT_BEGUN = "not begun"  # nothing earned: no pace to go on with
    NO_TIME = "no time"  # the baseline's start lies ahead
    OVER_TIME = "over time"  # the planned duration is used up
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Spread:
    """A task's worth, spread evenly over its planned working time; all at once where both ends are one."""

    start: float
    finish: float
    worth: float


@dataclass(frozen=True, slots=True)
class EarnedSchedule:
    """Periods: ``es`` earned, ``at`` gone by, ``pd`` planned. An index is None where ``why`` or ``tspi_why`` says."""

    es: float
    at: float
    pd: float
    spi: float | None  # SPI(t) = ES / AT
    ieac: float | None  # IEAC(t) = PD / SPI(t), the whole duration at the pace so far
    tspi: float | None  # TSPI = (PD - ES) / (PD - AT), the pace that would still keep the plan
    why: Missing | None = None
    tspi_why: Missing | None = None

    @property
    def sv(self) -> float:
        """SV(t) = ES - AT, periods; negative is behind."""
        return self.es - self.at


def planned_value(spreads: Sequence[Spread], times: Sequence[float]) -> list[float]:
    """Planned value at each of the times (which rise), cumulative: each task linear over its planned working time."""
    wide = [spread for spread in spreads if spread.finish > spread.start and spread.worth]
    asked = np.asarray(times, float)
    total = np.zeros(len(asked))
    if wide:
        starts = np.array([spread.start for spread in wide])
        ends = np.array([spread.finish for spread in wide])
        slopes = np.array([spread.worth for spread in wide]) / (ends - starts)
        # The sum of ramps changes its slope where a task starts or ends, and is straight between.
        at, place = np.unique(np.concatenate([starts, ends]), return_inverse=True)
        change = np.zeros(len(at))
        np.add.at(change, place, np.concatenate([slopes, -slopes]))
        rises = np.concatenate([[0.0], np.cumsum(change)[:-1] * np.diff(at)])
        total += np.interp(asked, at, np.cumsum(rises))
    steps = sorted((spread.finish, spread.worth) for spread in spreads if spread.finish <= spread.start)
    if steps:
        reached = np.concatenate([[0.0], np.cumsum([worth for _at, worth in steps])])
        total += reached[np.searchsorted([moment for moment, _worth in steps], asked, side="right")]
    values: list[float] = total.tolist()
    return values


def working_periods(duration: float) -> list[float]:
    """Ends of the periods of a plan this long: 0, 1, 2, ... and its own end, which may cut the last one short."""
    whole = int(duration)
    times = [float(number) for number in range(whole + 1)]
    return times if duration == whole else [*times, duration]


def earned_schedule(
    curve: Curve, earned: float, gone: float, *, planned: float | None = None, finished: float | None = None
) -> EarnedSchedule:
    """ES and its indices. ``curve`` is cumulative planned value as (time, value), from (0, 0) on, neither falling.

    C = the last point with PV(C) <= EV; I = (EV - PV(C)) / (PV(C+1) - PV(C)); ES = C + I. Nothing earned is 0, all of
    it is the first point that reaches the whole value, and value equal to a flat stretch is its end.

    ``planned`` is the planned duration (default: the curve's end); ``finished`` is when all was done: time stops there.
    """
    points = list(curve)
    if any(later < sooner or high < low for (sooner, low), (later, high) in pairwise(points)):
        raise ValueError("Cumulative planned value rises with time.")
    pd = planned if planned is not None else (points[-1][0] if points else 0.0)
    whole = points[-1][1] if points else 0.0
    if whole <= 0 or pd <= 0:
        return EarnedSchedule(0.0, max(gone, 0.0), pd, None, None, None, Missing.NO_PLAN, Missing.NO_PLAN)
    at = max(gone if finished is None else min(gone, finished), 0.0)
    es = _reached(points, earned, whole)
    done = finished is not None
    tspi = tspi_why = None
    if done or earned >= whole:
        tspi_why = Missing.FINISHED
    elif pd - at <= 0:
        tspi_why = Missing.OVER_TIME
    else:
        tspi = (pd - es) / (pd - at)
    if at <= 0:
        return EarnedSchedule(es, at, pd, None, None, tspi, Missing.NO_TIME, tspi_why)
    spi = es / at
    if spi <= 0:
        return EarnedSchedule(es, at, pd, 0.0, None, tspi, Missing.NOT_BEGUN, tspi_why)
    return EarnedSchedule(es, at, pd, spi, pd / spi, tspi, None, tspi_why)


def _reached(points: list[tuple[float, float]], earned: float, whole: float) -> float:
    if earned <= 0:
        return 0.0
    if earned >= whole:
        return next(time for time, value in points if value >= whole)
    last = max(at for at, (_time, value) in enumerate(points) if value <= earned)
    time, value = points[last]
    later, higher = points[last + 1]
    return time + (earned - value) / (higher - value) * (later - time)
