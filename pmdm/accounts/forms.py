"""Forms about people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.models import Department, Organisation, Skill, User
from pmdm.ui.forms import FilterForm


class PersonForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "email", "job_title", "department", "organisation", "site_role"]
        help_texts = {
            "email": _("They sign in with it."),
            "organisation": _("Only for people of a client. Leave empty for our own."),
            "site_role": _("Administrators and the PMO see every project and product. Others get a role on each."),
        }

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody has this e-mail address already."))
        return email

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("organisation") and cleaned.get("site_role"):
            self.add_error("site_role", _("A client can't have a site role: it would see other clients' work."))
        return cleaned


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "job_title", "department"]


class OrganisationForm(forms.ModelForm):
    class Meta:
        model = Organisation
        fields = ["name"]


class DepartmentForm(forms.ModelForm):
    class Meta:
        model = Department
        fields = ["name"]


class SkillForm(forms.ModelForm):
    class Meta:
        model = Skill
        fields = ["name"]


class PeopleFilter(FilterForm):
    STATES = [("", _("Active")), ("inactive", _("Deactivated")), ("all", _("All"))]

    q = forms.CharField(label=_("Name or e-mail"), required=False, max_length=200)
    organisation = forms.ModelChoiceField(
        Organisation.objects.all(), label=_("Client"), required=False, empty_label=_("All")
    )
    site_role = forms.ChoiceField(choices=[("", _("All")), *User.SITE_ROLES[1:]], label=_("Site role"), required=False)
    state = forms.ChoiceField(choices=STATES, label=_("State"), required=False)

    def filter(self, queryset):
        for word in self.words():
            queryset = queryset.filter(name__icontains=word) | queryset.filter(email__icontains=word)
        if organisation := self.cleaned_data["organisation"]:
            queryset = queryset.filter(organisation=organisation)
        if role := self.cleaned_data["site_role"]:
            queryset = queryset.filter(site_role=role)
        match self.cleaned_data["state"]:
            case "all":
                return queryset
            case "inactive":
                return queryset.filter(is_active=False)
            case _:
                return queryset.filter(is_active=True)
