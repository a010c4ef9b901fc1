"""Forms of orders, reserves and draws. Choices come from the project, so no other project's row fits."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.ui.forms import FilterForm
from projects.budget.accruals import refuse_early
from projects.budget.forms import MoneyForm, not_in_future
from projects.budget.models import Accrual, Draw, Order

SMALLEST = Decimal("0.01")


class OrderForm(MoneyForm):
    field_order = ["line", "supplier", "description", "amount", "currency", "ordered_on", "expected_on"]
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=14, decimal_places=2, min_value=SMALLEST)

    class Meta:
        model = Order
        fields = ["line", "supplier", "description", "amount", "ordered_on", "expected_on"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].queryset = self.project.budget_lines.order_by("number")

    def clean(self):
        values = super().clean()
        ordered, expected = values.get("ordered_on"), values.get("expected_on")
        if ordered and expected and expected < ordered:
            self.add_error("expected_on", _("It is expected before it is ordered, on %(day)s.") % {"day": ordered})
        return values


class OrderFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("Supplier or what"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("All")), *Order.State.choices]
    )

    def filter(self, queryset):
        for word in self.words():
            queryset = queryset.filter(description__icontains=word) | queryset.filter(supplier__icontains=word)
        if state := self.cleaned_data["state"]:
            queryset = queryset.filter(state=state)
        return queryset


class AccrualForm(MoneyForm):
    """By hand, without an order."""

    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=14, decimal_places=2, min_value=SMALLEST)
    field_order = ["line", "description", "amount", "currency", "accrued_on", "reverses_on"]

    class Meta:
        model = Accrual
        fields = ["line", "description", "amount", "accrued_on", "reverses_on"]
        help_texts = {
            "reverses_on": gettext_lazy("The day from which it counts no more, whether its invoice has come or not.")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].queryset = self.project.budget_lines.order_by("number")
        self.fields["reverses_on"].required = True
        self.fields["reverses_on"].label = _("Reversed on")

    def clean_accrued_on(self):
        return not_in_future(self.cleaned_data["accrued_on"])

    def clean(self):
        values = super().clean()
        if values.get("accrued_on") and values.get("reverses_on"):
            refuse_early(values["accrued_on"], values["reverses_on"])
        return values


class ReceiptForm(forms.ModelForm):
    """What came of an order, in the order's currency."""

    amount = forms.DecimalField(label=gettext_lazy("Worth"), max_digits=14, decimal_places=2, min_value=SMALLEST)

    class Meta:
        model = Accrual
        fields = ["accrued_on", "amount", "description"]

    def __init__(self, *args, order, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.attrs["data-unit"] = order.currency or order.project.currency
        self.fields["description"].required = False
        self.fields["description"].help_text = _("Left empty: what was ordered.")

    def clean_accrued_on(self):
        return not_in_future(self.cleaned_data["accrued_on"])


class ReversalForm(forms.Form):
    on = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class EndForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class AllowanceForm(forms.Form):
    amount = forms.DecimalField(
        label=gettext_lazy("Set apart in all"),
        max_digits=14,
        decimal_places=2,
        min_value=0,
        help_text=gettext_lazy("With what was drawn already."),
    )

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.attrs["data-unit"] = project.currency


class DrawForm(forms.ModelForm):
    amount = forms.DecimalField(label=gettext_lazy("Amount"), max_digits=14, decimal_places=2, min_value=SMALLEST)

    class Meta:
        model = Draw
        fields = ["allowance", "line", "amount", "reason"]

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["allowance"].queryset = project.allowances.order_by("kind")
        self.fields["line"].queryset = project.budget_lines.order_by("number")
        self.fields["amount"].widget.attrs["data-unit"] = project.currency


class DecisionForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
