"""Durations and predecessors as project tools write them: ``3d``, ``2ew``, ``5FS+2d``, ``7SS-50%``."""

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from .engine import LagUnit, LinkIn, LinkType

Minutes = int | float
MAX_MINUTES = 60 * 24 * 366 * 200  # nothing a person plans lasts longer

ELAPSED_MINUTES = {"m": 1, "h": 60, "d": 1_440, "w": 10_080, "mo": 43_200}

UNIT_NAMES = {
    "m": "m",
    "min": "m",
    "mins": "m",
    "minute": "m",
    "minutes": "m",
    "h": "h",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "d": "d",
    "dy": "d",
    "day": "d",
    "days": "d",
    "w": "w",
    "wk": "w",
    "wks": "w",
    "week": "w",
    "weeks": "w",
    "mo": "mo",
    "mon": "mo",
    "mons": "mo",
    "month": "mo",
    "months": "mo",
}
NUMBER = r"(?P<number>\d{1,12}(?:[.,]\d{1,9})?)"
DURATION = re.compile(rf"{NUMBER}\s*(?P<unit>[A-Za-z]*)\s*(?P<estimated>\??)", re.ASCII)
LAG = rf"(?P<sign>[+-])\s*{NUMBER}\s*(?P<unit>e?%|[A-Za-z]*)"
PREDECESSOR = re.compile(rf"(?P<id>\d{{1,9}})\s*(?P<type>[A-Za-z]{{2}})?\s*(?:{LAG})?", re.ASCII)

DURATION_ACCEPTED = "a duration such as 3d, 4h, 2w, 1mo, 30m or 3ed (elapsed)"
PREDECESSOR_ACCEPTED = "ids with an optional type and lag, such as 3, 5FS+2d or 7SS-50%"


@dataclass(frozen=True, slots=True)
class TimeUnits:
    """How long a project's day, week and month of work are."""

    minutes_per_day: int = 480
    minutes_per_week: int = 2_400
    days_per_month: int = 20

    def minutes(self, unit: str) -> int:
        """Working minutes of one m, h, d, w or mo."""
        match unit:
            case "d":
                return self.minutes_per_day
            case "w":
                return self.minutes_per_week
            case "mo":
                return self.minutes_per_day * self.days_per_month
        return ELAPSED_MINUTES[unit]


