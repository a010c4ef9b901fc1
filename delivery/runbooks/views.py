"""Pages of runbooks and their runs."""

from django.contrib import messages
from django.db.models import Count, Max
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from delivery.products.access import product_view
from delivery.products.hooks import origins_of
from delivery.runbooks.forms import EntryForm, RunbookEditForm, RunbookNewForm, StartForm
from delivery.runbooks.models import Runbook
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from pmdm.ui.lists import ListPage


def runbook_page(request, product) -> ListPage:
    """All runbooks with their last run."""
    rows = product.runbooks.select_related("owner").annotate(
        number=Max("versions__number"), run_count=Count("runs", distinct=True), last_run=Max("runs__started_at")
    )
    return ListPage(request, rows, sorts={"title": "title", "last": "last_run"}, default_sort="title")


@product_view(read=P.INTERNAL_VIEW)
def runbook_list(request, product):
    """The runbooks of a product."""
    page = runbook_page(request, product)
    return render(request, "delivery/runbooks/list.html", {"product": product, "tab": "runbooks", "page": page})


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def runbook_new(request, product):
    """Write one."""
    form = RunbookNewForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        row = Runbook.write(product, by=request.user, **form.cleaned_data)
        messages.success(request, _("%s is on record.") % row)
        return redirect("delivery:runbook-detail", product.code, row.pk)
    context = {"product": product, "tab": "runbooks", "form": form, "title": _("New runbook")}
    return render(request, "delivery/runbooks/form.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.INTERNAL_VIEW)
def runbook_detail(request, product, pk):
    """Its steps now, earlier versions (``?version=``) and its runs."""
    return _book_page(request, product, _runbook(product, pk))


def _book_page(request, product, row, *, start_form=None, status=200):
    origins_of("runbook", [row], request.user)
    versions = list(row.versions.select_related("by"))
    asked = request.GET.get("version", "")
    shown = next((one for one in versions if str(one.number) == asked), versions[0])
    page = ListPage(
        request,
        row.runs.select_related("started_by", "book_version", "issue"),
        sorts={"started": "started_at"},
        default_sort="-started",
    )
    context = {
        "product": product,
        "tab": "runbooks",
        "row": row,
        "versions": versions,
        "shown": shown,
        "is_latest": shown == versions[0],
        "steps": shown.steps.all(),
        "page": page,
        "start_form": start_form or StartForm(product=product),
    }
    return render(request, "delivery/runbooks/detail.html", context, status=status)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def runbook_edit(request, product, pk):
    """The next version of its steps."""
    row = _runbook(product, pk)
    form = RunbookEditForm(request.POST or None, runbook=row)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: row.revise(by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("The new version holds from now on."))
            return redirect("delivery:runbook-detail", product.code, pk)
    context = {"product": product, "tab": "runbooks", "form": form, "row": row, "title": _("Next version")}
    return render(request, "delivery/runbooks/form.html", context, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def runbook_start(request, product, pk):
    """Begin a run (POST)."""
    row = _runbook(product, pk)
    if request.method != "POST":
        return redirect("delivery:runbook-detail", product.code, pk)
    form = StartForm(request.POST, product=product)
    if not form.is_valid():
        return _book_page(request, product, row, start_form=form, status=REFUSED)
    run = row.start(by=request.user, **form.cleaned_data)
    return redirect("delivery:runbook-run", product.code, run.pk)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def runbook_run(request, product, pk):
    """The log of a run and the step whose turn it is; POST records what came of it."""
    run = get_object_or_404(
        product.runbook_runs.select_related("runbook", "book_version", "started_by", "issue"), pk=pk
    )
    form = EntryForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: _record(run, request))
        if status == SAVED:
            return redirect("delivery:runbook-run", product.code, pk)
        run.refresh_from_db()
    entries = list(run.entries.select_related("by", "step"))
    steps = list(run.book_version.steps.all())
    last = {entry.step_id: entry for entry in entries}
    for step in steps:
        step.entry = last.get(step.pk)
    context = {
        "product": product,
        "tab": "runbooks",
        "run": run,
        "steps": steps,
        "entries": entries,
        "current": run.current() if run.state == "running" else None,
        "form": form,
    }
    return render(request, "delivery/runbooks/run.html", context, status=status)


def _record(run, request) -> None:
    form = EntryForm(request.POST)
    form.is_valid()
    data = form.cleaned_data
    if data["result"] == "aborted":
        run.abort(by=request.user, note=data["note"])
        return
    asked = request.POST.get("step", "")
    step = run.book_version.steps.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 18 else None
    run.record(step or run.book_version.steps.model(pk=0), by=request.user, **data)


def _runbook(product, pk):
    return get_object_or_404(product.runbooks.select_related("owner"), pk=pk)
