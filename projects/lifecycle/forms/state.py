from django import forms
from django.utils.translation import gettext_lazy as _

LABELS = {
    "pause": _("Pause: work stops for a while"),
    "resume": _("Resume: work goes on"),
    "reopen": _("Reopen: the project can be changed again"),
}


class StateForm(forms.Form):
    move = forms.ChoiceField(label=_("What happens"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with the project."),
    )

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.project = project
        # All moves are accepted here: the verb says what a move that no longer fits would need.
        self.fields["move"].choices = [
            (move, label) for move, label in LABELS.items() if self.is_bound or project.may_move(move)
        ]
        if len(self.fields["move"].choices) == 1:
            self.initial["move"] = self.fields["move"].choices[0][0]

    def save(self, *, by):
        verbs = {
            "pause": self.project.pause,
            "resume": self.project.resume,
            "reopen": self.project.reopen,
        }
        return verbs[self.cleaned_data["move"]](by=by, reason=self.cleaned_data["reason"])
