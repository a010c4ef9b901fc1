"""Forms of the rate table."""

import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.interchange.tabular import MAX_BYTES
from pmdm.ui.forms import FilterForm
from projects.currencies.models import CURRENCY, ExchangeRate
from projects.currencies.rates import base_currency, check_currency


class RateForm(forms.ModelForm):
    """The rate of a currency and day; the same again puts another in its place."""

    class Meta:
        model = ExchangeRate
        fields = ["currency", "day", "rate", "source"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rate"].help_text = _("How much %(base)s one unit of it is worth.") % {"base": base_currency()}
        self.fields["source"].help_text = _("Who published it, such as “ECB reference rate”.")
        self.fields["currency"].widget.attrs |= {"autocapitalize": "characters", "spellcheck": "false"}
        self.fields["day"].initial = timezone.localdate

    def clean_currency(self):
        currency = self.cleaned_data["currency"].strip().upper()
        if not CURRENCY.regex.fullmatch(currency):
            raise ValidationError(_("A currency has three letters, such as EUR or USD."))
        try:
            check_currency(currency)
        except ValidationError as error:
            raise ValidationError(error.message_dict["currency"]) from None
        return currency

    def clean_rate(self):
        rate = self.cleaned_data["rate"]
        if rate <= 0:
            raise ValidationError(_("A rate is above zero, such as 0.9234."))
        return rate

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day > timezone.localdate() + datetime.timedelta(days=1):
            raise ValidationError(_("%(day)s has not come yet. State rates of days that have.") % {"day": day})
        if day.year < 1950:
            raise ValidationError(_("State rates since 1950."))
        return day


class RateFilter(FilterForm):
    currency = forms.ChoiceField(label=gettext_lazy("Currency"), required=False)
    until = forms.DateField(label=gettext_lazy("Up to"), required=False, widget=forms.DateInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stated = ExchangeRate.objects.filter(base=base_currency()).order_by("currency")
        codes = stated.values_list("currency", flat=True).distinct()
        self.fields["currency"].choices = [("", _("All")), *((code, code) for code in codes)]

    def filter(self, queryset):
        if currency := self.cleaned_data["currency"]:
            queryset = queryset.filter(currency=currency)
        if until := self.cleaned_data["until"]:
            queryset = queryset.filter(day__lte=until)
        return queryset


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX with the columns currency, day, rate and, if wanted, source."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Of rows that name none."),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("The file has more than %(most)s MB.") % {"most": MAX_BYTES // 1024**2})
        return file
