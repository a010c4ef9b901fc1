"""Forms of escalations: one more step; what the breach list shows."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.issues import durations
from delivery.issues.escalation.models import EscalationStep
from delivery.issues.models import Issue, Severity
from pmdm.ui.forms import FilterForm


class StepForm(forms.Form):
    """A step: which clock, when, who is told. The time after the breach is written as people write times."""

    clock = forms.ChoiceField(
        label=_("Clock"), choices=EscalationStep.Clock.choices, initial=EscalationStep.Clock.RESOLUTION
    )
    trigger = forms.ChoiceField(
        label=_("When"), choices=EscalationStep.Trigger.choices, initial=EscalationStep.Trigger.AFTER
    )
    after = forms.CharField(
        label=_("How long after the breach"),
        required=False,
        max_length=30,
        help_text=_("In service hours: 30m, 4h, 2d. Only for steps after the breach."),
    )
    tells = forms.MultipleChoiceField(
        label=_("Who is told"), choices=EscalationStep.Tells.choices, widget=forms.CheckboxSelectMultiple
    )
    wide = {"tells"}

    def __init__(self, *args, product, per_day, **kwargs):
        super().__init__(*args, **kwargs)
        self.product, self.per_day = product, per_day

    def clean(self):
        data = super().clean()
        text, self.minutes = (data.get("after") or "").strip(), 0
        if data.get("trigger") != EscalationStep.Trigger.AFTER:
            if text:
                self.add_error("after", _("Only a step after the breach has a time: leave it empty, or choose that."))
        elif not text:
            self.add_error("after", _("Say how long after the breach: 30m, 4h, 2d."))
        else:
            try:
                self.minutes = durations.parse(text, self.per_day)
            except durations.NotADuration:
                self.add_error("after", _("“%s” is no time. Write 30m, 4h, 2d, 1w or 1d 4h.") % text)
        return data

    def agree(self, *, by) -> EscalationStep:
        data = self.cleaned_data
        return EscalationStep.agree(
            self.product,
            by=by,
            clock=data["clock"],
            trigger=data["trigger"],
            minutes=self.minutes,
            tells=data["tells"],
        )


class BreachFilter(FilterForm):
    """Narrows the breach list."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    severity = forms.ChoiceField(required=False, label=_("Priority"), choices=[("", _("All")), *Severity.choices])
    mine = forms.BooleanField(required=False, label=_("Only mine"))

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        self.reader = reader

    def filter(self, issues):
        data = self.cleaned_data
        if data["severity"]:
            issues = issues.filter(severity=data["severity"])
        if data["mine"]:
            issues = issues.filter(assignee=self.reader)
        return issues.searching(self.words())


def breaches(products):
    """Issues of these products whose targets are at risk or broken, with what a row of the list shows."""
    return Issue.objects.filter(product__in=products).pressing().for_list().select_related("product")
