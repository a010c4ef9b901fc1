"""Forms of canned answers and checklists."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.issues.aids import placeholders
from delivery.issues.aids.models import CannedAnswer, ChecklistTemplate
from delivery.issues.models import Issue

KNOWN = ", ".join(f"{{{name}}}" for name in placeholders.NAMES)


class AnswerForm(forms.Form):
    """An answer: its name, its text, whose it is."""

    name = forms.CharField(label=_("Name"), max_length=80)
    text = forms.CharField(
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=20000,
        help_text=_("Filled in for each issue:") + f" {KNOWN}",
    )
    is_shared = forms.BooleanField(required=False, label=_("For everybody who works on this product"))

    def __init__(self, *args, product, may_share, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        if not may_share:
            del self.fields["is_shared"]

    def keep(self, *, by) -> CannedAnswer:
        data = self.cleaned_data
        shared = self.product if data.get("is_shared") else None
        return CannedAnswer.keep(by=by, name=data["name"], text=data["text"], product=shared)


class ChecklistForm(forms.Form):
    """A template: one step a line."""

    name = forms.CharField(label=_("Name"), max_length=80)
    type = forms.ChoiceField(
        label=_("For issues of type"), required=False, choices=[("", _("Any")), *Issue.Type.choices]
    )
    lines = forms.CharField(
        label=_("Steps"), widget=forms.Textarea(attrs={"rows": 6}), max_length=10000, help_text=_("One a line.")
    )
    is_automatic = forms.BooleanField(required=False, label=_("Put it on each new issue of this type"))

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_name(self):
        name = self.cleaned_data["name"]
        if self.product.checklist_templates.filter(name=name).exists():
            raise forms.ValidationError(_("There is a checklist of this name already."))
        return name

    def clean_lines(self):
        lines = [line.strip() for line in self.cleaned_data["lines"].splitlines() if line.strip()]
        for number, line in enumerate(lines, start=1):
            if len(line) > 250:
                raise forms.ValidationError(_("Step %(number)s has more than 250 letters.") % {"number": number})
        return lines

    def keep(self) -> ChecklistTemplate:
        return ChecklistTemplate.objects.create(product=self.product, **self.cleaned_data)
