"""Closing: a report, and a decision for each kind of thing that is still open."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ClosureForm(forms.Form):
    def __init__(self, *args, matters, **kwargs):
        super().__init__(*args, **kwargs)
        self.matters = matters
        for matter in matters:
            if matter.to_handover:
                self.fields[f"{matter.kind}_to_handover"] = forms.BooleanField(
                    label=_("They go to the handover and are decided there one by one"), required=False
                )
            self.fields[matter.kind] = forms.CharField(
                label=_("Why is it right to close with these?"),
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.fields["report"] = forms.CharField(
            label=_("End report"),
            required=False,
            max_length=10_000,
            widget=forms.Textarea(attrs={"rows": 5}),
            help_text=_("What was reached, what was not, what the next project should know."),
        )

    def sections(self):
        """(matter, its bound fields) for the template."""
        for matter in self.matters:
            names = [f"{matter.kind}_to_handover", matter.kind]
            yield matter, [self[name] for name in names if name in self.fields]

    def close(self, project, *, by):
        data = self.cleaned_data
        kinds = [matter.kind for matter in self.matters]
        return project.close(
            by=by,
            report=data["report"],
            decisions={kind: data[kind] for kind in kinds},
            handed_over={kind for kind in kinds if data.get(f"{kind}_to_handover")},
        )
