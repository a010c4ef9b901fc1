"""Forms of a person's page."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.models import PersonSkill, Skill
from pmdm.worktime.models import Absence, Calendar
from projects.budget.models import Rate


class SkillForm(forms.Form):
    skill = forms.ModelChoiceField(Skill.objects.all(), label=_("Skill"), empty_label=_("Choose a skill"))
    level = forms.TypedChoiceField(
        label=_("Level"), choices=PersonSkill.Level.choices, coerce=int, initial=PersonSkill.Level.WORKING
    )


class AbsenceForm(forms.Form):
    first = forms.DateField(label=_("First day"))
    last = forms.DateField(label=_("Last day"), required=False, help_text=_("Empty: that one day."))
    kind = forms.ChoiceField(label=_("Kind"), choices=Absence.Kind.choices)
    part = forms.ChoiceField(label=_("Part of the day"), choices=Absence.Part.choices, initial=Absence.Part.DAY)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class HoursForm(forms.Form):
    valid_from = forms.DateField(label=_("From"), initial=timezone.localdate)
    calendar = forms.ModelChoiceField(
        Calendar.objects.all(), label=_("Calendar"), required=False, empty_label=_("Monday to Friday, eight hours")
    )
    percent = forms.IntegerField(label=_("Share of the hours, %"), min_value=0, max_value=100, initial=100)


class RateForm(forms.ModelForm):
    class Meta:
        model = Rate
        fields = ["hourly", "currency", "valid_from"]
        labels = {"hourly": _("Rate per hour"), "currency": _("Currency"), "valid_from": _("Valid from")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id="rate-%s", **kwargs)
        self.fields["valid_from"].initial = timezone.localdate

    def clean_currency(self):
        currency = self.cleaned_data["currency"].upper()
        if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
            raise forms.ValidationError(_("A currency has three letters, such as EUR."))
        return currency

    def validate_constraints(self):
        """The verb ends the rate before and keeps to the one after."""
