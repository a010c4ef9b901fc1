"""Pages of contracts: what runs, what must be decided by when."""

from django.contrib import messages
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.products.access import product_view
from delivery.products.agreements.forms import AgreementForm, AgreementNewForm, EndForm
from delivery.products.agreements.models import Agreement
from delivery.products.hooks import origins_of
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui.lists import ListPage

SORTS = {
    "deadline": F("notice_on").asc(nulls_last=True),
    "title": "title",
    "party": "party",
    "ends": F("ends_on").asc(nulls_last=True),
}
STANDINGS = {
    "ahead": ("na", gettext_lazy("Begins later")),
    "running": ("ok", gettext_lazy("Runs")),
    "due": ("watch", gettext_lazy("Decide soon")),
    "late": ("act", gettext_lazy("Notice has passed")),
    "over": ("na", gettext_lazy("Over")),
}


def told(rows, today=None) -> list:
    """Puts light and word on each contract."""
    today = today or timezone.localdate()
    for row in rows:
        row.light, row.word = STANDINGS[row.standing(today)]
    return rows


def agreement_page(request, product) -> ListPage:
    rows = product.agreements.select_related("owner")
    if not request.GET.get("all"):
        rows = rows.running()
    return ListPage(request, rows, sorts=SORTS, default_sort="deadline")


@product_view(read=P.INTERNAL_VIEW)
def agreement_list(request, product):
    """All contracts; those over last."""
    page = agreement_page(request, product)
    told(page.rows)
    context = {"product": product, "tab": "record", "page": page, "all": bool(request.GET.get("all"))}
    return render(request, "delivery/record/agreements.html", context)


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT)
def agreement_new(request, product):
    """One more contract."""
    form = AgreementNewForm(request.POST or None, product=product, can=request.can)
    if request.method == "POST" and form.is_valid():
        row = Agreement.objects.create(product=product, **form.cleaned_data)
        messages.success(request, _("The contract is on record."))
        return redirect("delivery:agreement-detail", product.code, row.pk)
    context = {"product": product, "tab": "record", "form": form, "title": _("New contract")}
    return render(request, "delivery/record/form.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def agreement_detail(request, product, pk):
    """One contract with its alerts; POST edits it, which is how it is renewed."""
    row = _agreement(product, pk)
    form = AgreementForm(request.POST or None, instance=row, product=product, can=request.can)
    status = 200
    if request.method == "POST":
        status = attempt(form, form.save_changes)
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:agreement-detail", product.code, pk)
    return _page(request, product, row, form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def agreement_end(request, product, pk):
    """End it early, with a reason (POST)."""
    row = _agreement(product, pk)
    if request.method != "POST":
        return redirect("delivery:agreement-detail", product.code, pk)
    form = EndForm(request.POST)
    status = attempt(form, lambda: row.end(by=request.user, **form.cleaned_data))
    if status == SAVED:
        messages.success(request, _("The contract is ended."))
        return redirect("delivery:agreement-detail", product.code, pk)
    return _page(request, product, _agreement(product, pk), end_form=form, status=status)


def _agreement(product, pk):
    return get_object_or_404(product.agreements.select_related("owner"), pk=pk)


def _page(request, product, row, *, form=None, end_form=None, status=200):
    told([row])
    origins_of("agreement", [row], request.user)
    context = {
        "product": product,
        "tab": "record",
        "row": row,
        "alerts": row.due_alerts.all(),
        "form": form or AgreementForm(instance=row, product=product, can=request.can),
        "end_form": end_form or EndForm(),
    }
    return render(request, "delivery/record/agreement.html", context, status=status)
