"""What narrows the heat map."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.models import Department, Skill
from pmdm.ui.forms import FilterForm
from projects.lifecycle.models import Project


class LoadFilter(FilterForm):
    """Filter of the map across projects; every list holds only what the reader may see."""

    project = forms.ModelChoiceField(Project.objects.none(), label=_("Project"), required=False, empty_label=_("All"))
    skill = forms.ModelChoiceField(Skill.objects.all(), label=_("Skill"), required=False, empty_label=_("All"))
    department = forms.ModelChoiceField(
        Department.objects.all(), label=_("Department"), required=False, empty_label=_("All")
    )
    weeks = forms.TypedChoiceField(
        label=_("Weeks"), choices=[(12, "12"), (26, "26"), (52, "52")], coerce=int, required=False, empty_value=None
    )
    over = forms.BooleanField(label=_("Only over 100 %"), required=False)
    week = forms.DateField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, projects=None, **kwargs):
        super().__init__(*args, **kwargs)
        if projects is None:
            del self.fields["project"]
        else:
            self.fields["project"].queryset = Project.objects.filter(pk__in=projects).order_by("name")
