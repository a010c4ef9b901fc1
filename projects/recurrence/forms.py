"""A rule as a form."""

import calendar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.registers.editing import VersionedForm
from projects.recurrence.models import Recurrence
from projects.recurrence.words import NTH
from projects.schedule.exporting import units_of
from projects.schedule.forms import DurationField
from projects.schedule.notation import format_duration

RULE_FIELDS = (
    "name", "every", "interval", "weekdays", "nth", "month_day", "month", "start", "until", "count", "holidays",
    "ahead",
)  # fmt: skip


class RecurrenceForm(VersionedForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On"), choices=list(WEEKDAYS.items()), coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Of a week: which days. Nothing chosen means the weekday of the first day."),
    )  # fmt: skip
    nth = forms.TypedChoiceField(
        label=gettext_lazy("Which weekday of the month"), required=False, coerce=int, empty_value=None,
        choices=[("", gettext_lazy("None: a day of the month")), *NTH.items()],
    )  # fmt: skip
    nth_weekday = forms.TypedChoiceField(
        label=gettext_lazy("Weekday"), choices=list(WEEKDAYS.items()), coerce=int, required=False, empty_value=None
    )
    month_day = forms.IntegerField(
        label=gettext_lazy("Day of the month"), required=False, min_value=-1, max_value=31,
        help_text=gettext_lazy("1 to 31; −1 is the last. A month without it is left out. Empty: as the first."),
    )  # fmt: skip
    month = forms.TypedChoiceField(
        label=gettext_lazy("Month"), required=False, coerce=int, empty_value=None,
        choices=[("", gettext_lazy("That of the first day")), *MONTHS.items()],
    )  # fmt: skip

    wide = ("name", "weekdays")

    class Meta:
        model = Recurrence
        fields = list(RULE_FIELDS)
        help_texts = {"ahead": gettext_lazy("So many of them stand in the plan ahead of today.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        project = self.instance.project
        units = units_of(project)
        self.fields["duration"] = DurationField(
            label=_("Duration"),
            units=units,
            initial=format_duration(self.instance.duration, elapsed=False, units=units),
        )
        self.fieldsets = [
            ("", ["name", "duration", "start"]),
            (_("How often"), ["every", "interval", "weekdays"]),
            (_("Of a month or a year"), ["nth", "nth_weekday", "month_day", "month"]),
            (_("Until when"), _("Neither: until you end it."), ["until", "count"]),
            (_("In the plan"), ["holidays", "ahead"]),
        ]
        self.initial["nth_weekday"] = self.instance.weekdays[0] if self.instance.nth and self.instance.weekdays else 0
        self.initial["weekdays"] = [] if self.instance.nth else self.instance.weekdays

    def clean_duration(self):
        duration = self.cleaned_data["duration"]
        if duration is None or duration.elapsed or duration.minutes < 1:
            raise ValidationError(_("Working time, such as 2h or 1d."))
        return duration

    def clean_month_day(self):
        day = self.cleaned_data["month_day"]
        if day == 0:
            raise ValidationError(_("A month has no day 0: 1 to 31, or −1 for the last."))
        return day

    def clean_start(self):
        return self._known_year("start")

    def clean_until(self):
        return self._known_year("until")

    def _known_year(self, name):
        day = self.cleaned_data[name]
        if day and not 1950 <= day.year <= 2250:
            raise ValidationError(_("%(day)s lies outside the years 1950 to 2250.") % {"day": day})
        return day

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("until") and data.get("count"):
            self.add_error("count", _("Either a last day or a number of times, not both."))
        if data.get("until") and data.get("start") and data["until"] < data["start"]:
            self.add_error("until", _("It ends before it begins."))
        every = data.get("every")
        if every in ("month", "year") and data.get("nth"):
            data["weekdays"] = [data.get("nth_weekday") or 0]
        else:
            data["nth"] = None
            if every != "week":
                data["weekdays"] = []
        month, day = data.get("month"), data.get("month_day")
        if every == "year" and month and day and data.get("nth") is None and day > calendar.monthrange(2024, month)[1]:
            self.add_error("month_day", _("%(month)s has no day %(day)s.") % {"month": MONTHS[month], "day": day})
        return data

    def _post_clean(self):
        super()._post_clean()
        if duration := self.cleaned_data.get("duration"):
            self.instance.duration = round(duration.minutes)

    def values(self) -> dict:
        """What the verb that begins a rule takes."""
        names = ["duration", *RULE_FIELDS]
        return {name: getattr(self.instance, name) for name in names}
