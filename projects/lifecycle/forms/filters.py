"""Narrowing the list of projects."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.models import Organisation
from pmdm.prepared import PreparedFor
from pmdm.ui.forms import FilterForm
from projects.lifecycle.models import Phase, Project


@PreparedFor
def _clients_of_visible(reader):
    clients = Project.objects.visible_to(reader).order_by().values("client")
    return Organisation.objects.filter(pk__in=clients).order_by("name").values_list("pk", "name")


class ProjectFilter(FilterForm):
    q = forms.CharField(label=_("Name, code or client"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Open")), ("all", _("All")), *Project.State.choices],
    )
    phase = forms.ChoiceField(label=_("Phase"), required=False, choices=[("", _("Any")), *Phase.Kind.choices])
    client = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Client"), required=False, empty_label=_("Any")
    )

    def __init__(self, *args, visible, reader, **kwargs):
        super().__init__(*args, **kwargs)
        client = self.fields["client"]
        client.queryset = Organisation.objects.filter(pk__in=visible.values("client").order_by())
        client.choices = [("", client.empty_label), *_clients_of_visible(reader)]

    def filter(self, queryset):
        data = self.cleaned_data
        if not data["state"]:
            queryset = queryset.open()
        elif data["state"] != "all":
            queryset = queryset.filter(state=data["state"])
        if data["phase"]:
            queryset = queryset.filter(
                pk__in=Phase.objects.filter(kind=data["phase"], state="active").values("project")
            )
        if data["client"]:
            queryset = queryset.filter(client=data["client"])
        for word in self.words():
            queryset = queryset.filter(
                Q(name__icontains=word) | Q(code__icontains=word) | Q(client__name__icontains=word)
            )
        return queryset
