from django import forms
from django.utils.translation import gettext_lazy as _

from projects.lifecycle.models import StatusUpdate


class UpdateForm(forms.ModelForm):
    overall = forms.ChoiceField(
        label=_("Overall"), choices=StatusUpdate.Light.choices, widget=forms.RadioSelect, initial="ok"
    )

    class Meta:
        model = StatusUpdate
        fields = ["text", "overall"]
        labels = {"text": _("How is it going?")}
        widgets = {"text": forms.Textarea(attrs={"rows": 4, "maxlength": 4000})}

    def clean_text(self):
        text = self.cleaned_data["text"].strip()
        if len(text) > 4000:
            raise forms.ValidationError(
                _("An update has at most 4,000 characters; this one has %(n)d.") % {"n": len(text)}
            )
        return text
