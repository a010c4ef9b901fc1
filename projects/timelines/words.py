"""Translated words for the drawings."""

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _

from pmdm.charts.portfolio import timeline_rows
from pmdm.charts.scale import Words


def words() -> Words:
    return Words(today=_("Today"), months=[str(MONTHS_3[number]).title() for number in range(1, 13)])


def drawn(rows, today, *, label: str, first=None, last=None):
    return timeline_rows(rows, today=today, label=label, words=words(), first=first, last=last)
