"""The words inside drawings, in the reader's language."""

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _

from pmdm.charts.scale import Words


def words() -> Words:
    return Words(today=_("Today"), months=[str(MONTHS_3[number]).title() for number in range(1, 13)])