STANDARD_UNITS = TimeUnits()


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as written: minutes (working, or on the clock when ``elapsed``) and the unit used."""

    minutes: Minutes
    elapsed: bool = False
    unit: str = "d"
    estimated: bool = False


class NotationError(ValueError):
    """Text that is no duration or predecessor list: the value, what would be accepted, where in the text (from 1)."""

    def __init__(self, value: str, accepted: str, column: int = 1) -> None:
        super().__init__(f"“{value}” is not accepted; give {accepted}.")
        self.value, self.accepted, self.column = value, accepted, column


def parse_duration(text: str, units: TimeUnits = STANDARD_UNITS) -> Duration:
    """``3d``, ``1.5 days``, ``2ew``, ``4h?``; a bare number counts days. NotationError when it is none of these."""
    match = DURATION.fullmatch(text.strip())
    unit, elapsed = _unit(match["unit"]) if match else (None, False)
    if match is None or unit is None:
        raise NotationError(text.strip(), DURATION_ACCEPTED)
    minutes = _minutes(match["number"], unit, elapsed, units)
    if minutes > MAX_MINUTES:
        raise NotationError(text.strip(), "a duration of at most 200 years")
    return Duration(minutes, elapsed, unit, bool(match["estimated"]))


def format_duration(
    minutes: Minutes, unit: str = "d", *, elapsed: bool = False, units: TimeUnits = STANDARD_UNITS
) -> str:
    """The shortest text that ``parse_duration`` reads back exactly: in ``unit``, else in hours or minutes."""
    for name in (unit, "h", "m"):
        size = ELAPSED_MINUTES[name] if elapsed else units.minutes(name)
        text = f"{minutes / size:.2f}".rstrip("0").rstrip(".")
        if float(text) * size == minutes:
            return f"{text}{'e' if elapsed else ''}{name}"
    return f"{minutes}{'e' if elapsed else ''}m"


def parse_predecessors(text: str, units: TimeUnits = STANDARD_UNITS, *, successor: Hashable = None) -> list[LinkIn]:
    """``3, 5FS+2d; 7SS-50%`` as links to ``successor``; ids are ints. NotationError names the part and its column."""
    links: list[LinkIn] = []
    separator = ";" if ";" in text else ","
    column = 1
    for part in text.split(separator):
        stripped = part.strip()
        if stripped:
            begin = column + len(part) - len(part.lstrip())
            links.append(_predecessor(stripped, begin, units, successor))
        column += len(part) + 1
    return links


def format_predecessors(
    links: Iterable[LinkIn], units: TimeUnits = STANDARD_UNITS, *, numbers: dict[Hashable, object] | None = None
) -> str:
    """Links as ``parse_predecessors`` reads them; ``numbers`` gives the id to print for a predecessor."""
    texts = []
    for link in links:
        number = numbers[link.predecessor] if numbers is not None else link.predecessor
        kind = "" if link.type == LinkType.FS and not link.lag else link.type
        texts.append(f"{number}{kind}{_lag_text(link, units)}")
    return ",".join(texts)


def _predecessor(text: str, column: int, units: TimeUnits, successor: Hashable) -> LinkIn:
    match = PREDECESSOR.fullmatch(text)
    kind = (match["type"] or "FS").upper() if match else ""
    if match is None or kind not in LinkType.__members__:
        raise NotationError(text, PREDECESSOR_ACCEPTED, column)
    lag: Minutes = 0
    lag_unit = LagUnit.WORKING
    if match["sign"]:
        if match["unit"].endswith("%"):
            lag = _number(match["number"])
            lag_unit = LagUnit.ELAPSED_PERCENT if match["unit"] == "e%" else LagUnit.PERCENT
        else:
            unit, elapsed = _unit(match["unit"])
            if unit is None:
                raise NotationError(text, PREDECESSOR_ACCEPTED, column)
            lag = _minutes(match["number"], unit, elapsed, units)
            lag_unit = LagUnit.ELAPSED if elapsed else LagUnit.WORKING
        if lag > MAX_MINUTES:
            raise NotationError(text, "a lag of at most 200 years", column)
        lag = -lag if match["sign"] == "-" else lag
    return LinkIn(int(match["id"]), successor, LinkType(kind), lag, lag_unit)


def _lag_text(link: LinkIn, units: TimeUnits) -> str:
    if not link.lag:
        return ""
    sign, size = ("-", -link.lag) if link.lag < 0 else ("+", link.lag)
    match link.lag_unit:
        case LagUnit.PERCENT:
            return f"{sign}{size:g}%"
        case LagUnit.ELAPSED_PERCENT:
            return f"{sign}{size:g}e%"
    return sign + format_duration(size, elapsed=link.lag_unit == LagUnit.ELAPSED, units=units)


def _unit(text: str) -> tuple[str | None, bool]:
    """The unit's short name and whether it is elapsed; days when nothing is written."""
    lowered = text.lower()
    if not lowered:
        return "d", False
    if lowered in UNIT_NAMES:
        return UNIT_NAMES[lowered], False
    if lowered.startswith("e") and lowered[1:] in UNIT_NAMES:
        return UNIT_NAMES[lowered[1:]], True
    return None, False


def _minutes(number: str, unit: str, elapsed: bool, units: TimeUnits) -> Minutes:
    size = ELAPSED_MINUTES[unit] if elapsed else units.minutes(unit)
    exact = _number(number) * size
    # To the second: a third of a day is no whole number of minutes.
    seconds = round(exact * 60)
    return seconds / 60 if seconds % 60 else seconds // 60


def _number(text: str) -> Minutes:
    value = float(text.replace(",", "."))
    return int(value) if value == int(value) else value


def check_ids(links: Sequence[LinkIn], known: Iterable[Hashable]) -> list[Hashable]:
    """Predecessor ids that are not among ``known``, in order."""
    there = set(known)
    return [link.predecessor for link in links if link.predecessor not in there]
