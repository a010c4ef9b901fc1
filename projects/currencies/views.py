"""The table of exchange rates: for those who keep it on the whole site."""

import datetime

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.access import site_view
from pmdm.accounts.roles import Permission as P
from pmdm.interchange.models import Upload
from pmdm.interchange.tabular import TableRefused, read
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui.lists import ListPage
from projects.currencies import rates
from projects.currencies.forms import RateFilter, RateForm, UploadForm
from projects.currencies.importing import carry_out, prepare
from projects.currencies.models import ExchangeRate

KIND = "exchange-rates"
SHOWN_PROBLEMS = 30
SHOWN_CHANGES = 50
# A rate that is older says so.
OLD = datetime.timedelta(days=7)


@site_view(read=P.SITE_RATES, write=P.SITE_RATES)
def rate_list(request):
    """GET: which rates count today, and all that were stated. POST: state one."""
    form = RateForm(request.POST or None, auto_id="id_rate_%s")  # the filter has a currency as well
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: rates.state_rate(by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("The rate is stated."))
            return redirect("projects:rate-list")
    today = timezone.localdate()
    base = rates.base_currency()
    page = ListPage(
        request,
        ExchangeRate.objects.filter(base=base).select_related("stated_by"),
        sorts={"currency": ["currency", "-day"], "day": ["day", "currency"]},
        default_sort="-day",
        form=RateFilter,
    )
    table = rates.rate_table(today)
    context = {
        "base": base,
        "form": form,
        "page": page,
        "now": [
            (code, quote, quote.day < today - OLD)
            for code in sorted(table.days)
            if (quote := table.quote(code, today)) is not None and quote.day is not None
        ],
        "missing": rates.missing_rates(today),
    }
    return render(request, "projects/currencies/rate_list.html", context, status=status)


@site_view(read=P.SITE_RATES, write=P.SITE_RATES)
def rate_removal(request, pk):
    rate = get_object_or_404(ExchangeRate, pk=pk)
    if request.method == "POST":
        rates.remove_rate(rate, by=request.user)
        messages.success(request, _("The rate is removed."))
        return redirect("projects:rate-list")
    return render(request, "projects/currencies/rate_removal.html", {"rate": rate})


@site_view(read=P.SITE_RATES, write=P.SITE_RATES)
def rate_import(request):
    """GET: choose a file. POST: keep it, if it is a table at all."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = Upload.keep(KIND, request.user, request.user, form.cleaned_data["file"])
        try:
            read(upload.data)
        except TableRefused as refusal:
            upload.delete()
            for problem in refusal.problems[:SHOWN_PROBLEMS]:
                form.add_error("file", str(problem))
        else:
            upload.options = {"source": form.cleaned_data["source"]}
            upload.save(update_fields=["options"])
            return redirect("projects:rate-import-check", upload.pk)
    context = {"base": rates.base_currency(), "form": form}
    return render(request, "projects/currencies/import.html", context, status=REFUSED if form.is_bound else 200)


@site_view(read=P.SITE_RATES, write=P.SITE_RATES)
def rate_import_check(request, pk):
    """GET: what would come. POST: all of it."""
    upload = Upload.objects.of(KIND, request.user, request.user).filter(pk=pk, done_at=None).first()
    if upload is None:
        messages.warning(request, _("That upload is gone: it was imported, or waited for more than a day."))
        return redirect("projects:rate-import")
    prepared, refusal = None, None
    try:
        if request.method == "POST":
            with transaction.atomic():
                kept = Upload.objects.select_for_update().get(pk=upload.pk)
                report = carry_out(prepare(read(kept.data), **kept.options), by=request.user)
                kept.done_at = timezone.now()
                kept.save(update_fields=["done_at"])
            messages.success(
                request,
                _("%(added)s rates are new, %(changed)s replaced.")
                % {"added": report.added, "changed": report.changed},
            )
            return redirect("projects:rate-list")
        prepared = prepare(read(upload.data), **upload.options)
    except TableRefused as error:
        refusal = error
    context = {
        "base": rates.base_currency(),
        "upload": upload,
        "report": prepared.report if prepared else None,
        "changes": prepared.report.changes[:SHOWN_CHANGES] if prepared else [],
        "problems": refusal.problems[:SHOWN_PROBLEMS] if refusal else [],
        "problem_count": refusal.count if refusal else 0,
    }
    status = REFUSED if refusal and request.method == "POST" else 200
    return render(request, "projects/currencies/import_check.html", context, status=status)
