"""The money of all projects whose cost one may see, in one currency; nothing of the others, not even in a sum."""

import datetime

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.access import signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.interchange.tabular import write_csv
from pmdm.registers.editing import REFUSED, SAVED
from pmdm.ui import format as fmt
from pmdm.ui.parts import Status, Tile
from projects.budget.portfolio import KEYS, Money, Portfolio, portfolio, total_of
from projects.budget.views import OVER_BUDGET
from projects.lifecycle.models import Project


class ChoiceForm(forms.Form):
    """What the page is asked for; a day that is no day is refused, an unknown word takes the usual one."""

    by = forms.ChoiceField(
        label=gettext_lazy("Sum up by"),
        choices=[
            ("programme", gettext_lazy("Programme")),
            ("department", gettext_lazy("Department")),
            ("client", gettext_lazy("Client")),
        ],
        required=False,
    )
    state = forms.ChoiceField(
        label=gettext_lazy("Projects"),
        choices=[("", gettext_lazy("Under way")), ("all", gettext_lazy("All, ended too"))],
        required=False,
    )
    day = forms.DateField(label=gettext_lazy("At the rates of"), required=False, widget=forms.DateInput)

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("%(day)s has not come yet: no rate is known.") % {"day": fmt.day(day)})
        return day or timezone.localdate()


@signed_in_view
def portfolio_money(request):
    """Groups with their sums; ?group= opens one to its projects."""
    form, found, by, status = _asked(request)
    groups = found.by(by)
    asked = request.GET.get("group")
    group = next((one for one in groups if one.key == asked), None) if asked is not None else None
    total = group.total if group else found.total
    context = {
        "form": form,
        "found": found,
        "by": by,
        "groups": groups,
        "group": group,
        "rows": group.rows if group else [],
        "total": total,
        "tiles": _tiles(total, found.base, group.unbudgeted if group else sum(one.unbudgeted for one in groups)),
        "unbudgeted": sum(one.unbudgeted for one in groups),
        "unpriced": sum(row.unpriced for row in found.rows),
        "query": _query(form, by),
    }
    return render(request, "projects/budget/portfolio.html", context, status=status)


@signed_in_view
def portfolio_money_export(request):
    """One line per project, in its own currency and in the base."""
    form, found, _by, status = _asked(request)
    if status != SAVED:
        return HttpResponse(str(form.errors["day"][0]), status=status, content_type="text/plain; charset=utf-8")
    names = [_("Approved"), _("Contingency left"), _("Reserve left"), _("Actual"), _("of it accrued"),
             _("Committed"), _("Still to come"), _("Forecast"), _("Variance")]  # fmt: skip
    head = [_("Programme"), _("Department"), _("Client"), _("Code"), _("Project"), _("State"), _("Currency"),
            *names, _("Rate to %(base)s") % {"base": found.base}, _("Rate of"),
            *(f"{name} {found.base}" for name in names)]  # fmt: skip
    rows = []
    for row in found.rows:
        project, base = row.project, row.base
        rows.append([
            project.programme, project.department.name if project.department else "",
            project.client.name if project.client else "", project.code, project.name, project.get_state_display(),
            project.currency, *_cells(row.own, row.has_budget), row.quote.rate if row.quote else _("no rate"),
            (row.quote.day or found.day).isoformat() if row.quote else "",
            *(_cells(base, row.has_budget) if base else [""] * len(names)),
        ])  # fmt: skip
    blank = [""] * (len(head) - len(names) - 1)
    rows.append([_("Total"), *blank, *_cells(total_of(found.rows), True)])
    response = HttpResponse(("\ufeff" + write_csv(head, rows)).encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="portfolio-money-{found.day.isoformat()}.csv"'
    return response


def _asked(request) -> tuple[ChoiceForm, Portfolio, str, int]:
    form = ChoiceForm(request.GET)
    valid = form.is_valid()
    data = form.cleaned_data
    projects = Project.objects.allowing(request.user, P.COST_VIEW)
    if data.get("state") != "all":
        projects = projects.open()
    day: datetime.date = data.get("day") or timezone.localdate()
    by = data.get("by") or "programme"
    return (
        form,
        portfolio(projects, day),
        by if by in KEYS else "programme",
        (SAVED if valid or "day" not in form.errors else REFUSED),
    )


def _cells(money: Money, has_budget: bool) -> list:
    return [
        money.approved if has_budget else "", money.contingency, money.reserve, money.actual, money.accrued,
        money.committed, money.to_come, money.forecast, money.variance if has_budget else "",
    ]  # fmt: skip


def _query(form: ChoiceForm, by: str) -> str:
    """What is asked for now, without the group."""
    parts = [f"by={by}"]
    if form.cleaned_data.get("state"):
        parts.append("state=all")
    if form.data.get("day") and "day" in form.cleaned_data:
        parts.append(f"day={form.cleaned_data['day'].isoformat()}")
    return "&".join(parts)


def _tiles(total: Money, base: str, unbudgeted: int) -> list[Tile]:
    def short(amount):
        return fmt.short_money(amount, base)

    over = -total.variance
    if not total.approved:
        status, note = Status.NA, _("no approved budget to compare with")
    elif over > 0:
        status = Status.ACT if over > total.approved * OVER_BUDGET else Status.WATCH
        note = _("%(amount)s over the approved budgets") % {"amount": short(over)}
    else:
        status, note = Status.OK, _("%(amount)s below the approved budgets") % {"amount": short(-over)}
    if unbudgeted and total.approved:
        note += ", " + _("without %(n)s that have none") % {"n": unbudgeted}
    return [
        Tile(
            label=_("Approved"),
            value=short(total.approved),
            word=_("Budget"),
            note=_("%(contingency)s of it contingency left") % {"contingency": short(total.contingency)},
        ),
        Tile(label=_("Reserve"), sub=_("left"), value=short(total.reserve), word=_("Beside the budget")),
        Tile(
            label=_("Actual"),
            value=short(total.actual),
            word=_("Booked"),
            note=_("%(accrued)s of it accrued") % {"accrued": short(total.accrued)},
        ),
        Tile(
            label=_("Still to come"),
            value=short(total.to_come),
            word=_("Estimate"),
            note=_("%(committed)s of it ordered") % {"committed": short(total.committed)},
        ),
        Tile(label=_("Forecast"), sub="EAC", value=short(total.forecast), status=status, note=note),
    ]
