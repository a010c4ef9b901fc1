"""Dates, money, durations and shares as people read them. Plain functions: tags and exports both use them."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from django.utils import timezone
from django.utils.dates import MONTHS_3, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.ui.language import language

type Number = int | float | Decimal

DASH = "–"
MINUS = "\u2212"
NBSP = "\u00a0"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "CHF": f"CHF{NBSP}", "SEK": f"SEK{NBSP}"}
MINUTES_PER_DAY = 480


def day(value: dt.date | dt.datetime | None, today: dt.date | None = None) -> str:
    """'27 Nov'; with the year when it is not this one. Instants are shown in the current time zone."""
    if value is None:
        return DASH
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return _day(value, (today or timezone.localdate()).year, language())


@lru_cache(maxsize=4096)
def _day(value: dt.date, this_year: int, language: str | None) -> str:
    text = f"{value.day}{NBSP}{_months(language)[value.month - 1].title()}"
    return text if value.year == this_year else f"{text}{NBSP}{value.year}"


@lru_cache(maxsize=64)
def _months(language: str | None) -> list[str]:
    # Evaluated once for each language: a lazy month name costs more than the row around it.
    return [str(MONTHS_3[number]) for number in range(1, 13)]


@lru_cache(maxsize=64)
def _weekdays(language: str | None) -> list[str]:
    return [str(WEEKDAYS[number]) for number in range(7)]


def when(value: dt.datetime | None, now: dt.datetime | None = None) -> str:
    """'Today, 08:42', 'Yesterday, 16:10', 'Friday, 11:27' within six days, else '3 Mar, 10:00'."""
    if value is None:
        return DASH
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return when_local(local, timezone.localtime(now).date() if now else timezone.localdate())


def when_local(local: dt.datetime, today: dt.date) -> str:
    """The same of a moment by the clock on the reader's wall, on that reader's day."""
    age = (today - local.date()).days
    if age == 0:
        name = _("Today")
    elif age == 1:
        name = _("Yesterday")
    elif 1 < age < 7:
        name = _weekdays(language())[local.weekday()]
    else:
        name = day(local.date(), today)
    return f"{name}, {local:%H:%M}"


def distance(value: dt.date | None, today: dt.date | None = None) -> str:
    """How far a day is: 'today', 'in 3 days', '2 weeks ago'. Weeks from 14 days, months from 70."""
    if value is None:
        return ""
    days = (value - (today or timezone.localdate())).days
    if days == 0:
        return _("today")
    size = abs(days)
    if size < 14:
        length = ngettext("%(n)d day", "%(n)d days", size) % {"n": size}
    elif size < 70:
        length = ngettext("%(n)d week", "%(n)d weeks", round(size / 7)) % {"n": round(size / 7)}
    else:
        length = ngettext("%(n)d month", "%(n)d months", round(size / 30.4)) % {"n": round(size / 30.4)}
    return _("in %(length)s") % {"length": length} if days > 0 else _("%(length)s ago") % {"length": length}


def number(value: Number | None, places: int | None = None) -> str:
    """'18,400', '−3.5'. Without `places`: as many as the value has, at most two."""
    if value is None:
        return DASH
    text = f"{abs(value):,.2f}".rstrip("0").rstrip(".") if places is None else f"{abs(value):,.{places}f}"
    return _signed(text, value < 0)


def money(amount: Number | None, currency: str = "EUR", places: int = 0) -> str:
    """'€18,400'; the currency's code when it has no sign of its own."""
    if amount is None:
        return DASH
    text = f"{abs(amount):,.{places}f}"
    # A rounded zero has no sign.
    return _signed(_symbol(currency) + text, amount < 0 and text.strip("0.,") != "")


def short_money(amount: Number | None, currency: str = "EUR") -> str:
    """'€850', '€18k', '€1.8M': three figures at most, for tiles and charts."""
    if amount is None:
        return DASH
    return _signed(_symbol(currency) + short_number(abs(float(amount))), amount < 0)


def short_number(value: Number) -> str:
    """'850', '1.2k', '18k', '1.8M', '2.1bn'."""
    size = abs(float(value))
    # The next unit takes over where rounding would print 1,000 of the one below.
    for limit, divisor, suffix in ((999.5, 1, ""), (999_500, 1_000, "k"), (999_500_000, 1_000_000, "M")):
        if size < limit:
            return _signed(_three_figures(size / divisor) + suffix, value < 0)
    return _signed(_three_figures(size / 1e9) + "bn", value < 0)


def _three_figures(value: float) -> str:
    text = f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"
    return text.removesuffix(".0")


def _symbol(currency: str) -> str:
    return SYMBOLS.get(currency, f"{currency}{NBSP}" if currency else "")


def _signed(text: str, negative: bool) -> str:
    return MINUS + text if negative else text


def minutes(value: Number | None, per_day: int = MINUTES_PER_DAY) -> str:
    """Working time: '3d 2h', '45m'. A day has `per_day` minutes; two units at most."""
    if value is None:
        return DASH
    rest = abs(round(value))
    days, rest = divmod(rest, per_day)
    hours, mins = divmod(rest, 60)
    parts = [f"{count}{unit}" for count, unit in ((days, _("d")), (hours, _("h")), (mins, _("m"))) if count]
    return _signed(" ".join(parts[:2]) or f"0{_('m')}", value < 0)


def hours(value: Number | None) -> str:
    """Minutes as hours: 450 is '7.5h'."""
    if value is None:
        return DASH
    whole, rest = divmod(round(value * 10 / 60), 10)
    return f"{whole:,}.{rest}h" if rest else f"{whole:,}h"


def elapsed(value: dt.timedelta | None) -> str:
    """Clock time: '2d 3h', '1h 5m', '40s'."""
    if value is None:
        return DASH
    seconds = int(abs(value.total_seconds()))
    if seconds < 60:
        return _signed(f"{seconds}{_('s')}", value < dt.timedelta())
    return _signed(minutes(seconds // 60, per_day=1440), value < dt.timedelta())


def percent(value: Number | None, places: int | None = None) -> str:
    """A value already in percent: 84 → '84%'."""
    return DASH if value is None else number(value, 0 if places is None else places) + "%"


def ratio(value: Number | None, places: int | None = None) -> str:
    """A share of one: 0.84 → '84%'."""
    return DASH if value is None else percent(value * 100, places)


def file_size(count: int | None) -> str:
    """Bytes as '840 B', '12 kB', '3.4 MB'."""
    if count is None:
        return DASH
    units: list[tuple[int, str]] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")]
    for size, unit in units:
        if count >= size:
            return f"{_three_figures(count / size)} {unit}"
    return f"{count} B"


def initials(name: str) -> str:
    """'Ines Moreau' → 'IM'; one letter for one word; '?' for nothing."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


def colour_class(key: object) -> str:
    """One of c1..c6, always the same for the same person (a primary key or a name)."""
    code = key if isinstance(key, int) else sum(map(ord, str(key)))
    return f"c{code % 6 + 1}"


FORMATS: dict[str, Callable[..., str]] = {
    "day": day,
    "when": when,
    "number": number,
    "money": money,
    "minutes": minutes,
    "percent": percent,
    "ratio": ratio,
}
