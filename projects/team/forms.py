"""Forms of the team page."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import PROJECT_PERMISSIONS, PROJECT_ROLES, ROLE_NAMES, Permission
from projects.budget.models import Rate, RoleRate
from projects.team.models import Membership


class JoinForm(forms.Form):
    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), empty_label=_("Choose a person"))
    role = forms.ChoiceField(label=_("Role"), choices=Membership.ROLES, initial="member")

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, organisation=None)
        if project.client_id:
            # Of clients only those of this project's client: nobody learns who else is one.
            people |= User.objects.filter(is_active=True, organisation=project.client_id)
        self.fields["user"].queryset = people.order_by("name")


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Membership.ROLES)


class RateForm(forms.ModelForm):
    class Meta:
        model = Rate
        fields = ["user", "hourly", "valid_from"]
        labels = {"user": _("Person"), "hourly": _("Rate per hour"), "valid_from": _("Valid from")}

    def __init__(self, *args, project, **kwargs):
        # It stands beside the form that adds people: the same ids would give one field two labels, the other none.
        super().__init__(*args, auto_id="rate-%s", **kwargs)
        self.fields["user"].queryset = User.objects.filter(project_memberships__project=project).distinct()
        self.fields["user"].empty_label = _("Choose a person")
        self.fields["hourly"].widget.attrs["data-unit"] = project.currency
        self.fields["valid_from"].initial = timezone.localdate

    def validate_unique(self):
        """A rate for the same day replaces the one before: the verb decides."""


class RoleRateForm(forms.ModelForm):
    class Meta:
        model = RoleRate
        fields = ["role", "hourly", "valid_from"]
        labels = {"hourly": _("Rate per hour"), "valid_from": _("Valid from")}

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, auto_id="role-rate-%s", **kwargs)
        # Of those who book time.
        books = [role for role in PROJECT_ROLES if Permission.TIME_BOOK in PROJECT_PERMISSIONS[role]]
        self.fields["role"].choices = [(role.value, ROLE_NAMES[role]) for role in books]
        self.fields["hourly"].widget.attrs["data-unit"] = project.currency
        self.fields["valid_from"].initial = timezone.localdate

    def validate_constraints(self):
        """The verb ends the rate before and keeps to the one after."""


class ResourceForm(forms.Form):
    """Who of our people a resource of the plan is."""

    user = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), required=False)

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = User.objects.filter(project_memberships__project=project).distinct()
        self.fields["user"].empty_label = _("Nobody of ours")
