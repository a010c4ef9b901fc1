"""Pages of complaints: the register with its figures, one complaint with what was accepted, the customer's word."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.complaints import figures
from delivery.complaints.forms import (
    AcknowledgeForm,
    ComplaintFilter,
    JudgeForm,
    RemedyForm,
    TermsForm,
    WordForm,
)
from delivery.complaints.hooks import need_of
from delivery.complaints.models import Complaint, ComplaintTerms
from delivery.issues.durations import words
from delivery.issues.models import Issue
from delivery.issues.service_hours import service_hours
from delivery.issues.views import find
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage

SORTS = {
    "reported": "issue__created_at",
    "due": F("acknowledge_due").asc(nulls_last=True),
    "title": "issue__title",
    "verdict": "verdict",
}


@product_view(read=P.INTERNAL_VIEW, write=P.PRODUCT_EDIT)
def complaint_list(request, product):
    """The register, its figures, and within which time complaints are acknowledged (POST sets it)."""
    hours = service_hours(product)
    minutes = ComplaintTerms.of(product)
    initial = {"acknowledge": words(minutes, hours.minutes_per_day)}
    form = TermsForm(request.POST or None, per_day=hours.minutes_per_day, initial=initial)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: ComplaintTerms.agree(product, form.cleaned_data["acknowledge"], by=request.user))
        if status == SAVED:
            messages.success(request, _("Saved. Complaints that wait have their dues from it now."))
            return redirect("delivery:complaint-list", product.code)
    page = ListPage(
        request,
        product.complaints.current().standing().select_related("issue__organisation", "issue__assignee", "requirement"),
        sorts=SORTS,
        default_sort="-reported",
        form=ComplaintFilter,
    )
    context = {
        "product": product, "tab": "issues", "subtab": "complaints", "page": page, "terms_form": form,
        "acknowledge": initial["acknowledge"], "tiles": figures.tiles(product), "chart": figures.by_month(product),
        "may_edit": P.PRODUCT_EDIT in request.can and not product.locked_reason, "editing": form.is_bound,
        "now": timezone.now(),
    }  # fmt: skip
    return render(request, "delivery/complaints/list.html", context, status=status)


def _of(request, product, number) -> Complaint:
    """What the complaint has beside its issue, as the reader may see it; not kept while nobody acts on it."""
    issue = find(request, product, number)
    if issue.type != Issue.Type.COMPLAINT:
        raise Http404
    rows = Complaint.objects.select_related("requirement", "acknowledged_by", "judged_by", "confirmed_by")
    complaint = rows.filter(issue=issue).first()
    if complaint is None:
        complaint = Complaint.open(issue) if request.method == "POST" else Complaint(product=product, issue=issue)
    complaint.issue = issue
    return complaint


@product_view(read=P.ISSUE_VIEW)
def complaint(request, product, number):
    """One complaint. Its client sees what was done and has the word; we see the accepted scope beside it."""
    return _page(request, product, _of(request, product, number))


def _verb(form_of, act, done):
    """A view that does one verb (POST) and shows the page again with what was wrong."""

    @product_view(read=P.ISSUE_VIEW, write=P.ISSUE_WORK)
    def view(request, product, number):
        if request.method != "POST":
            return redirect("delivery:complaint", product.code, number)
        found = _of(request, product, number)
        name, form = form_of(request, product, found)
        status = attempt(form, lambda: act(found, request.user, form))
        if status == SAVED:
            messages.success(request, done)
            return redirect("delivery:complaint", product.code, number)
        return _page(request, product, _of(request, product, number), status=status, **{name: form})

    return view


acknowledgement = _verb(
    lambda request, product, found: ("acknowledge_form", AcknowledgeForm(request.POST)),
    lambda found, by, form: found.acknowledge(by=by, text=form.cleaned_data["text"]),
    _("The customer knows that it is heard."),
)
verdict = _verb(
    lambda request, product, found: ("judge_form", JudgeForm(request.POST, instance=found, product=product)),
    lambda found, by, form: form.judge(found, by=by),
    _("Judged."),
)
remedy = _verb(
    lambda request, product, found: ("remedy_form", RemedyForm(request.POST)),
    lambda found, by, form: found.remedy(by=by, **form.cleaned_data),
    _("Put right. The customer has the word."),
)


@product_view(read=P.ISSUE_VIEW, write=P.ISSUE_REPORT)
def word(request, product, number):
    """The customer's word: content, or not and why (POST). Staff write down who said it."""
    if request.method != "POST":
        return redirect("delivery:complaint", product.code, number)
    found = _of(request, product, number)
    internal = P.INTERNAL_VIEW in request.can
    if internal and P.ISSUE_WORK not in request.can:
        raise PermissionDenied
    refusing = "refuse" in request.POST
    form = WordForm(request.POST, customer=not internal, refusing=refusing)
    verb = found.refuse if refusing else found.confirm
    status = attempt(form, lambda: verb(by=request.user, text=form.cleaned_data["text"]))
    if status == SAVED:
        thanks = _("Confirmed, in the customer's words.") if internal else _("Thank you: it is confirmed.")
        done = _("It is open again; we look at it.") if refusing else thanks
        messages.success(request, done)
        return redirect("delivery:complaint", product.code, number)
    return _page(request, product, _of(request, product, number), word_form=form, status=status)


def _page(request, product, found, *, status=200, **forms_given):
    internal = P.INTERNAL_VIEW in request.can
    may_work = P.ISSUE_WORK in request.can and not product.locked_reason
    may_say = P.ISSUE_REPORT in request.can and not product.locked_reason and (may_work or not internal)
    stands = found.standing
    open_issue = found.issue.is_open
    # What was accepted, with the evidence that it was met, beside what the customer says.
    concerned = found.requirement or found.issue.requirement
    checks = list(concerned.checks.select_related("by").prefetch_related("files")[:5]) if concerned and internal else []
    context = {
        "product": product,
        "tab": "issues",
        "subtab": "complaints" if internal else "queue",
        "complaint": found,
        "issue": found.issue,
        "stands": stands,
        "internal": internal,
        "may_work": may_work,
        "unheard": found.is_unheard(),
        "concerned": concerned,
        "checks": checks,
        "need": need_of(found, request.user, may_work=may_work),
        "steps": _steps(stands),
        "acknowledge_form": None,
        "judge_form": None,
        "remedy_form": None,
        "word_form": None,
    }
    if may_work and open_issue and not found.acknowledged_at:
        context["acknowledge_form"] = AcknowledgeForm()
    if may_work and open_issue and found.acknowledged_at:
        context["judge_form"] = JudgeForm(instance=found, product=product)
    if may_work and open_issue and found.verdict:
        context["remedy_form"] = RemedyForm()
    if may_say and stands in ("remedied", "closed"):
        context["word_form"] = WordForm(customer=not internal)
    context |= forms_given
    return render(request, "delivery/complaints/detail.html", context, status=status)


def _steps(stands: str) -> list[dict]:
    """The way of a complaint, and how far it is."""
    way = [Complaint.Standing.RECEIVED, Complaint.Standing.ACKNOWLEDGED, Complaint.Standing.JUDGED,
           Complaint.Standing.REMEDIED, Complaint.Standing.CONFIRMED]  # fmt: skip
    reached = way.index(Complaint.Standing(stands)) if stands in way else way.index(Complaint.Standing.REMEDIED)
    return [{"label": step.label, "done": at <= reached} for at, step in enumerate(way)]
