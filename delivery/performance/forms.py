"""Forms of performance: incidents, their end, alert sources."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.performance.alerts import signing
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
    scheme = forms.ChoiceField(
        label=_("Messages are signed"),
        required=False,
        choices=[("", _("Not: the address is enough")), *AlertSource.Scheme.choices],
        help_text=_("A signed message proves who sent it, even where its address was overheard."),
    )
    key = forms.CharField(
        label=_("Key of the tool"), required=False, max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "PagerDuty shows it when the webhook is made, Sentry calls it the client secret. Both may follow once the"
            " address is entered there. For the others we make the key."
        ),
    )  # fmt: skip

    def __init__(self, *args, product, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product

    def clean_name(self):
        name = self.cleaned_data["name"]
        if self.product.alert_sources.filter(name=name, revoked_at=None).exists():
            raise forms.ValidationError(_("There is one of this name already. Revoke it first, or take another name."))
        return name

    def clean(self):
        data = super().clean()
        kind, scheme = data.get("kind"), data.get("scheme")
        fits = AlertSource.SCHEME_OF.get(scheme)
        if kind and fits and kind != fits:
            words = {"tool": AlertSource.Kind(fits).label}
            self.add_error("scheme", _("Only %(tool)s signs so. Choose another way, or that tool.") % words)
        if data.get("key") and not (scheme in signing.SCHEMES and signing.SCHEMES[scheme].theirs):
            self.add_error("key", _("Only PagerDuty and Sentry make a key of their own; leave it empty."))
        return data


class AlertKeyForm(forms.Form):
    """The key that a tool made."""

    key = forms.CharField(
        label=_("Key of the tool"), max_length=200, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
