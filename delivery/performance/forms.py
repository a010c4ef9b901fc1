"""Forms of performance: incidents, their end, alert sources."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.performance.models import AlertDelivery, AlertSource, Incident
from pmdm.registers.editing import VersionedForm
from pmdm.ui.forms import FilterForm

SERVER_TIME = _("In UTC.")


class IncidentFilter(FilterForm):
    """Narrows the list of incidents."""

    q = forms.CharField(required=False, label=_("Search"), max_length=200)
    state = forms.ChoiceField(
        required=False,
        label=_("State"),
        choices=[("", _("All")), ("open", _("Going on")), ("ended", _("Over"))],
    )
    outage = forms.BooleanField(required=False, label=_("Downtime only"))

    def filter(self, incidents):
        if self.cleaned_data["state"] == "open":
            incidents = incidents.open()
        elif self.cleaned_data["state"] == "ended":
            incidents = incidents.exclude(ended_at=None)
        if self.cleaned_data["outage"]:
            incidents = incidents.outages()
        for word in self.words():
            incidents = incidents.filter(title__icontains=word)
        return incidents


class _Times:
    def clean(self):
        data = super().clean()
        started, ended, now = data.get("started_at"), data.get("ended_at"), timezone.now()
        if started and started > now:
            self.add_error("started_at", _("An incident has begun: now or earlier."))
        if ended and ended > now:
            self.add_error("ended_at", _("This is in the future; leave it empty while it goes on."))
        if started and ended and ended < started:
            self.add_error("ended_at", _("It cannot end before it began."))
        return data


class IncidentNewForm(_Times, forms.ModelForm):
    """An incident that no tool reported."""

    wide = {"title"}

    class Meta:
        model = Incident
        fields = ["title", "started_at", "ended_at", "is_outage", "description"]
        help_texts = {"started_at": SERVER_TIME, "ended_at": _("Empty while it goes on.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["started_at"].initial = timezone.now().replace(second=0, microsecond=0)


class IncidentForm(_Times, VersionedForm):
    """Corrects an incident: times, whether it was downtime, what it was."""

    wide = {"title"}

    class Meta:
        model = Incident
        fields = ["title", "started_at", "ended_at", "is_outage", "description", "cause"]
        help_texts = {"started_at": SERVER_TIME, "ended_at": _("Empty while it goes on.")}


class DeliveryFilter(FilterForm):
    """Narrows the log of messages."""

    source = forms.ModelChoiceField(AlertSource.objects.none(), required=False, label=_("Tool"), empty_label=_("All"))
    state = forms.ChoiceField(required=False, label=_("State"), choices=[("", _("All")), *AlertDelivery.State.choices])

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = product.alert_sources.all()

    def filter(self, deliveries):
        for name in ("source", "state"):
            if value := self.cleaned_data[name]:
                deliveries = deliveries.filter(**{name: value})
        return deliveries


class AlertSourceForm(forms.Form):
    """A monitoring tool to be connected."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("So that you find it again: “Alertmanager Frankfurt”.")
    )
    kind = forms.ChoiceField(label=_("Tool"), choices=AlertSource.Kind.choices)
    is_signed = forms.BooleanField(
        label=_("Each message must be signed"),
        required=False,
        help_text=_("For scripts and gateways of your own: HMAC-SHA256 with a time, so that nobody can send it again."),
    )

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_name(self):
        name = self.cleaned_data["name"]
        if self.product.alert_sources.filter(name=name, revoked_at=None).exists():
            raise forms.ValidationError(_("There is one of this name already. Revoke it first, or take another name."))
        return name
