"""Forms of teams and hand-offs."""

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.issues.forms import people_of
from delivery.issues.teams.models import Team


class TeamForm(forms.Form):
    """The name and the people of a team."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("First line, second line, development …"))
    members = forms.ModelMultipleChoiceField(
        None,
        required=False,
        label=_("People"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("From those who work on issues of this product."),
    )
    wide = {"members"}

    def __init__(self, *args, product, team=None, **kwargs):
        if team:
            kwargs["initial"] = {"name": team.name, "members": list(team.members.values_list("pk", flat=True))}
        super().__init__(*args, **kwargs)
        self.product, self.team = product, team
        self.fields["members"].queryset = people_of(product)

    def clean_name(self):
        name = " ".join(self.cleaned_data["name"].split())
        others = self.product.teams.current().filter(name__iexact=name)
        if others.exclude(pk=self.team and self.team.pk).exists():
            raise forms.ValidationError(_("There is a team of this name already."))
        return name


class HandOffForm(forms.Form):
    """To which team, and why."""

    to = forms.ModelChoiceField(Team.objects.none(), label=_("To"), empty_label=_("Choose a team"))
    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000)

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = product.teams.current()


class DeclineForm(forms.Form):
    """Why the team does not take it."""

    answer = forms.CharField(
        label=_("Why your team does not take it"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5000
    )

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
