"""Forms of operational risks."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.issues.forms import people_of
from delivery.risks.controls import ControlTest
from delivery.risks.models import Risk
from pmdm.registers.editing import VersionedForm
from pmdm.registers.matrix import Level
from pmdm.ui.forms import FilterForm

LEVELS = {
    Level.LOW: _("Low"),
    Level.MEDIUM: _("Medium"),
    Level.HIGH: _("High"),
    Level.EXTREME: _("Extreme"),
}
FIELDS = [
    "title",
    "description",
    "category",
    "is_opportunity",
    "probability",
    "impact",
    "response",
    "owner",
    "response_plan",
    "review_on",
    "control",
    "control_owner",
    "control_tested_on",
    "control_test_due",
]


class RiskFilter(FilterForm):
    """Narrows the register; open risks unless asked otherwise."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(
        required=False, label=_("State"), choices=[("", _("Open")), *Risk.State.choices[1:], ("all", _("All"))]
    )
    probability = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=5)
    impact = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=5)

    def filter(self, risks):
        data = self.cleaned_data
        if not data["state"]:
            risks = risks.open()
        elif data["state"] != "all":
            risks = risks.filter(state=data["state"])
        for name in ("probability", "impact"):
            if data[name]:
                risks = risks.filter(**{name: data[name]})
        for word in self.words():
            risks = risks.filter(title__icontains=word)
        return risks


class RiskFields:
    """What both forms ask: people of the product, scores from words."""

    wide = {"title"}
    fieldsets = [
        (_("The risk"), ["title", "description", "category", "is_opportunity"]),
        (_("How bad"), _("Empty while nobody has analysed it."), ["probability", "impact"]),
        (_("What we do"), ["response", "owner", "response_plan", "review_on"]),
        (
            _("The control"),
            _("What keeps it from happening in operation, and when that was last shown to work."),
            ["control", "control_owner", "control_tested_on", "control_test_due"],
        ),
    ]

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("owner", "control_owner"):
            self.fields[name].queryset = people_of(product)
            self.fields[name].empty_label = _("Nobody yet")
        for name, low, high in (
            ("probability", _("rare"), _("almost certain")),
            ("impact", _("negligible"), _("severe")),
        ):
            words = {1: f"1 ({low})", 5: f"5 ({high})"}
            self.fields[name].widget = forms.Select(
                choices=[("", _("Not analysed")), *((score, words.get(score, score)) for score in range(1, 6))]
            )


class RiskNewForm(RiskFields, forms.ModelForm):
    """A new risk."""

    class Meta:
        model = Risk
        fields = FIELDS


class RiskForm(RiskFields, VersionedForm):
    """Edits a risk."""

    class Meta:
        model = Risk
        fields = FIELDS


class RiskCloseForm(forms.Form):
    """Why it leaves the register."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000)
    occurred = forms.BooleanField(required=False, label=_("It happened"))


class ControlTestForm(forms.Form):
    """The control was tried: whether it works, and what shows it."""

    result = forms.ChoiceField(label=_("Result"), choices=ControlTest.Result.choices, widget=forms.RadioSelect)
    evidence = forms.CharField(
        label=_("What was tried, what came of it"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000
    )
    on = forms.DateField(label=_("Tested"))
    next_due = forms.DateField(
        label=_("Next test"), required=False, help_text=_("Empty: after as long as between the last two.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())


class RiskIncidentForm(forms.Form):
    """An incident in which the risk showed itself."""

    incident = forms.ModelChoiceField(None, label=_("Incident"), empty_label=_("Choose"))

    def __init__(self, *args, risk, **kwargs):
        super().__init__(*args, **kwargs)
        linked = risk.incident_links.values("incident")
        self.fields["incident"].queryset = risk.product.incidents.exclude(pk__in=linked).order_by("-started_at")
