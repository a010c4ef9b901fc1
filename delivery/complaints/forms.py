"""Forms of complaints."""

from django import forms
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from delivery.complaints.models import Complaint
from delivery.issues import durations
from pmdm.registers.editing import VersionedForm
from pmdm.ui.forms import FilterForm

# What a figure of the page counts, and what the list shows for it.
SHOWS = {
    "open": Q(stands__in=("received", "acknowledged", "judged")),
    "unheard": Q(stands="received"),
    "late": Q(acknowledged_at__gt=F("acknowledge_due")),
    "in_time": Q(acknowledged_at__lte=F("acknowledge_due")),
    "waiting": Q(stands="remedied"),
    "confirmed": Q(stands="confirmed"),
    "refused": Q(refused__gt=0),
    "breach": Q(verdict="breach"),
    "misunderstanding": Q(verdict="misunderstanding"),
    "new_need": Q(verdict="new_need"),
}
NAMES = {
    "open": _("Open"),
    "unheard": _("Not acknowledged yet"),
    "late": _("Acknowledged late"),
    "in_time": _("Acknowledged in time"),
    "waiting": _("Waits for the customer"),
    "confirmed": _("Confirmed by the customer"),
    "refused": _("Refused at least once"),
    "breach": _("Breach"),
    "misunderstanding": _("Misunderstanding"),
    "new_need": _("New need"),
}


class ComplaintFilter(FilterForm):
    """Narrows the list of complaints."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    show = forms.ChoiceField(required=False, label=_("Show"), choices=[("", _("All")), *NAMES.items()])

    def filter(self, complaints):
        if show := self.cleaned_data["show"]:
            complaints = complaints.filter(SHOWS[show])
        for word in self.words():
            complaints = complaints.filter(issue__title__icontains=word)
        return complaints


class AcknowledgeForm(forms.Form):
    """What the customer reads first."""

    text = forms.CharField(
        label=_("To the customer"), widget=forms.Textarea(attrs={"rows": 3}), max_length=10000,
        help_text=_("That it is heard, who looks at it, until when. The customer reads it."),
    )  # fmt: skip


class JudgeForm(VersionedForm):
    """The complaint against the accepted scope."""

    wide = {"reasoning"}

    class Meta:
        model = Complaint
        fields = ["verdict", "requirement", "reasoning"]
        help_texts = {"reasoning": _("For ourselves: clients do not see it.")}

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["verdict"].required = True
        self.fields["verdict"].widget = forms.RadioSelect(choices=Complaint.Verdict.choices)
        self.fields["reasoning"].required = True
        self.fields["requirement"].queryset = product.requirements.accepted()
        self.fields["requirement"].empty_label = _("None of them")
        self.fields["requirement"].help_text = _("Only what was accepted can be breached.")

    def clean(self):
        data = super().clean()
        if data.get("verdict") == Complaint.Verdict.BREACH and not data.get("requirement"):
            self.add_error("requirement", _("A breach names the accepted requirement that is broken."))
        return data

    def _post_clean(self):
        """The verb saves the row; who judged it and when are missing here, so its constraints can't be checked yet."""
        self.instance = forms.models.construct_instance(self, self.instance, self._meta.fields)

    def judge(self, complaint, *, by) -> None:
        complaint.judge(by=by, **self.cleaned_data)


class RemedyForm(forms.Form):
    """How it is put right, and why it came to it."""

    text = forms.CharField(
        label=_("Remedy"), widget=forms.Textarea(attrs={"rows": 3}), max_length=10000,
        help_text=_("What was put right, or why nothing is owed. The customer reads it and has the word."),
    )  # fmt: skip
    cause = forms.CharField(
        label=_("Cause"), widget=forms.Textarea(attrs={"rows": 2}), max_length=10000, required=False,
        help_text=_("For ourselves: clients do not see it."),
    )  # fmt: skip


class WordForm(forms.Form):
    """The customer's word: content, or not and why."""

    text = forms.CharField(label=_("In their words"), widget=forms.Textarea(attrs={"rows": 3}), max_length=10000)

    def __init__(self, *args, customer, refusing=False, **kwargs):
        super().__init__(*args, **kwargs)
        own = self.fields["text"]
        own.required = refusing or not customer
        if not customer:
            own.label = _("Who of the customer said it, and how")


class TermsForm(forms.Form):
    """Within which service time complaints are acknowledged."""

    acknowledge = forms.CharField(
        label=_("Acknowledged within"), max_length=30, help_text=_("In service hours: 30m, 4h, 1d.")
    )

    def __init__(self, *args, per_day, **kwargs):
        super().__init__(*args, **kwargs)
        self.per_day = per_day

    def clean_acknowledge(self):
        text = self.cleaned_data["acknowledge"]
        try:
            return durations.parse(text, self.per_day)
        except durations.NotADuration:
            raise forms.ValidationError(_("“%s” is no time. Write 30m, 4h, 2d, 1w or 1d 4h.") % text) from None
