"""Forms: the day a page is of, the default rule, one rule for many tasks, one task's rule and what it counts."""

from django import forms
from django.core.validators import MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.earned_value.models import DEFAULT_RULES, EarningRule, EarningSettings, EarningStep, TaskEarning
from projects.earned_value.rules import MOST_STEPS

AS_PROJECT = "project"


class DayForm(forms.Form):
    day = forms.DateField(label=gettext_lazy("As of"), required=False, widget=forms.DateInput)

    def __init__(self, *args, latest, **kwargs):
        super().__init__(*args, **kwargs)
        self.latest = latest

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day and day > self.latest:
            raise forms.ValidationError(_("Choose today or a day before: what lies ahead is a forecast."))
        if day and day.year < 1990:
            raise forms.ValidationError(_("Choose a day since 1990."))
        return day


class SettingsForm(forms.ModelForm):
    class Meta:
        model = EarningSettings
        fields = ["rule", "watch", "act"]
        help_texts = {
            "watch": gettext_lazy("CPI, SPI and SPI(t); 0.95 is usual."),
            "act": gettext_lazy("0.90 is usual."),
        }

    def clean(self):
        values = super().clean()
        watch, act = values.get("watch"), values.get("act")
        if watch is not None and act is not None and act > watch:
            self.add_error("act", _("Red begins where amber ends: at most %(watch)s.") % {"watch": watch})
        return values


class ApplyForm(forms.Form):
    rule = forms.ChoiceField(
        label=gettext_lazy("Rule"),
        choices=[
            (AS_PROJECT, gettext_lazy("The project's rule")),
            *((rule.value, rule.label) for rule in DEFAULT_RULES),
        ],
    )


class TaskRuleForm(forms.ModelForm):
    rule = forms.ChoiceField(label=gettext_lazy("Earning rule"))

    class Meta:
        model = TaskEarning
        fields = ["rule", "units_total", "units_done"]
        help_texts = {
            "units_total": gettext_lazy("For units complete: 40 wells, 12.5 km."),
        }

    def __init__(self, *args, default, **kwargs):
        super().__init__(*args, **kwargs)
        named = _("As the project: %(rule)s") % {"rule": default}
        self.fields["rule"].choices = [(AS_PROJECT, named), *EarningRule.choices]
        for name in ("units_total", "units_done"):
            self.fields[name].validators.append(MinValueValidator(0))

    def _post_clean(self):
        # What the rule needs is the verb's to say, in one place; a model check would refuse "as the project".
        pass

    @property
    def values(self) -> dict:
        chosen = self.cleaned_data
        return {**chosen, "rule": None if chosen["rule"] == AS_PROJECT else chosen["rule"]}


class StepForm(forms.ModelForm):
    class Meta:
        model = EarningStep
        fields = ["name", "weight", "reached_on"]
        widgets = {"reached_on": forms.DateInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["weight"].validators.append(MinValueValidator(0))

    def clean_weight(self):
        weight = self.cleaned_data["weight"]
        if weight is not None and weight <= 0:
            raise forms.ValidationError(_("A weight is above zero, such as 1 or 2.5."))
        return weight

    def clean_reached_on(self):
        day = self.cleaned_data["reached_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(
                _("%(day)s has not come yet: leave it empty until it is reached.") % {"day": day}
            )
        return day


class _Steps(forms.BaseFormSet):
    @property
    def steps(self) -> list[dict]:
        """Filled lines in their order, without those marked for removal."""
        lines = [form.cleaned_data for form in self.forms if form.cleaned_data.get("name")]
        return [{name: line[name] for name in StepForm._meta.fields} for line in lines if not line.get("DELETE")]

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = gettext_lazy("Remove")


StepForms = forms.formset_factory(
    StepForm,
    formset=_Steps,
    extra=3,
    can_delete=True,
    max_num=MOST_STEPS,
    validate_max=True,
    absolute_max=MOST_STEPS + 5,
)
