"""Forms of decommissioning."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pmdm.files.forms import AttachmentField


class BeginForm(forms.Form):
    """Why, and until when."""

    planned_on = forms.DateField(label=_("Planned last day"))
    reason = forms.CharField(
        label=_("Why it is taken out of service"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000
    )
    wide = {"reason"}


class StepForm(forms.Form):
    """What shows that a step is done."""

    evidence = forms.CharField(
        label=_("What shows that it is done"), widget=forms.Textarea(attrs={"rows": 2}), max_length=5000
    )
    file = AttachmentField()


class OwnerForm(forms.Form):
    person = forms.ModelChoiceField(None, label=_("Who does it"))

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people


class CallOffForm(forms.Form):
    reason = forms.CharField(label=_("Why it is called off"), max_length=2000)
