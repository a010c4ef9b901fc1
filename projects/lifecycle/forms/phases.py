"""Gates: planning one, its checklist, the decision."""

from django import forms
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import SITE_PERMISSIONS, Permission
from pmdm.files.forms import AttachmentField
from projects.lifecycle.conditions import LONGEST, Wanted
from projects.lifecycle.forms.people import members_of
from projects.lifecycle.models import ChecklistItem, GateDecision, Phase, Project

# Rows of conditions: empty ones offered, and the most of one decision.
EMPTY_ROWS, MOST = 2, 20


class GatePlanForm(forms.ModelForm):
    class Meta:
        model = Phase
        fields = ["gate_due", "approver"]
        help_texts = {"approver": _("Empty: the sponsor decides.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        roles = [role for role, held in Project.ROLE_PERMISSIONS.items() if Permission.GATE_DECIDE in held]
        site_roles = [role for role, held in SITE_PERMISSIONS.items() if Permission.GATE_DECIDE in held]
        people = User.objects.filter(is_active=True)
        self.fields["approver"].queryset = people.filter(
            pk__in=self.instance.project.memberships.filter(role__in=roles).values("user")
        ) | people.filter(site_role__in=site_roles)


class LineForm(forms.ModelForm):
    class Meta:
        model = ChecklistItem
        fields = ["text", "required"]
        widgets = {"text": forms.TextInput(attrs={"placeholder": _("Another line that this gate asks for")})}


class TickForm(forms.Form):
    evidence = forms.CharField(
        label=_("Evidence"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": _("What shows it? A document, a link, a date")}),
    )
    upload = AttachmentField(label=_("File"))
    done = forms.BooleanField(required=False, widget=forms.HiddenInput)


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=GateDecision.Decision.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed for hold and stop. A stop cancels the project."),
    )
    # How many decisions stood on the page: a second decider sees who was first.
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ConditionForm(forms.Form):
    """One condition; a row that is left empty counts as none."""

    text = forms.CharField(
        label=_("Condition"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"placeholder": _("What must be done before the next gate")}),
    )
    owner = forms.ModelChoiceField(label=_("Owner"), queryset=None, empty_label=_("Who does it?"))
    due = forms.DateField(label=_("Due"), widget=forms.DateInput(attrs={"type": "date"}))

    wide = ("text",)

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = members_of(project)
        for field in self.fields.values():
            field.widget.is_required = False


class ConditionRows(forms.BaseFormSet):
    """The conditions of one decision; ``wanted()`` after a check."""

    def wanted(self) -> list[Wanted]:
        return [Wanted(**form.cleaned_data) for form in self.forms if form.has_changed()]


def condition_rows(project, data=None, *, typed=()):
    """The rows of the decision form; with ``data``, as many as were sent. ``typed``: what stands in the first."""
    kind = forms.formset_factory(ConditionForm, ConditionRows, extra=EMPTY_ROWS, max_num=MOST, absolute_max=MOST)
    if data is not None and f"condition-{TOTAL_FORM_COUNT}" not in data:
        data = {**data.dict(), f"condition-{TOTAL_FORM_COUNT}": 0, f"condition-{INITIAL_FORM_COUNT}": 0}
    initial = list(typed)
    return kind(data, prefix="condition", initial=initial or None, form_kwargs={"project": project})
