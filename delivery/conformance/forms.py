"""Forms of conformance: the list's filter, a check."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.conformance.models import Requirement
from pmdm.ui.forms import FilterForm


class RequirementFilter(FilterForm):
    """Narrows the list of requirements."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    conformance = forms.ChoiceField(
        required=False,
        label=_("Conformance"),
        choices=[("", _("All")), *Requirement.Conformance.choices, ("recheck", _("Needs a re-check"))],
    )

    def filter(self, requirements):
        conformance = self.cleaned_data["conformance"]
        if conformance == "recheck":
            requirements = requirements.filter(needs_recheck=True)
        elif conformance:
            requirements = requirements.filter(conformance=conformance, is_accepted=True)
        return requirements.searching(self.words())


class CheckForm(forms.Form):
    """Somebody looked: what they found and how one can see it."""

    wide = {"evidence"}

    result = forms.ChoiceField(
        label=_("Result"), choices=[c for c in Requirement.Conformance.choices if c[0] != "unknown"]
    )
    evidence = forms.CharField(
        label=_("Evidence"),
        max_length=500,
        help_text=_("A test run, a document, a link: what shows it to somebody else."),
    )
