"""The charter: what the project is for, by when, for how much, and who answers for it."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pmdm.registers.editing import VersionedForm
from projects.lifecycle.forms.people import PersonField
from projects.lifecycle.models import Project
from projects.types.forms import TypeField, template_of

CHARTER = [
    "name",
    "goal",
    "client",
    "department",
    "programme",
    "target_start",
    "target_finish",
    "approved_budget",
    "currency",
]
_CURRENCY = re.compile(r"[A-Z]{3}")


class CharterFields:
    """What creating and editing check alike."""

    cleaned_data: dict

    def clean_currency(self):
        currency = self.cleaned_data["currency"].strip().upper()
        if not _CURRENCY.fullmatch(currency):
            raise ValidationError(_("A currency has three letters, such as EUR or USD."))
        project = getattr(self, "instance", None)
        before = project.currency_kept if isinstance(project, Project) and project.pk else ""
        if before and currency != before:
            raise ValidationError(
                _("Money of this project is kept in %(currency)s already: budget lines, expenses, orders or reserves.")
                % {"currency": before}
            )
        return currency

    def clean_programme(self):
        """One spelling for all projects of a programme: that of the first."""
        name = " ".join(self.cleaned_data["programme"].split())
        known = Project.objects.filter(programme__iexact=name).order_by("pk").values_list("programme", flat=True)
        return (known.first() or name) if name else ""

    def clean_target_finish(self):
        start, finish = self.cleaned_data.get("target_start"), self.cleaned_data["target_finish"]
        if start and finish and finish < start:
            raise ValidationError(_("The target finish must not lie before the target start."))
        return finish


class ProjectForm(CharterFields, forms.ModelForm):
    manager = PersonField(required=True, label=_("Project manager"))
    sponsor = PersonField(
        label=_("Sponsor"), help_text=_("Decides at the gates. Must be somebody else than the manager.")
    )
    delivery_manager = PersonField(
        label=_("Delivery manager"),
        help_text=_("Takes over at handover; can be named later, before planning ends."),
    )

    type = TypeField(
        help_text=_("Its template says which phases, gates, tasks, roles and risks the project begins with.")
    )
    with_plan = forms.BooleanField(
        label=_("Make the tasks of the template"),
        required=False,
        initial=True,
        help_text=_("Leave it out when a plan is imported or drawn anew."),
    )

    fieldsets = [
        (_("What and why"), ["name", "code", "goal", "client", "department", "programme"]),
        (_("Template"), ["type", "with_plan"]),
        (_("Time and money"), ["target_start", "target_finish", "approved_budget", "currency"]),
        (_("Who"), ["manager", "sponsor", "delivery_manager"]),
    ]
    wide = ("goal",)

    class Meta:
        model = Project
        fields = ["code", *CHARTER]

    def __init__(self, *args, user, **kwargs):
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {
            "code": Project.suggest_code(),
            "manager": None if user.site_role else user.pk,
            **kwargs["initial"],
        }
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("Short and final: it stands in every address and number.")

    def clean_code(self):
        code = self.cleaned_data["code"]
        if Project.objects.filter(code=code).exists():
            raise ValidationError(
                _("%(code)s is taken. %(free)s is free.") % {"code": code, "free": Project.suggest_code()}
            )
        return code

    def clean(self):
        super().clean()
        data = self.cleaned_data
        for name in ("sponsor", "delivery_manager"):
            if data.get(name) and data[name] == data.get("manager"):
                self.add_error(name, _("The manager cannot hold this role too: name somebody else."))
        return data

    def initiate(self, *, by) -> Project:
        charter = {name: value for name, value in self.cleaned_data.items() if name not in ("type", "with_plan")}
        return Project.initiate(by=by, **template_of(self.cleaned_data), **charter)


class CharterForm(CharterFields, VersionedForm):
    fieldsets = [
        (_("What and why"), ["name", "goal", "client", "department", "programme"]),
        (_("Time and money"), ["target_start", "target_finish", "approved_budget", "currency"]),
    ]
    wide = ("name", "goal")

    class Meta:
        model = Project
        fields = CHARTER
