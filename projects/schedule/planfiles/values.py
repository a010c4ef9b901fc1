"""Typed values out of a record's texts; what cannot be read becomes a problem that names it."""

import math
import re
from datetime import datetime, time
from decimal import Decimal, InvalidOperation

from projects.schedule.notation import MAX_MINUTES

from .plan import PlanProblem, PlanWarning
from .xmlrecords import Record

ISO_DURATION = re.compile(
    r"P(?:(?P<y>\d{1,9})Y)?(?:(?P<mo>\d{1,9})M)?(?:(?P<d>\d{1,9}(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<h>\d{1,9}(?:\.\d+)?)H)?(?:(?P<m>\d{1,9}(?:\.\d+)?)M)?(?:(?P<s>\d{1,9}(?:\.\d+)?)S)?)?"
)
SECONDS = {"y": 365 * 86_400, "mo": 30 * 86_400, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
MAX_PROBLEMS = 200
FIRST_YEAR, LAST_YEAR = 1900, 2299


class Reader:
    """Collects what is wrong and what is worth knowing while values are read."""

    def __init__(self) -> None:
        self.problems: list[PlanProblem] = []
        self.warnings: list[PlanWarning] = []
        self.rounded = 0

    def refuse(self, where: str, value: str, accepted: str, line: int | None = None) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(PlanProblem(where, value[:200], accepted, line))

    def warn(self, where: str, message: str, line: int | None = None) -> None:
        self.warnings.append(PlanWarning(where, message, line))


class Fields:
    """One record's values, read by name."""

    __slots__ = ("reader", "record", "where")

    def __init__(self, reader: Reader, record: Record, where: str) -> None:
        self.reader, self.record, self.where = reader, record, where

    def _refuse(self, tag: str, accepted: str) -> None:
        value = self.record.values.get(tag, "")
        self.reader.refuse(f"{self.where}, {tag}", value, accepted, self.record.lines.get(tag, self.record.line))

    def text(self, tag: str, limit: int = 2_000) -> str:
        return self.record.values.get(tag, "")[:limit].replace("\x00", "")

    def integer(self, tag: str, default: int | None = None, low: int = -(2**31), high: int = 2**31 - 1) -> int | None:
        text = self.record.values.get(tag)
        if text is None:
            return default
        try:
            value = int(text) if len(text) < 20 else high + 1
        except ValueError:
            number = self._float(text)
            value = int(number) if number is not None and number == int(number) else high + 1
        if not low <= value <= high:
            self._refuse(tag, f"a whole number from {low} to {high}")
            return default
        return value

    def flag(self, tag: str, default: bool = False) -> bool:
        match self.record.values.get(tag, "").lower():
            case "1" | "true":
                return True
            case "0" | "false":
                return False
            case "":
                return default
        self._refuse(tag, "0 or 1")
        return default

    def decimal(self, tag: str, scale: int = 1) -> Decimal | None:
        """A number divided by ``scale``; costs are stored in hundredths."""
        text = self.record.values.get(tag)
        if text is None:
            return None
        try:
            value = Decimal(text) if len(text) <= 60 else Decimal("NaN")
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or abs(value) >= Decimal(10) ** 15:
            self._refuse(tag, "a number below 10^15")
            return None
        return value / scale

    def tenths(self, tag: str) -> float | None:
        """Minutes, stored as tenths of a minute."""
        text = self.record.values.get(tag)
        if text is None:
            return None
        number = self._float(text)
        if number is None or abs(number) > 10 * MAX_MINUTES:
            self._refuse(tag, "tenths of a minute, at most 200 years")
            return None
        return number / 10

    def moment(self, tag: str) -> datetime | None:
        text = self.record.values.get(tag)
        if not text or text == "NA":
            return None
        try:
            value = datetime.fromisoformat(text).replace(tzinfo=None, microsecond=0)
        except ValueError:
            self._refuse(tag, "a date such as 2026-11-23T08:00:00")
            return None
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            self._refuse(tag, f"a date in the years {FIRST_YEAR} to {LAST_YEAR}")
            return None
        return value

    def clock(self, tag: str) -> time | None:
        text = self.record.values.get(tag)
        if text is None:
            return None
        try:
            return time.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            self._refuse(tag, "a time such as 08:00:00")
            return None

    def duration(self, tag: str) -> int | None:
        """Minutes of an ISO 8601 duration, rounded where it has seconds."""
        text = self.record.values.get(tag)
        if text is None:
            return None
        match = ISO_DURATION.fullmatch(text)
        if match is None or text.endswith(("P", "T")):
            self._refuse(tag, "a duration such as PT16H0M0S, not negative")
            return None
        seconds = sum(float(amount) * SECONDS[unit] for unit, amount in match.groupdict().items() if amount)
        if seconds / 60 > MAX_MINUTES:
            self._refuse(tag, "a duration of at most 200 years")
            return None
        if seconds % 60:
            self.reader.rounded += 1
        return round(seconds / 60)

    @staticmethod
    def _float(text: str) -> float | None:
        try:
            value = float(text)
        except ValueError:
            return None
        return value if math.isfinite(value) else None
