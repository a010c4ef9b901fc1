"""Pages of canned answers and checklists, and what an issue's page does with them."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from delivery.issues.aids.forms import AnswerForm, ChecklistForm
from delivery.issues.aids.models import CannedAnswer, CheckLine
from delivery.issues.views import find
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt

FRAME = {"tab": "issues", "subtab": "aids"}


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def aid_list(request, product):
    """The answers of the product and one's own, the checklists; POST keeps an answer or a checklist, or forgets an
    answer of one's own."""
    may_share = P.PRODUCT_EDIT in request.can
    do = request.POST.get("do", "")
    if do == "forget":
        answer = get_object_or_404(request.user.canned_answers, pk=_key(request))
        answer.delete()
        messages.success(request, _("“%s” is forgotten.") % answer.name)
        return redirect("delivery:aid-list", product.code)
    answer = AnswerForm(
        request.POST if do == "answer" else None, product=product, may_share=may_share, auto_id="answer_%s"
    )
    checklist = ChecklistForm(request.POST if do == "checklist" else None, product=product, auto_id="checklist_%s")
    status = 200
    if request.method == "POST":
        if do == "checklist" and not may_share:
            raise PermissionDenied
        if do == "checklist":
            form, status = checklist, attempt(checklist, checklist.keep)
        else:
            form, status = answer, attempt(answer, lambda: answer.keep(by=request.user))
        if status == SAVED:
            messages.success(request, _("“%s” is kept.") % form.cleaned_data["name"])
            return redirect("delivery:aid-list", product.code)
    context = {
        "product": product,
        **FRAME,
        "answers": CannedAnswer.objects.offered_to(request.user, product),
        "checklists": product.checklist_templates.all(),
        "answer_form": answer,
        "checklist_form": checklist,
        "may_share": may_share and not product.locked_reason,
    }
    return render(request, "delivery/issues/aids/list.html", context, status=status)


@product_view(read=P.ISSUE_WORK, write=P.PRODUCT_EDIT)
def answer_removal(request, product, pk):
    """Forget an answer of the product (POST). One's own goes from the list itself."""
    answer = get_object_or_404(product.answers, pk=pk)
    if request.method == "POST":
        answer.delete()
        messages.success(request, _("“%s” is forgotten.") % answer.name)
    return redirect("delivery:aid-list", product.code)


@product_view(read=P.ISSUE_WORK, write=P.PRODUCT_EDIT)
def checklist_removal(request, product, pk):
    """Forget a checklist (POST); what it put on issues stays there."""
    template = get_object_or_404(product.checklist_templates, pk=pk)
    if request.method == "POST":
        template.delete()
        messages.success(request, _("“%s” is forgotten; what it put on issues stays.") % template.name)
    return redirect("delivery:aid-list", product.code)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def issue_checklist(request, product, number):
    """On one issue (POST): put a checklist on it, add a step, tick or untick one."""
    issue = find(request, product, number)
    if request.method == "POST":
        done = _change(request, product, issue)
        if done:
            messages.success(request, done)
    return redirect("delivery:issue-detail", product.code, number)


def _key(request) -> int:
    """The key that the form names; 0, which nothing has, where it is none."""
    key = request.POST.get("key", "")
    return int(key) if key.isdecimal() and len(key) < 12 else 0


def _change(request, product, issue) -> str:
    key = _key(request)
    do = request.POST.get("do", "")
    if do == "put":
        template = get_object_or_404(product.checklist_templates, pk=key)
        count = template.put_on(issue, by=request.user)
        return _("%(count)s steps are added.") % {"count": count}
    if do in ("tick", "untick"):
        line = get_object_or_404(issue.check_lines, pk=key)
        (line.tick if do == "tick" else line.untick)(by=request.user)
    if do == "add":
        form = forms.Form(request.POST)
        text = request.POST.get("text", "")[:250]
        if attempt(form, lambda: CheckLine.add(issue, text, by=request.user)) != SAVED:
            messages.error(request, _("Say what is to be done."))
    return ""


def of_issue(request, product, issue) -> dict:
    """What the issue's page shows: its steps, the checklists to put on it, the answers to begin a note with."""
    chosen = request.GET.get("answer", "")
    answers = list(CannedAnswer.objects.offered_to(request.user, product))
    answer = next((row for row in answers if str(row.pk) == chosen), None)
    lines = list(issue.check_lines.select_related("done_by"))
    return {
        "answers": answers,
        "answer": answer,
        "begun": answer.filled(issue, by=request.user) if answer else "",
        "check_lines": lines,
        "check_done": sum(line.done_at is not None for line in lines),
        "checklists": [row for row in product.checklist_templates.all() if row.type in ("", issue.type)],
    }
