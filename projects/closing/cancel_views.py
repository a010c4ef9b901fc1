"""Cancelling a project, and what remains of it: parts accepted as they are, the salvage list."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import REFUSED, SAVED, attempt
from projects.closing import cancelling
from projects.closing.forms import AcceptanceForm, CancelForm, SalvageForm, salvage_rows
from projects.closing.matters import open_matters
from projects.lifecycle.access import project_view


@project_view(read=P.PROJECT_ACTIVITY_VIEW, write=P.PROJECT_STATE)
def cancellation(request, project):
    """Before: the form that cancels. After: what remains."""
    if request.method != "POST":
        return _page(request, project)
    form, rows = CancelForm(request.POST), salvage_rows(request.POST)
    if "more" in request.POST:
        return _page(request, project, form=CancelForm(initial=request.POST.dict()), rows=_more(request.POST))

    def save():
        lines = [row.line() for row in rows.forms if row.has_changed() and row.cleaned_data.get("what")]
        cancelling.cancel(project, by=request.user, reason=form.cleaned_data["reason"], salvage=lines)

    if rows.is_valid():
        status = attempt(form, save)
    else:
        form.is_valid()
        form.add_error(None, _("A line of the salvage list says what, where it goes and who takes it."))
        status = REFUSED
    if status == SAVED:
        messages.success(request, _("The project is cancelled. The sponsor can still accept parts as they are."))
        return redirect("projects:cancellation", project.code)
    project.refresh_from_db(fields=["state", "awaits_closure"])
    return _page(request, project, form=form, rows=rows, status=status)


@project_view(read=P.PROJECT_ACTIVITY_VIEW, write=P.CLOSURE_AUTHORISE, even_when_closed=True)
def acceptance(request, project):
    """POST: the sponsor accepts parts as they are."""
    if request.method != "POST" or project.state != project.State.CANCELLED:
        return redirect("projects:cancellation", project.code)
    form = AcceptanceForm(request.POST, parts=_left(project))
    status = attempt(form, lambda: cancelling.accept_parts(project, form.notes(), by=request.user))
    if status == SAVED:
        messages.success(request, _("Accepted as it is."))
        return redirect("projects:cancellation", project.code)
    return _page(request, project, acceptance=form, status=status)


@project_view(read=P.PROJECT_ACTIVITY_VIEW, write=P.PROJECT_STATE, even_when_closed=True)
def salvage(request, project):
    """POST adds a line to the salvage list."""
    if request.method != "POST" or project.state != project.State.CANCELLED:
        return redirect("projects:cancellation", project.code)
    form = SalvageForm(request.POST, auto_id="salvage-%s")
    status = attempt(form, lambda: cancelling.add_salvage(project, form.line(), by=request.user))
    if status == SAVED:
        return redirect("projects:cancellation", project.code)
    return _page(request, project, line=form, status=status)


@project_view(read=P.PROJECT_ACTIVITY_VIEW, write=P.PROJECT_STATE, even_when_closed=True)
def salvage_taken(request, project, number):
    """POST confirms that it has arrived with whoever takes it."""
    return _line(request, project, number, lambda item: cancelling.confirm_taken(item, by=request.user))


@project_view(read=P.PROJECT_ACTIVITY_VIEW, write=P.PROJECT_STATE, even_when_closed=True)
def salvage_removal(request, project, number):
    """POST takes a line off the list."""
    return _line(request, project, number, lambda item: cancelling.remove_salvage(item, by=request.user))


def _line(request, project, number, verb):
    item = get_object_or_404(project.salvage.select_related("project"), number=number)
    if request.method == "POST":
        try:
            verb(item)
        except ValidationError as error:
            messages.error(request, error.messages[0])
    return redirect("projects:cancellation", project.code)


def _more(data):
    """The rows that were typed, and some more."""
    count = data.get("salvage-TOTAL_FORMS", "")
    typed = [
        {name: data.get(f"salvage-{number}-{name}", "") for name in ("what", "kind", "goes_to", "taker")}
        for number in range(min(int(count), 36) if count.isdecimal() else 0)
    ]
    return salvage_rows(typed=typed)


def _left(project) -> dict:
    """What is not accepted yet."""
    cancelled = cancelling.cancellation_of(project)
    done = list(cancelled.accepted_parts.all()) if cancelled else []
    taken = {("requirement", one.requirement_id) for one in done} | {
        ("deliverable", one.deliverable_id) for one in done
    }
    return {
        kind: [row for row in rows if (kind, row.pk) not in taken]
        for kind, rows in cancelling.acceptable(project).items()
    }


def _page(request, project, *, form=None, rows=None, acceptance=None, line=None, status=200):
    context = {"project": project, "tab": "overview"}
    cancelled = cancelling.cancellation_of(project)
    manages = request.can["project_state"]
    if cancelled is None:
        may_cancel = manages and project.may_move("cancel") and not project.awaits_closure
        matters = [
            matter for matter in open_matters(project) if matter.kind.needs is None or matter.kind.needs in request.can
        ]
        context |= {
            "form": (form or CancelForm()) if may_cancel else None,
            "rows": (rows or salvage_rows()) if may_cancel else None,
            "matters": matters,
        }
        return render(request, "projects/closing/cancel.html", context, status=status)
    left = _left(project)
    may_accept = request.can["closure_authorise"]
    context |= {
        "cancelled": cancelled,
        "parts": cancelled.accepted_parts.select_related("requirement", "deliverable", "accepted_by"),
        "left": [row for rows in left.values() for row in rows],
        "acceptance": acceptance or (AcceptanceForm(parts=left) if may_accept and any(left.values()) else None),
        "salvage": cancelled.salvage.select_related("taker", "confirmed_by"),
        "line": line or (SalvageForm(auto_id="salvage-%s") if manages else None),
        "manages": manages,
        "verified": project.requirements.filter(state="verified").count(),
        "delivered": project.deliverables.filter(state="accepted").count(),
    }
    return render(request, "projects/closing/cancelled.html", context, status=status)
