"""Forms of runbooks. Steps are typed as text: a title on a line, the instruction below, an empty line between two."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.issues.forms import people_of
from delivery.runbooks.models import MOST_STEPS, RunEntry


def steps_of(text: str) -> list[tuple[str, str]]:
    """(title, instruction) of each paragraph; a number in front of a title is left away."""
    steps = []
    for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip()):
        title, _newline, instruction = part.strip().partition("\n")
        title = re.sub(r"^\d{1,3}[.)]\s*", "", title.strip())
        if title:
            steps.append((title, instruction.strip()))
    return steps


def text_of(steps) -> str:
    """The way back, for editing."""
    return "\n\n".join(f"{step.title}\n{step.instruction}".strip() for step in steps)


class _Steps(forms.Form):
    summary = forms.CharField(
        label=_("When it is used"), required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=5000
    )
    steps = forms.CharField(
        label=_("Steps"),
        widget=forms.Textarea(attrs={"rows": 14}),
        max_length=60_000,
        help_text=_("A title on a line, the instruction below it. An empty line begins the next step."),
    )

    def clean_steps(self):
        steps = steps_of(self.cleaned_data["steps"])
        if not steps or len(steps) > MOST_STEPS:
            raise forms.ValidationError(_("A runbook has from 1 to %s steps.") % MOST_STEPS)
        if long := next((title for title, _text in steps if len(title) > 200), None):
            raise forms.ValidationError(_("A title has at most 200 letters: “%s…”.") % long[:60])
        return steps


class RunbookNewForm(_Steps):
    title = forms.CharField(label=_("Title"), max_length=200)
    owner = forms.ModelChoiceField(None, label=_("Who keeps it right"), required=False, empty_label=_("Who writes it"))
    field_order = ["title", "owner", "summary", "steps"]
    wide = {"title"}

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        self.fields["owner"].queryset = people_of(product)

    def clean_title(self):
        title = self.cleaned_data["title"].strip()
        if self.product.runbooks.filter(title=title).exists():
            raise forms.ValidationError(_("There is a runbook of this title already."))
        return title


class RunbookEditForm(_Steps):
    note = forms.CharField(label=_("What is different"), max_length=1000)
    version = forms.IntegerField(widget=forms.HiddenInput)
    instance = None  # for the page of a conflict

    def __init__(self, *args, runbook, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance = runbook
        self.initial |= {
            "summary": runbook.summary,
            "steps": text_of(runbook.latest.steps.all()),
            "version": runbook.version,
        }

    def clean(self):
        # What the page of a conflict shows as mine.
        self.instance.summary = self.cleaned_data.get("summary", "")
        return self.cleaned_data


class StartForm(forms.Form):
    reason = forms.CharField(label=_("Why"), required=False, max_length=300)
    issue = forms.ModelChoiceField(None, label=_("For issue"), required=False, empty_label=_("None"))

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["issue"].queryset = product.issues.open().order_by("-number")


class EntryForm(forms.Form):
    result = forms.ChoiceField(label=_("Result"), choices=RunEntry.Result.choices)
    note = forms.CharField(label=_("Note"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))
