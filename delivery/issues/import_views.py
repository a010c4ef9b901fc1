"""Issues from a file in three steps: upload, say what the columns mean and see what would come, import."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from delivery.issues.import_forms import MappingForm, UploadForm, first_guesses
from delivery.issues.importing import carry_out, known_in, prepare
from delivery.issues.models import Issue
from delivery.issues.readers import Reading, read_export
from delivery.moves import NotNow
from delivery.products.access import product_view
from delivery.products.models import Product
from pmdm.accounts.roles import Permission as P
from pmdm.interchange.models import Upload
from pmdm.interchange.tabular import TableRefused
from pmdm.jobs import work
from pmdm.registers.editing import CONFLICT, REFUSED
from pmdm.ui import format as fmt

KIND = "issues"
# Above this a worker does it, with progress: it would take more than two seconds.
AT_ONCE = 1_000
SAMPLE = 8
FACTS = {
    "lists": gettext_lazy("Lists"),
    "cards": gettext_lazy("Cards"),
    "labels": gettext_lazy("Labels"),
    "checklists": gettext_lazy("Checklists"),
    "actions": gettext_lazy("Actions"),
    "members": gettext_lazy("Members"),
}
SHOWN_PROBLEMS = 30


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT)
def issue_import(request, product):
    """GET: choose a file. POST: keep it, if it is a table at all."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = Upload.keep(KIND, product, request.user, form.cleaned_data["file"])
        try:
            table = read_export(upload.data).table
        except TableRefused as refusal:
            upload.delete()
            for problem in refusal.problems[:SHOWN_PROBLEMS]:
                form.add_error("file", str(problem))
        else:
            if not table.rows:
                upload.delete()
                columns = ", ".join(table.header[:SAMPLE])
                form.add_error("file", _("It has a header (%(columns)s) and no row below it.") % {"columns": columns})
                return _upload_page(request, product, form)
            upload.options = first_guesses(table, product)
            upload.save(update_fields=["options"])
            return redirect("delivery:issue-import-check", product.code, upload.pk)
    return _upload_page(request, product, form)


def _upload_page(request, product, form):
    context = {"product": product, "tab": "issues", "form": form}
    return render(request, "delivery/issues/import.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT)
def issue_import_check(request, product, pk):
    """GET: the mapping and what would come. POST: another mapping, or the import itself."""
    upload = Upload.objects.of(KIND, product, request.user).filter(pk=pk).first()
    if upload is None or upload.done_at:
        messages.warning(request, _("That upload is gone: it was imported, or waited for more than a day."))
        return redirect("delivery:issue-import", product.code)
    reading = read_export(upload.data)
    table = reading.table
    status = 200
    form = None
    if request.method == "POST":
        form = MappingForm(request.POST, table=table, product=product, **upload.options)
        if form.is_valid():
            upload.options = form.options
            upload.save(update_fields=["options"])
            if "import" not in request.POST:
                return redirect("delivery:issue-import-check", product.code, upload.pk)
            if len(table.rows) > AT_ONCE:
                title = _("Importing %(file)s") % {"file": upload.name}
                url = reverse("delivery:issue-import-list", args=[product.code])
                way = [
                    (_("Products"), reverse("delivery:list")),
                    (product.name, product.get_absolute_url()),
                    (_("Issues"), reverse("delivery:issue-list", args=[product.code])),
                ]
                payload = {"upload": pk}
                begun = work.start("issues.import", title, payload, by=request.user, result_url=url, crumbs=way)
                return redirect(begun)
            try:
                report = confirm(upload)
            except TableRefused:
                status = REFUSED
            else:
                words = {"n": fmt.number(report.added)}
                said = ngettext("%(n)s issue is imported.", "%(n)s issues are imported.", report.added)
                messages.success(request, said % words)
                return redirect("delivery:issue-import-list", product.code)
        else:
            status = REFUSED
    return _check_page(request, product, upload, reading, form, status)


def _check_page(request, product, upload, reading: Reading, form, status):
    table = reading.table
    report, refusal = None, None
    try:
        prepared = prepare(table, **upload.options)
    except TableRefused as error:
        refusal = error
    else:
        report = prepared.report
        report.known = len(known_in(product, prepared))
    context = {
        "product": product,
        "tab": "issues",
        "upload": upload,
        "form": form or MappingForm(table=table, product=product, **upload.options),
        "tool": reading.tool,
        "facts": [(FACTS[name], count) for name, count in reading.facts.items()],
        "report": report,
        "states": [(Issue.State(word).label, count) for word, count in report.states.items()] if report else [],
        "notes": [text for text in report.warnings if text not in table.warnings] if report else [],
        "new": report.rows - report.known if report else 0,
        "problems": refusal.problems[:SHOWN_PROBLEMS] if refusal else [],
        "problem_count": refusal.count if refusal else 0,
        "table": table,
        "sample": table.rows[:SAMPLE],
    }
    return render(request, "delivery/issues/import_check.html", context, status=status)


@transaction.atomic
def confirm(upload: Upload, tell=None):
    """Import what was uploaded with its mapping; a second time changes nothing and gives no report."""
    upload = Upload.objects.select_for_update().get(pk=upload.pk)
    product = Product.objects.get(pk=upload.subject_id)
    reading = read_export(upload.data)
    prepared = prepare(reading.table, **upload.options)
    if upload.done_at:
        return prepared.report
    report = carry_out(product, prepared, by=upload.user, name=upload.name, tool=reading.tool, tell=tell)
    upload.done_at = timezone.now()
    upload.save(update_fields=["done_at"])
    return report


@work.does("issues.import")
def import_large(report, payload) -> dict:
    """What a worker does with a large file."""
    report(10, _("Reading the file"))
    try:
        found = confirm(Upload.objects.get(pk=payload["upload"]), tell=report)
    except TableRefused as refusal:
        raise work.Refused(str(refusal)) from None
    return {"issues": found.added}


@product_view(read=P.PRODUCT_EDIT)
def import_list(request, product):
    """What was imported into this product, each with how much of it may still be taken back."""
    return _imports_page(request, product)


@product_view(read=P.PRODUCT_EDIT, write=P.PRODUCT_EDIT)
def import_undo(request, product, pk):
    """Take an import back (POST): what nobody has worked on since goes."""
    run = get_object_or_404(product.issue_imports, pk=pk)
    if request.method == "POST":
        run.product = product
        try:
            removed, kept = run.take_back(by=request.user)
        except NotNow as error:
            messages.error(request, error.message)
            return _imports_page(request, product, status=CONFLICT)
        said = ngettext("%(n)s issue is gone.", "%(n)s issues are gone.", removed) % {"n": fmt.number(removed)}
        if kept:
            stay = ngettext("%(n)s stays: somebody has worked on it.", "%(n)s stay: somebody has worked on them.", kept)
            said = f"{said} {stay % {'n': fmt.number(kept)}}"
        messages.success(request, said)
    return redirect("delivery:issue-import-list", product.code)


def _imports_page(request, product, status=200):
    runs = list(product.issue_imports.select_related("by", "undone_by")[:50])
    context = {
        "product": product, "tab": "issues", "subtab": "queue", "runs": runs,
        "may_undo": P.PRODUCT_EDIT in request.can and not product.locked_reason,
    }  # fmt: skip
    return render(request, "delivery/issues/import_list.html", context, status=status)
