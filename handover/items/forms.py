"""Forms of the open items: which rows, and what becomes of them."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handover.items.models import OpenItem
from handover.transfer.actions import owners_of_conditions
from pmdm.accounts.roles import Permission
from pmdm.ui.forms import FilterForm
from projects.models import Project


class ItemFilter(FilterForm):
    q = forms.CharField(label=_("Search open items"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *OpenItem.Kind.choices])
    decision = forms.ChoiceField(
        label=_("Decision"),
        required=False,
        choices=[
            ("", _("All")),
            ("none", _("Undecided")),
            ("consent", _("Waiting for consent")),
            *OpenItem.Decision.choices,
        ],
    )

    def __init__(self, *args, receiver_id=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.receiver_id = receiver_id

    def filter(self, queryset):
        data = self.cleaned_data
        if data["kind"]:
            queryset = queryset.filter(kind=data["kind"])
        if data["decision"] == "none":
            queryset = queryset.filter(decision="")
        elif data["decision"] == "consent":
            queryset = queryset.filter(decision__in=("carry", "op_risk"), consented_at=None).exclude(
                new_owner=self.receiver_id
            )
        elif data["decision"]:
            queryset = queryset.filter(decision=data["decision"])
        for word in self.words():
            queryset = queryset.filter(
                Q(risk__title__icontains=word)
                | Q(issue__title__icontains=word)
                | Q(requirement__title__icontains=word)
                | Q(task__name__icontains=word)
                | Q(order__supplier__icontains=word)
                | Q(order__description__icontains=word)
            )
        return queryset


class DecisionForm(forms.Form):
    """What becomes of the chosen rows."""

    decision = forms.ChoiceField(label=_("Decision"))
    new_owner = forms.ModelChoiceField(label=_("New owner"), queryset=None, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, help_text=_("Needed unless it is carried over.")
    )
    control = forms.CharField(
        label=_("Control"),
        max_length=2000,
        required=False,
        help_text=_("For risks. Empty: the planned response of each."),
    )
    control_test_on = forms.DateField(
        label=_("Next test of the control"),
        required=False,
        widget=forms.DateInput,
        help_text=_("For risks. Empty: the next review of each."),
    )
    workaround = forms.CharField(
        label=_("Workaround"), max_length=2000, required=False, help_text=_("For known gaps: what users do meanwhile.")
    )
    follow_on = forms.ModelChoiceField(
        label=_("Follow-on project"), queryset=None, required=False, empty_label=_("None")
    )

    def __init__(self, *args, handover, user, **kwargs):
        # The filter above has a field of the same name: ids of its own keep each label with its control.
        super().__init__(*args, auto_id="decide_%s", **kwargs)
        self.fields["decision"].choices = [
            ("", _("Decide …")),
            *(one for one in OpenItem.Decision.choices if one[0] != "keep" or not handover.is_final),
        ]
        people = self.fields["new_owner"]
        people.queryset = owners_of_conditions(handover).exclude(pk=handover.receiver_id)
        people.empty_label = (
            _("%(name)s, who receives") % {"name": handover.receiver} if handover.receiver else _("Nobody yet")
        )
        self.fields["follow_on"].queryset = (
            Project.objects.open().allowing(user, Permission.RISK_EDIT).exclude(pk=handover.project_id)
        )
