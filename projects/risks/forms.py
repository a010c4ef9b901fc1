from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pmdm.activity.asof import AsOfFilter
from pmdm.registers.editing import VersionedForm
from projects.lifecycle.forms.people import members_of
from projects.risks.models import Issue, Risk


def _score(label, help_text="", *, empty="–"):
    choices = [("", empty), *((score, str(score)) for score in range(1, 6))]
    return forms.TypedChoiceField(
        label=label, choices=choices, coerce=int, empty_value=None, required=False, help_text=help_text
    )


class RegisterFilter(AsOfFilter):
    """Words, a number such as R-14, an owner: what both registers filter by."""

    PREFIX = ""
    q = forms.CharField(label=_("Number or words"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False)
    owner = forms.ModelChoiceField(None, label=_("Owner"), required=False, empty_label=_("Anybody"))

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = members_of(project)

    def filter(self, queryset):
        data = self.cleaned_data
        if not data["state"]:
            queryset = queryset.open()
        elif data["state"] != "all":
            queryset = queryset.filter(state=data["state"])
        if data["owner"]:
            queryset = queryset.filter(owner=data["owner"])
        for word in self.words():
            match = Q(title__icontains=word) | Q(description__icontains=word)
            digits = word.upper().removeprefix(f"{self.PREFIX}-")
            if digits.isdecimal() and len(digits) < 9:
                match |= Q(number=int(digits))
            queryset = queryset.filter(match)
        return queryset


class RiskFilter(RegisterFilter):
    PREFIX = "R"
    probability = _score(_("Probability"), empty=_("Any"))
    impact = _score(_("Impact"), empty=_("Any"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [
            ("", _("Open")),
            ("all", _("All")),
            ("occurred", _("Occurred")),
            ("closed", _("Closed")),
        ]

    def filter(self, queryset):
        queryset = super().filter(queryset)
        for name in ("probability", "impact"):
            if self.cleaned_data[name]:
                queryset = queryset.filter(**{name: self.cleaned_data[name]})
        return queryset


class IssueFilter(RegisterFilter):
    PREFIX = "ISS"
    severity = forms.TypedChoiceField(
        label=_("Severity"),
        choices=[("", _("Any")), *Issue.Severity.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("Open")), ("all", _("All")), *Issue.State.choices[1:]]

    def filter(self, queryset):
        queryset = super().filter(queryset)
        if self.cleaned_data["severity"]:
            queryset = queryset.filter(severity=self.cleaned_data["severity"])
        return queryset


RISK_FIELDS = [
    "title",
    "description",
    "category",
    "is_opportunity",
    "probability",
    "impact",
    "exposure",
    "response",
    "response_plan",
    "owner",
    "review_on",
]


class RiskFields(forms.ModelForm):
    probability = _score(_("Probability"), _("1 rare, 5 almost certain."))
    impact = _score(_("Impact"), _("1 negligible, 5 severe: the worst of cost, time, quality, safety."))
    wide = ("title",)
    fieldsets = [
        (_("What could happen"), ["title", "description", "category", "is_opportunity"]),
        (_("How likely, how bad"), ["probability", "impact", "exposure"]),
        (_("What is done about it"), ["response", "response_plan", "owner", "review_on"]),
    ]

    def __init__(self, *args, project, with_cost: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = members_of(project)  # type: ignore[attr-defined]
        if with_cost:
            self.fields["exposure"].widget.attrs["data-unit"] = project.currency
        else:
            del self.fields["exposure"]  # Money is a permission of its own; what is there stays as it is.
        self.fields["is_opportunity"].label = _("This is an opportunity, not a threat")


class RiskForm(RiskFields):
    class Meta:
        model = Risk
        fields = RISK_FIELDS


class RiskEditForm(RiskFields, VersionedForm):
    class Meta:
        model = Risk
        fields = RISK_FIELDS


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is over"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the risk, which leaves the exposure and the matrix."),
    )


class OccurrenceForm(forms.Form):
    note = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Added to the issue; title, description, response and owner come from the risk."),
    )


ISSUE_FIELDS = ["title", "description", "severity", "area", "owner", "due"]


class IssueFields(forms.ModelForm):
    wide = ("title",)

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = members_of(project)


class IssueForm(IssueFields):
    class Meta:
        model = Issue
        fields = ISSUE_FIELDS


class IssueEditForm(IssueFields, VersionedForm):
    class Meta:
        model = Issue
        fields = ISSUE_FIELDS


class ResolutionForm(forms.Form):
    resolution = forms.CharField(label=_("Resolution"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
