"""The one date field of a register: ``?as_of=2026-03-03`` shows it as it was at that day's end, for reading only."""

import datetime
from functools import cached_property

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.access import Granted
from pmdm.accounts.roles import Permission
from pmdm.ui.forms import FilterForm

READING = frozenset(permission for permission in Permission if permission.value.endswith(".view"))


class PastDayField(forms.DateField):
    """A day before today."""

    def __init__(self, **options):
        super().__init__(label=gettext_lazy("As of"), required=False, **options)

    def clean(self, value) -> datetime.date | None:
        day = super().clean(value)
        if day and day >= timezone.localdate():
            raise ValidationError(_("“As of” takes a day before today."))
        return day


class AsOfFilter(FilterForm):
    """A filter that keeps the day; the field for it is drawn apart, by ``{% as_of page %}``."""

    as_of = PastDayField(widget=forms.HiddenInput)


class Asked:
    """The day that is asked for on a page without a list, for ``{% as_of asked %}``."""

    def __init__(self, request, path: str = ""):
        self.path = path or request.path
        self.form = AsOfFilter(request.GET)
        self.parameters: list[tuple[str, str]] = []

    @cached_property
    def day(self) -> datetime.date | None:
        return self.form.cleaned_data["as_of"] if self.form.is_valid() else None


def read_only(request) -> None:
    """What stands on this page is past: no control that changes anything is drawn."""
    request.can = Granted(frozenset(permission for permission in READING if permission in request.can))
