"""Pages of issues: report, detail, notes, moves, known gaps."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.issues import answers, moves
from delivery.issues.escalation.views import history
from delivery.issues.forms import GapForm, IssueForm, NoteForm, ReportForm, gaps_key
from delivery.issues.models import Issue, KnownGap
from delivery.issues.service_hours import service_hours
from delivery.issues.teams import time
from delivery.products.access import product_view
from delivery.products.hooks import origins_of
from pmdm.accounts.models import Organisation
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt

RELATED = ("assignee", "reported_by", "organisation", "requirement", "team", "fixed_in", "found_in", "duplicate_of",
           "incident", "parent", "problem", "follows")  # fmt: skip


HEARD = {
    "noted": gettext_lazy("Noted."),
    "resumed": gettext_lazy("Noted; %(issue)s is worked on again."),
    "reopened": gettext_lazy("Noted; %(issue)s is open again."),
    "follows": gettext_lazy("It was solved a while ago: %(issue)s is new and follows it."),
}


def find(request, product, number) -> Issue:
    """The issue of this product that the reader may see, or 404."""
    issues = product.issues.visible_to(request.user, product)
    issue = get_object_or_404(issues.select_related(*RELATED), number=number)
    issue.product = product
    return issue


@product_view(read=P.ISSUE_REPORT, write=P.ISSUE_REPORT)
def issue_new(request, product):
    """Report an issue; what is known already is shown first."""
    looks = "look" in request.POST  # at the fields of another type, with what was typed
    initial = {"title": request.GET.get("title", "")[:250], **(request.POST.dict() if looks else {})}
    form = ReportForm(
        None if looks else request.POST or None, product=product, can=request.can, reader=request.user, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        issue = form.report(by=request.user)
        messages.success(request, _("%s is reported.") % issue.ref)
        if request.POST.get("quick"):  # from the queue's dialog: on with the next
            return redirect("delivery:issue-list", product.code)
        return redirect("delivery:issue-detail", product.code, issue.number)
    known = product.known_gaps.visible_to(request.user, product)
    gaps = form.gaps or list(known.like(form["title"].value() or ""))
    context = {"product": product, "tab": "issues", "form": form, "gaps": gaps}
    return render(request, "delivery/issues/new.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.ISSUE_REPORT)
def gaps_like(request, product):
    """The known gaps that fit a title: a fragment while one types, a page without script."""
    known = product.known_gaps.visible_to(request.user, product)
    gaps = list(known.like(request.GET.get("title", "")[:250]))
    context = {"product": product, "gaps": gaps, "seen": gaps_key(gaps)}
    return render(request, "delivery/issues/_gaps_like.html", context)


@product_view(read=P.ISSUE_VIEW, write=P.ISSUE_WORK)
def issue_detail(request, product, number):
    """Everything about one issue; POST saves the facts."""
    issue = find(request, product, number)
    looks = "look" in request.POST
    initial = request.POST.dict() if looks else None
    form = IssueForm(
        None if looks else request.POST or None, instance=issue, product=product, can=request.can, initial=initial
    )
    if looks:  # what somebody saved in between is still told when it is saved
        form.initial["version"] = request.POST.get("version")
    status = 200
    if request.method == "POST" and not looks:
        status = attempt(form, lambda: form.revise(by=request.user))
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:issue-detail", product.code, issue.number)
    return _detail(request, product, issue, form=form, editing=request.method == "POST", status=status)


@product_view(read=P.ISSUE_VIEW, write=P.ISSUE_REPORT)
def issue_notes(request, product, number):
    """Add a note. A public one by staff answers the customer; what the customer says makes a waiting clock run on and
    opens again what is solved (``answers``)."""
    issue = find(request, product, number)
    if request.method != "POST":
        return redirect("delivery:issue-detail", product.code, issue.number)
    internal = P.INTERNAL_VIEW in request.can
    note_form = NoteForm(request.POST, internal=internal, issue=issue)
    if not note_form.is_valid():
        return _detail(request, product, issue, note_form=note_form, status=REFUSED)
    text, is_internal = note_form.cleaned_data["text"], note_form.cleaned_data.get("is_internal", False)
    if is_internal:
        issue.add_note(by=request.user, text=text, is_internal=True)
    elif internal:
        issue.respond(by=request.user, text=text)
    else:
        heard = answers.hear(issue, by=request.user, text=text, thanks=note_form.cleaned_data.get("thanks", False))
        messages.success(request, HEARD[heard.what] % {"issue": heard.issue.ref})
        return redirect("delivery:issue-detail", product.code, heard.issue.number)
    messages.success(request, _("Noted."))
    return redirect("delivery:issue-detail", product.code, issue.number)


@product_view(read=P.ISSUE_VIEW, write=P.ISSUE_REPORT)
def issue_move(request, product, number, move):
    """One move of the issue's state, with what it asks for."""
    if move not in moves.MOVES:
        raise Http404
    issue = find(request, product, number)
    chosen = moves.MOVES[move]
    may_work = P.ISSUE_WORK in request.can
    if not may_work and move not in moves.CLIENT_MOVES:
        raise PermissionDenied
    about = {"issue": issue} if chosen.of_issue else {}
    data = request.POST if request.method == "POST" else None
    form = chosen.form(data, product=product, **about) if chosen.form else None
    if form is not None and not may_work:
        form.fields.pop("children", None)  # whose they are is nothing for a client
    status = 200
    if request.method == "POST":
        if form is None:
            form = forms.Form(request.POST)
        status = attempt(form, lambda: chosen.act(issue, request.user, form.cleaned_data))
        if status == SAVED:
            messages.success(request, chosen.done)
            return redirect("delivery:issue-detail", product.code, issue.number)
        issue.refresh_from_db()
    context = {"product": product, "tab": "issues", "issue": issue, "form": form, "move": chosen, "name": move}
    return render(request, "delivery/issues/move.html", context, status=status)


