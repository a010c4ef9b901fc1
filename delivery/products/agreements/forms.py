"""Forms of contracts; the value is asked of those only who may see cost."""

import re

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.products.agreements.models import ALERT_DAYS, Agreement
from delivery.products.models import Membership
from pmdm.accounts.models import User
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import VersionedForm

FACTS = ["title", "kind", "side", "party", "reference", "contact", "owner", "starts_on", "ends_on", "notice_on",
         "value", "currency", "alert_days", "note"]  # fmt: skip


class _Agreement:
    wide = {"title", "contact"}
    fieldsets = [
        (_("What was agreed"), ["title", "kind", "side", "party", "reference", "contact", "owner"]),
        (_("From when to when"), ["starts_on", "ends_on", "notice_on", "alert_days"]),
        (_("What it is worth"), ["value", "currency"]),
    ]

    def __init__(self, *args, product, can, **kwargs):
        super().__init__(*args, **kwargs)
        self.product = product
        members = Membership.objects.filter(product=product)
        owner = self.fields["owner"]
        owner.queryset = User.objects.filter(pk__in=members.values("user"), organisation=None, is_active=True)
        owner.empty_label = _("The delivery manager")
        self.fields["currency"].initial = "EUR"
        days = self.initial.get("alert_days") or list(ALERT_DAYS)
        self.fields["alert_days"] = forms.CharField(
            label=_("Alerts, days before"),
            required=False,
            max_length=60,
            help_text=_("Before the last day for notice, or the end where there is none: 90, 30, 7."),
        )
        self.initial["alert_days"] = ", ".join(str(day) for day in days)
        if P.COST_VIEW not in can:
            del self.fields["value"], self.fields["currency"]

    def clean_alert_days(self):
        words = re.findall(r"[^\s,;]+", self.cleaned_data["alert_days"])
        if wrong := [word for word in words if not re.fullmatch(r"[0-9]{1,3}", word) or not 1 <= int(word) <= 730]:
            raise forms.ValidationError(_("“%s” is no number of days from 1 to 730.") % wrong[0])
        if len(words) > 10:
            raise forms.ValidationError(_("At most ten alerts."))
        return sorted({int(word) for word in words}, reverse=True)

    def clean_currency(self):
        return self.cleaned_data["currency"].upper()

    def clean(self):
        data = super().clean()
        start, end, notice = data.get("starts_on"), data.get("ends_on"), data.get("notice_on")
        if start and end and end < start:
            self.add_error("ends_on", _("It ends after it begins: on %s or later.") % start)
        if notice and ((start and notice < start) or (end and notice > end)):
            self.add_error("notice_on", _("Notice is given while the contract runs."))
        if "value" in self.fields:
            if data.get("value") is None:
                data["currency"] = ""
            elif not data.get("currency") and "currency" not in self.errors:
                self.add_error("currency", _("Say in which currency: EUR."))
        return data


class AgreementNewForm(_Agreement, forms.ModelForm):
    class Meta:
        model = Agreement
        fields = FACTS


class AgreementForm(_Agreement, VersionedForm):
    class Meta:
        model = Agreement
        fields = FACTS


class EndForm(forms.Form):
    """It is ended before its time."""

    on = forms.DateField(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"auto_id": "id_end_%s", **kwargs})
        self.initial.setdefault("on", timezone.localdate())
