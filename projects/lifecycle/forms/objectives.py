from django import forms
from django.utils.translation import gettext_lazy as _

from projects.lifecycle.models import Objective


class ObjectiveForm(forms.ModelForm):
    wide = ("statement", "measure")

    class Meta:
        model = Objective
        fields = ["statement", "measure", "unit", "baseline_value", "target_value", "higher_is_better"]
        help_texts = {
            "statement": _("What will be better, for whom: “Claims are settled faster”."),
            "measure": _("How it is measured: “Median days from report to decision”."),
        }


class MeasurementForm(forms.ModelForm):
    class Meta:
        model = Objective
        fields = ["actual_value", "measured_on"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True