def _detail(request, product, issue, *, form=None, note_form=None, editing=False, status=200):
    internal = P.INTERNAL_VIEW in request.can
    may_work = P.ISSUE_WORK in request.can and not product.locked_reason
    is_reporter = P.ISSUE_REPORT in request.can and not product.locked_reason
    origins_of("issue", [issue], request.user)
    aids = _aids(request, product, issue) if may_work else {"begun": ""}
    hours = service_hours(product)
    levels = product.levels()
    offered = moves.offered(issue, may_work=may_work, is_reporter=is_reporter)
    context = {
        "product": product,
        "tab": "issues",
        "issue": issue,
        "breaks": product.requirements.visible_to(request.user, product).filter(pk=issue.requirement_id).first(),
        "notes": issue.notes.visible_to(request.user, product)
        .select_related("by", "mail")
        .prefetch_related("mail__attachments__file"),
        "opened_by_mail": issue.mails.filter(state="filed", note=None).prefetch_related("attachments__file").first(),
        "clock": issue.readings(hours=hours, level=levels.get(issue.severity)),
        "hours": hours,
        "children": list(issue.children.order_by("number")) if internal else [],
        "same": list(issue.duplicates.order_by("number")) if internal else [],
        "known_errors": list(issue.known_errors.all()) if internal else [],
        "escalations": history(issue) if internal else [],
        "team_times": time.of_issue(issue, timezone.now()) if internal else [],
        "own_fields": issue.own_fields if internal else issue.public_fields,
        "hand_offs": list(issue.hand_offs.select_related("giver", "to", "by", "decided_by")) if internal else [],
        "moves": [(name, each) for name, each in offered if name in moves.USUAL],
        "more": [(name, each) for name, each in offered if name not in moves.USUAL],
        "form": form or IssueForm(instance=issue, product=product, can=request.can),
        "note_form": note_form or NoteForm(internal=internal, issue=issue, initial={"text": aids["begun"]}),
        "reopens_until": answers.reopens_until(issue),
        "now": timezone.now(),
        # Those of another client than this issue's name nothing of it to this one.
        "before": issue.follows if issue.follows and (internal or _of_one_client(issue, issue.follows)) else None,
        "after": list(issue.followed_by.visible_to(request.user, product).order_by("number")),
        "editing": editing,
        "internal": internal,
        "may_work": may_work,
        "may_note": is_reporter,
        **aids,
    }
    return render(request, "delivery/issues/detail.html", context, status=status)


def _of_one_client(one: Issue, other: Issue) -> bool:
    return (one.organisation_id, one.organisation_id or one.reported_by_id) == (
        other.organisation_id, other.organisation_id or other.reported_by_id,
    )  # fmt: skip


def _aids(request, product, issue) -> dict:
    from delivery.issues.aids.views import of_issue  # which finds issues by this module

    return of_issue(request, product, issue)


@product_view(read=P.REQUIREMENT_VIEW, write=P.CONFORMANCE_EDIT)
def gap_list(request, product):
    """What the product is known not to do; add one."""
    form = GapForm(request.POST or None, product=product)
    if request.method == "POST" and form.is_valid():
        gap = KnownGap.accept(product, by=request.user, **form.cleaned_data)
        messages.success(request, _("%s is noted as known.") % gap.ref)
        return redirect("delivery:known-gap-list", product.code)
    known = product.known_gaps.visible_to(request.user, product)
    gaps = list(known.select_related("requirement").order_by("closed_at", "number"))
    origins_of("gap", gaps, request.user)
    if P.INTERNAL_VIEW in request.can:
        named = KnownGap.objects.naming(product, Organisation.objects.all())
        for gap in gaps:
            gap.names = named.get(gap.pk)
    context = {"product": product, "tab": "requirements", "gaps": gaps, "form": form}
    return render(request, "delivery/issues/known_gaps.html", context, status=REFUSED if form.is_bound else 200)


@product_view(read=P.REQUIREMENT_VIEW, write=P.CONFORMANCE_EDIT)
def gap_closure(request, product, number):
    """The product does it now (POST)."""
    gap = get_object_or_404(product.known_gaps, number=number)
    if request.method == "POST":
        gap.close(by=request.user)
        messages.success(request, _("%s is closed.") % gap.ref)
    return redirect("delivery:known-gap-list", product.code)
