"""Forms of major incidents: declare, update, correct, duties, changes of state; the review and its actions."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.incidents.models import LONGEST, SHORTEST, MajorIncident
from delivery.incidents.review.models import IncidentReview, ReviewAction
from delivery.issues.forms import people_of
from pmdm.registers.editing import VersionedForm
from pmdm.ui.forms import FilterForm


class IncidentFilter(FilterForm):
    """Narrows the list of major incidents."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(
        required=False, label=_("State"), choices=[("", _("All")), ("open", _("Led now")), *MajorIncident.State.choices]
    )

    def __init__(self, *args, internal, **kwargs):
        super().__init__(*args, **kwargs)
        self.internal = internal

    def filter(self, incidents):
        state = self.cleaned_data["state"]
        if state == "open":
            incidents = incidents.open()
        elif state:
            incidents = incidents.filter(state=state)
        for word in self.words():
            incidents = incidents.filter(**{f"{'title' if self.internal else 'headline'}__icontains": word})
        return incidents


class _Then(forms.Form):
    """When it happened, where that was not just now."""

    happened_at = forms.DateTimeField(label=_("When it was"), required=False, help_text=_("In UTC. Empty: now."))


def cadence_field(**more) -> forms.IntegerField:
    """How often clients hear, within what the record takes."""
    words = _("Between 5 minutes and a day.")
    return forms.IntegerField(
        label=_("Minutes between updates"), min_value=SHORTEST, max_value=LONGEST, help_text=words, **more
    )


class DeclareForm(forms.ModelForm):
    """A major incident on an issue, or on a new one."""

    wide = {"title", "headline"}
    fieldsets = [
        ("", ["issue", "title", "headline", "is_for_all", "detected_at"]),
        (_("Who leads"), ["commander", "communications", "operations"]),
        (_("When clients hear"), ["cadence"]),
    ]

    class Meta:
        model = MajorIncident
        fields = [
            "issue", "title", "headline", "is_for_all", "detected_at", "commander", "communications", "operations",
            "cadence",
        ]  # fmt: skip
        help_texts = {"detected_at": _("In UTC. Empty: when the issue was reported."), "is_for_all": _(
            "Otherwise only the issue's own client reads of it."
        )}  # fmt: skip

    def __init__(self, *args, product, issue=None, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        own = self.fields["issue"]
        own.queryset = product.issues.open().order_by("severity", "-number")
        own.required, own.empty_label = False, _("A new one is reported")
        self.fields["detected_at"].required = False
        self.fields["cadence"] = cadence_field(initial=self.fields["cadence"].initial)
        self.fields["title"].required = False
        self.fields["title"].help_text = _("Empty: that of the issue.")
        for duty in MajorIncident.Duty:
            self.fields[duty.value].queryset = people_of(product)
            self.fields[duty.value].empty_label = _("Nobody yet")
        self.fields["commander"].empty_label = None
        self.initial.setdefault("commander", by.pk)
        if issue is not None:
            self.initial |= {"issue": issue.pk, "title": issue.title, "is_for_all": issue.organisation_id is None}

    def clean(self):
        data = super().clean()
        issue = data.get("issue")
        if not data.get("title"):
            if issue is None:
                self.add_error("title", _("Say what is wrong, or choose the issue."))
            else:
                data["title"] = issue.title
        detected = data.get("detected_at")
        if detected and detected > timezone.now():
            self.add_error("detected_at", _("This is in the future."))
        return data

    def declare(self, *, by) -> MajorIncident:
        return MajorIncident.declare(self.product, by=by, **self.cleaned_data)


class NoteForm(_Then):
    """A word on the timeline."""

    text = forms.CharField(label=_("What is known"), widget=forms.Textarea(attrs={"rows": 3}), max_length=10000)
    is_public = forms.ChoiceField(
        label=_("Who reads it"),
        choices=[("no", _("Only us")), ("yes", _("Clients too: an update"))],
        widget=forms.RadioSelect,
        initial="no",
    )
    field_order = ["text", "is_public", "happened_at"]

    def clean_is_public(self):
        return self.cleaned_data["is_public"] == "yes"


class StepForm(_Then):
    """What a change of state asks for."""

    text = forms.CharField(label=_("What is said"), widget=forms.Textarea(attrs={"rows": 3}), max_length=10000)
    field_order = ["text", "happened_at"]


class CorrectionForm(forms.Form):
    """How it really was."""

    text = forms.CharField(label=_("How it really was"), widget=forms.Textarea(attrs={"rows": 3}), max_length=10000)


class LeadForm(forms.Form):
    """Who has which duty, and how often clients hear."""

    cadence = cadence_field()

    def __init__(self, *args, incident, **kwargs):
        duties = {duty.value: getattr(incident, f"{duty.value}_id") for duty in MajorIncident.Duty}
        super().__init__(*args, initial={**duties, "cadence": incident.cadence}, **kwargs)
        self.incident = incident
        for duty in MajorIncident.Duty:
            self.fields[duty.value] = forms.ModelChoiceField(
                people_of(incident.product), label=duty.label, required=duty == MajorIncident.Duty.COMMANDER,
                empty_label=None if duty == MajorIncident.Duty.COMMANDER else _("Nobody yet"),
            )  # fmt: skip
        if not incident.owes_updates:
            del self.fields["cadence"]
        self.order_fields([*(duty.value for duty in MajorIncident.Duty), "cadence"])

    def save(self, *, by) -> None:
        duties = {duty.value: self.cleaned_data[duty.value] for duty in MajorIncident.Duty}
        self.incident.lead(duties, cadence=self.cleaned_data.get("cadence"), by=by)


class ReviewForm(VersionedForm):
    """The review's own words; times and timeline come from the incident."""

    wide = {"summary", "causes", "went_well"}

    class Meta:
        model = IncidentReview
        fields = ["summary", "causes", "went_well", "requirements"]
        widgets = {"requirements": forms.CheckboxSelectMultiple}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["requirements"].queryset = self.instance.product.requirements.all()

    def revise(self, *, by) -> None:
        self.instance.revise(
            ["summary", "causes", "went_well"], by=by, version=self.cleaned_data["version"],
            requirements=self.cleaned_data["requirements"],
        )  # fmt: skip


class ActionForm(forms.ModelForm):
    """Something to be done: what, who, until when."""

    wide = {"text"}

    class Meta:
        model = ReviewAction
        fields = ["text", "owner", "due"]

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_of(product)


class ActionMoveForm(VersionedForm):
    """Another owner or day."""

    class Meta:
        model = ReviewAction
        fields = ["owner", "due"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people_of(self.instance.product)

    def move(self, *, by) -> None:
        data = self.cleaned_data
        self.instance.move_to(owner=data["owner"], due=data["due"], by=by, version=data["version"])


class ActionDoneForm(forms.Form):
    """What came of it."""

    outcome = forms.CharField(label=_("What came of it"), widget=forms.Textarea(attrs={"rows": 2}), max_length=5000)
    dropped = forms.BooleanField(required=False, label=_("It is dropped: not done, and that is right"))
