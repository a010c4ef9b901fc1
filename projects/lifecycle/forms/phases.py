"""Gates: planning one, its checklist, the decision."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import SITE_PERMISSIONS, Permission
from projects.lifecycle.models import ChecklistItem, GateDecision, Phase, Project


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
    done = forms.BooleanField(required=False, widget=forms.HiddenInput)


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=GateDecision.Decision.choices, widget=forms.RadioSelect)
    conditions = forms.CharField(
        label=_("Conditions"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One on each line; each becomes a required line of the next gate."),
    )
    note = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed for hold and stop. A stop cancels the project."),
    )
    # How many decisions stood on the page: a second decider sees who was first.
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
