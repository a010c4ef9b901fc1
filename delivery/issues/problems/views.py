"""Pages of problems: list, new, detail, what can be done with one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.issues.forms import TextForm
from delivery.issues.problems.forms import (
    LinkForm,
    ProblemCloseForm,
    ProblemFilter,
    ProblemForm,
    ProblemNewForm,
    ProblemResolveForm,
    PublishForm,
    ReopenForm,
)
from delivery.issues.problems.models import Problem
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import Text

SORTS = {"number": "number", "title": "title", "state": "state", "raised": "raised_at", "open": "open_issues",
         "owner": "owner__name"}  # fmt: skip

FRAME = {"tab": "issues", "subtab": "problems"}


@dataclass(frozen=True)
class Move:
    """One button of a problem's page."""

    label: Text
    icon: str
    from_states: tuple[str, ...]
    act: Callable[[Problem, Any, dict], Any]
    done: Text
    form: Callable[..., forms.Form] | None = None

    @property
    def asks(self) -> bool:
        return self.form is not None


MOVES: dict[str, Move] = {
    "investigation": Move(
        gettext_lazy("Investigate"),
        "search",
        ("new",),
        lambda problem, by, _d: problem.investigate(by=by),
        gettext_lazy("You look for its cause."),
    ),
    "publication": Move(
        gettext_lazy("Known error"),
        "lightbulb",
        ("new", "investigating"),
        lambda problem, by, data: problem.publish(by=by, **data),
        gettext_lazy("Reporters see the workaround before they file the same."),
        PublishForm,
    ),
    "resolution": Move(
        gettext_lazy("Resolve"),
        "check",
        Problem.OPEN_STATES,
        lambda problem, by, data: problem.resolve(by=by, **data),
        gettext_lazy("Resolved."),
        ProblemResolveForm,
    ),
    "closure": Move(
        gettext_lazy("Close"),
        "archive",
        ("resolved",),
        lambda problem, by, data: problem.close(by=by, **data),
        gettext_lazy("Closed."),
        ProblemCloseForm,
    ),
    "reopening": Move(
        gettext_lazy("Reopen"),
        "undo-2",
        ("resolved", "closed"),
        lambda problem, by, data: problem.reopen(by=by, reason=data["text"]),
        gettext_lazy("Under investigation again."),
        ReopenForm,
    ),
}


def problems_page(request, product) -> ListPage:
    """Open problems first, with how many open issues each is behind."""
    counted = product.problems.select_related("owner").annotate(
        open_issues=Count("issues", filter=Q(issues__resolved_at=None)), all_issues=Count("issues")
    )
    return ListPage(request, counted, sorts=SORTS, default_sort="-open", form=ProblemFilter)


@product_view(read=P.INTERNAL_VIEW)
def problem_list(request, product):
    """All problems, the open ones first."""
    context = {
        "product": product,
        **FRAME,
        "page": problems_page(request, product),
        "may_work": _may_work(request, product),
    }
    return render(request, "delivery/issues/problems/list.html", context)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def problem_new(request, product):
    """Raise a problem."""
    form = ProblemNewForm(
        request.POST or None, product=product, initial={"issues": request.GET.get("issues", "")[:500]}
    )
    status = 200
    if request.method == "POST":
        made: list[Problem] = []
        status = attempt(
            form, lambda: made.append(Problem.raise_problem(product, by=request.user, **form.cleaned_data))
        )
        if status == SAVED:
            messages.success(request, _("%s is raised.") % made[0].ref)
            return redirect("delivery:problem-detail", product.code, made[0].number)
    context = {"product": product, **FRAME, "form": form}
    return render(request, "delivery/issues/problems/new.html", context, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def problem_detail(request, product, number):
    """Everything about one problem; POST saves what is said, links an issue or adds a note."""
    problem = _find(product, number)
    do = request.POST.get("do", "")
    form = ProblemForm(request.POST if do == "facts" else None, instance=problem, product=product)
    link = LinkForm(request.POST if do == "link" else None, product=product)
    note = TextForm(request.POST if do == "note" else None, label=_("Note"))
    status = 200
    if request.method == "POST":
        acts: dict[str, tuple[forms.BaseForm, Callable[[], object]]] = {
            "facts": (form, lambda: form.save_changes()),
            "link": (link, lambda: [problem.link(issue, by=request.user) for issue in link.cleaned_data["issues"]]),
            "note": (
                note,
                lambda: problem.notes.create(product=product, by=request.user, text=note.cleaned_data["text"]),
            ),
        }
        if do == "unlink":
            key = request.POST.get("issue", "")
            issue = get_object_or_404(problem.issues, pk=key if key.isdecimal() and len(key) < 12 else 0)
            problem.unlink(issue, by=request.user)
            return redirect("delivery:problem-detail", product.code, number)
        if do not in acts:
            return redirect("delivery:problem-detail", product.code, number)
        status = attempt(*acts[do])
        if status == SAVED:
            messages.success(request, _("Saved."))
            return redirect("delivery:problem-detail", product.code, number)
    issues = problem.issues.for_list().order_by("resolved_at", "severity", "number")
    context = {
        "product": product,
        **FRAME,
        "problem": problem,
        "issues": list(issues[:200]),
        "known_errors": list(problem.known_errors.all()),
        "notes": list(problem.notes.select_related("by")),
        "moves": [(name, move) for name, move in MOVES.items() if problem.state in move.from_states],
        "form": form,
        "link": link,
        "note": note,
        "may_work": _may_work(request, product),
    }
    return render(request, "delivery/issues/problems/detail.html", context, status=status)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def problem_move(request, product, number, move):
    """One move of the problem's state, with what it asks for."""
    if move not in MOVES:
        raise Http404
    problem = _find(product, number)
    chosen = MOVES[move]
    form = chosen.form(request.POST if request.method == "POST" else None, problem=problem) if chosen.form else None
    status = 200
    if request.method == "POST":
        form = form if form is not None else forms.Form(request.POST)
        status = attempt(form, lambda: chosen.act(problem, request.user, form.cleaned_data))
        if status == SAVED:
            messages.success(request, chosen.done)
            return redirect("delivery:problem-detail", product.code, number)
        problem.refresh_from_db()
    context = {
        "product": product,
        **FRAME,
        "problem": problem,
        "form": form,
        "move": chosen,
    }
    return render(request, "delivery/issues/problems/move.html", context, status=status)


def _find(product, number) -> Problem:
    problem = get_object_or_404(product.problems.select_related("owner", "raised_by", "fixed_in"), number=number)
    problem.product = product
    return problem


def _may_work(request, product) -> bool:
    return P.ISSUE_WORK in request.can and not product.locked_reason
