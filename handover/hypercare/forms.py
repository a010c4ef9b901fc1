import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handover.hypercare.models import Hypercare
from pmdm.registers.editing import VersionedForm

LINES = {"rows": 3}


class ThresholdsForm(forms.ModelForm):
    fieldsets = [
        (_("How it runs"), ["days", "tightening", "relapse_days"]),
        (
            _("When it may end"),
            _("Leave a threshold empty to do without it."),
            ["critical_free_days", "issues_per_day", "window_days", "satisfaction", "availability"],
        ),
    ]

    class Meta:
        model = Hypercare
        fields = list(Hypercare.THRESHOLDS)


class AgreedForm(ThresholdsForm, VersionedForm):
    """Thresholds that are there already, in the record or while it runs."""

    class Meta(ThresholdsForm.Meta):
        pass


class ChangeForm(AgreedForm):
    reason = forms.CharField(label=_("Reason"), max_length=4000, widget=forms.Textarea(attrs=LINES))
    wide = ("reason",)


class ExtensionForm(forms.Form):
    until = forms.DateField(label=_("Until"), widget=forms.DateInput)
    reason = forms.CharField(label=_("Reason"), max_length=4000, widget=forms.Textarea(attrs=LINES))

    def clean_until(self) -> datetime.datetime:
        """The end of that day."""
        day = self.cleaned_data["until"] + datetime.timedelta(days=1)
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


class ExitForm(forms.Form):
    reason = forms.CharField(label=_("What the exit rests on"), max_length=4000, widget=forms.Textarea(attrs=LINES))
