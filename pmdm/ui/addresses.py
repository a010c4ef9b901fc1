"""Addresses by the hundred: Django's own ``reverse``, asked once for each kind of address.

A list links every row, and ``reverse`` walks the URL configuration and matches its answer each time: more than the
rest of the row. Here it is asked once for each name and kind of argument, with stand-ins; what stands around them is
kept, and a row's address is put together from it.
"""

import re
from functools import lru_cache

from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse

# What needs no quoting and fits a slug, a str and a path alike; anything else is left to Django.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
# Made of digits alone, so that an <int:> takes it too; long enough to stand nowhere else in an address.
_STAND_IN = "90817263540{}"


def address(name: str, *args: object) -> str:
    """The same as ``reverse(name, args=args)``, NoReverseMatch included."""
    words = []
    for arg in args:
        if type(arg) is str:
            if not _PLAIN.fullmatch(arg):
                return reverse(name, args=args)
            words.append(arg)
        elif type(arg) is int and arg >= 0:
            words.append(str(arg))
        else:
            return reverse(name, args=args)
    parts = _parts(name, tuple([type(arg) is int for arg in args]), get_urlconf(), get_script_prefix())
    if parts is None:
        return reverse(name, args=args)
    if len(words) == 1:  # Nearly all.
        return f"{parts[0]}{words[0]}{parts[1]}"
    return "".join([text for pair in zip(parts, [*words, ""], strict=True) for text in pair])


@lru_cache(maxsize=2048)
def _parts(name: str, whole: tuple[bool, ...], urlconf: str | None, prefix: str) -> list[str] | None:
    """What stands before, between and after the arguments; None where this can't be told.

    ``whole`` says which arguments are numbers: letters may not fit where a number does.
    """
    numbers = [_STAND_IN.format(place) for place in range(len(whole))]
    stand_ins = [int(number) if is_int else f"x-{number}" for number, is_int in zip(numbers, whole, strict=True)]
    try:
        text = reverse(name, urlconf=urlconf, args=stand_ins)
    except NoReverseMatch:
        return None
    parts = []
    for stand_in in map(str, stand_ins):
        if text.count(stand_in) != 1:
            return None
        before, text = text.split(stand_in)
        parts.append(before)
    return [*parts, text]
