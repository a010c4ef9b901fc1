"""Forms of budget lines, expenses and booked time. Choices come from the project, so no other project's row fits."""

import copy
import datetime
import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.files.forms import AttachmentField
from pmdm.ui.forms import FilterForm
from projects.budget.engine import format_minutes, parse_minutes
from projects.budget.models import BudgetLine, Category, Expense, Order, Spread, TimeEntry
from projects.budget.phasing import phased
from projects.currencies.rates import known_currencies

LONGEST_BACK = datetime.timedelta(days=366 * 20)


class ProjectForm(forms.ModelForm):
    """A form that knows its project; saving is the verbs' business."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, project, instance=None, **kwargs):
        # A copy: the verb compares what was typed with the row as it stands.
        super().__init__(*args, instance=copy.copy(instance), **kwargs)
        self.project = project
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
        else:
            del self.fields["version"]

    def values(self) -> dict:
        """What the verbs take: the model's own fields."""
        return {name: self.cleaned_data[name] for name in self._meta.fields if name in self.fields}

    @property
    def read_version(self) -> int | None:
        return self.cleaned_data.get("version")


class MoneyForm(ProjectForm):
    """An amount in the project's currency or another that has rates; it is typed in the chosen one."""

    currency = forms.ChoiceField(label=gettext_lazy("Currency"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = self.project.currency
        codes = list(dict.fromkeys([*known_currencies(self.project), self.instance.currency or own]))
        if len(codes) == 1:
            del self.fields["currency"]
            self.fields["amount"].widget.attrs["data-unit"] = own
        else:
            self.fields["currency"].choices = [(code, code) for code in codes]
            self.fields["currency"].help_text = _("Another than %(own)s is converted at the rate of its day.") % {
                "own": own
            }
            self.initial.setdefault("currency", self.instance.currency or own)
        if self.instance.pk:
            self.initial["amount"] = self.instance.paid

    @property
    def own_currency(self) -> str:
        """The chosen currency as the model has it: '' for the project's own."""
        chosen = self.cleaned_data.get("currency", "")
        return "" if chosen == self.project.currency else chosen

    def values(self):
        return {**super().values(), "currency": self.own_currency}


class MonthsField(forms.CharField):
    """Amounts by month as text, a line each: '2026-03 1,500.00'. Cleans to {first of the month: Decimal}."""

    widget = forms.Textarea

    LINE = re.compile(r"(\d{4})-(\d{1,2})[\s:;=]+(\S.*)")
    AMOUNT = re.compile(r"\d{1,3}(,\d{3})*(\.\d{1,2})?|\d+(\.\d{1,2})?")

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=10_000, **kwargs)
        self.widget.attrs |= {"rows": 6, "placeholder": "2026-03 1,500.00"}

    def prepare_value(self, value):
        if isinstance(value, dict):
            return "\n".join(f"{month:%Y-%m} {amount:,.2f}" for month, amount in sorted(value.items()))
        return value

    def clean(self, value):
        months, wrong = {}, []
        for number, text in enumerate((super().clean(value) or "").splitlines(), start=1):
            text = text.strip()
            if not text:
                continue
            parts = self.LINE.fullmatch(text)
            amount = parts.group(3).strip() if parts else ""
            if not parts or not 1 <= int(parts.group(2)) <= 12 or not 1900 <= int(parts.group(1)) <= 2200:
                reason = _("starts with no month")
            elif not self.AMOUNT.fullmatch(amount) or len(amount.replace(",", "")) > 15:
                reason = _("has no amount of at most two decimals after its month")
            elif (month := datetime.date(int(parts.group(1)), int(parts.group(2)), 1)) in months:
                reason = _("names a month that is there already")
            else:
                months[month] = Decimal(amount.replace(",", ""))
                continue
            wrong.append(
                ValidationError(
                    _("Line %(number)s, “%(text)s”, %(reason)s. Write month and amount: 2026-03 1,500.00.")
                    % {"number": number, "text": text[:60], "reason": reason}
                )
            )
        if wrong:
            raise ValidationError(wrong[:5])
        return months


class BudgetLineForm(ProjectForm):
    months = MonthsField(
        label=gettext_lazy("Months"),
        help_text=gettext_lazy("Only for months as typed: a line for each month. They sum exactly to what is planned."),
    )

    class Meta:
        model = BudgetLine
        fields = ["name", "category", "task", "planned", "remaining", "spread", "period_start", "period_finish"]
        help_texts = {
            "task": gettext_lazy("The task or summary of the plan this money is for. Sums go up the work breakdown."),
            "period_start": gettext_lazy("Only for a period of its own."),
            "remaining": gettext_lazy("What you still expect to spend here. Empty: the rest of what was planned."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("planned", "remaining"):
            self.fields[name].widget.attrs["data-unit"] = self.project.currency
        tasks = self.project.tasks.filter(is_active=True).order_by("number")
        self.fields["task"].queryset = tasks.only("pk", "number", "name", "wbs", "project_id")
        self.fields["task"].label_from_instance = lambda task: f"{task.wbs or task.number} {task.name}"
        self.fields["task"].empty_label = _("The project as a whole")
        self.fields["spread"].required = False
        for name in ("period_start", "period_finish"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        if self.instance.pk:
            # What it plans now, to start from: typed months need not be typed anew.
            self.fields["months"].initial = phased(self.project, [self.instance]).lines[0].months

    def clean_spread(self):
        return self.cleaned_data["spread"] or self.instance.spread

    def clean(self):
        values = super().clean()
        spread = values.get("spread")
        first, last = values.get("period_start"), values.get("period_finish")
        if spread == Spread.PERIOD:
            for name in ("period_start", "period_finish"):
                if name not in self.errors and not values.get(name):
                    self.add_error(name, _("A period of its own has a first and a last day."))
            if first and last and last < first:
                self.add_error("period_finish", _("The last day comes before the first, %(day)s.") % {"day": first})
        else:
            values["period_start"] = values["period_finish"] = None
        if spread == Spread.TASK and not values.get("task"):
            self.add_error("task", _("Choose the task over whose dates the money goes, or another spread."))
        if spread == Spread.MONTHS and "months" not in self.errors and not values.get("months"):
            self.add_error("months", _("Type a line for each month, such as 2026-03 1,500.00."))
        return values

    def values(self):
        months = self.cleaned_data["months"] if self.cleaned_data["spread"] == Spread.MONTHS else None
        return {**super().values(), "months": months}


class ExpenseForm(MoneyForm):
    receipt = AttachmentField(label=gettext_lazy("Receipt"))
    field_order = ["order", "accrual", "line", "spent_on", "amount", "currency", "description", "supplier", "receipt"]

    class Meta:
        model = Expense
        fields = ["order", "accrual", "line", "spent_on", "amount", "description", "supplier"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["line"].queryset = self.project.budget_lines.order_by("number")
        self.fields["spent_on"].initial = timezone.localdate
        # Open orders, and the one it is booked against already.
        orders = self.project.orders.filter(Q(state=Order.State.OPEN) | Q(pk=self.instance.order_id))
        self.fields["order"].queryset = orders.order_by("number")
        self.fields["order"].empty_label = _("Without an order")
        # What was accrued by hand and still counts.
        accruals = self.project.accruals.filter(order=None).filter(
            Q(reverses_on__gt=timezone.localdate()) | Q(pk=self.instance.accrual_id)
        )
        if accruals.exists():
            self.fields["accrual"].queryset = accruals.order_by("number")
            self.fields["accrual"].empty_label = _("None")
            self.fields["accrual"].label = _("Takes the place of the accrual")
        else:
            del self.fields["accrual"]
        self.fields["line"].required = False
        self.fields["line"].help_text = _("With an order or an accrual: left empty, its line.")

    def clean(self):
        values = super().clean()
        order, line = values.get("order") or values.get("accrual"), values.get("line")
        if values.get("order") and values.get("accrual"):
            self.add_error("accrual", _("It settles an order or an accrual, not both."))
        if order and line and line.pk != order.line_id:
            self.add_error(
                "line", _("%(order)s stands on %(line)s. Choose that line.") % {"order": order, "line": order.line}
            )
        elif order:
            values["line"] = order.line
        elif not line and not self.errors.keys() & {"line", "order"}:
            self.add_error("line", _("Choose a line, or an order that stands on one."))
        return values

    def values(self):
        return {"accrual": None, **super().values(), "receipt": self.cleaned_data["receipt"]}

    def clean_spent_on(self):
        return not_in_future(self.cleaned_data["spent_on"])


class MinutesField(forms.CharField):
    """Booked time as text: '1h 30m', '90m', '1:30', '1.5'."""

    def __init__(self, **kwargs):
        super().__init__(max_length=20, **kwargs)
        self.widget.attrs.setdefault("placeholder", "1h 30m")

    def prepare_value(self, value):
        return format_minutes(value) if isinstance(value, int) else value

    def clean(self, value):
        text = super().clean(value)
        if text in self.empty_values:
            return None
        minutes = parse_minutes(text)
        if minutes is None:
            raise ValidationError(
                _("“%(text)s” is not a length of time. Write 1h 30m, 90m, 1:30 or 1.5.") % {"text": text}
            )
        if not 1 <= minutes <= 1440:
            raise ValidationError(_("Between 1 minute and 24 hours fit on a day, not “%(text)s”.") % {"text": text})
        return minutes


class TimeForm(ProjectForm):
    minutes = MinutesField(label=gettext_lazy("Time"))

    class Meta:
        model = TimeEntry
        fields = ["day", "task", "minutes", "note"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        tasks = self.project.tasks.filter(is_summary=False, is_active=True).order_by("number")
        self.fields["task"].queryset = tasks.only("pk", "number", "name", "project_id")
        self.fields["task"].empty_label = _("The project as a whole")
        self.fields["day"].initial = timezone.localdate

    def clean_day(self):
        return not_in_future(self.cleaned_data["day"])


class ExpenseFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("Description or supplier"), required=False, max_length=200)
    category = forms.ChoiceField(
        label=gettext_lazy("Category"), required=False, choices=[("", gettext_lazy("All")), *Category.choices]
    )

    def filter(self, queryset):
        for word in self.words():
            queryset = queryset.filter(description__icontains=word) | queryset.filter(supplier__icontains=word)
        if category := self.cleaned_data["category"]:
            queryset = queryset.filter(line__category=category)
        return queryset


def not_in_future(day: datetime.date) -> datetime.date:
    today = timezone.localdate()
    if day > today + datetime.timedelta(days=1):  # one day's grace: the date line
        raise ValidationError(_("%(day)s has not come yet. Book what has been spent.") % {"day": day})
    if day < today - LONGEST_BACK:
        raise ValidationError(_("%(day)s is more than twenty years ago.") % {"day": day})
    return day
