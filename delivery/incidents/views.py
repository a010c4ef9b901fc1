"""Pages of major incidents: the list, declaring one, the page of one with its timeline, its review."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.incidents import times
from delivery.incidents.forms import (
    CorrectionForm,
    DeclareForm,
    IncidentFilter,
    LeadForm,
    NoteForm,
    StepForm,
)
from delivery.incidents.models import IncidentEntry, MajorIncident
from delivery.products.access import product_view
from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.lists import ListPage
from pmdm.ui.parts import Text

SORTS = {"declared": "declared_at", "number": "number", "state": ("state", "number")}


@dataclass(frozen=True)
class Step:
    """A change of state that the page offers."""

    label: Text
    icon: str
    from_states: tuple[str, ...]
    verb: Callable
    note: Text


STEPS = {
    "mitigation": Step(
        gettext_lazy("Mitigated"), "shield", ("active",), MajorIncident.mitigate,
        gettext_lazy("Clients can work again, the cause is still there. They read what you say."),
    ),
    "resolution": Step(
        gettext_lazy("Resolved"), "check", ("active", "mitigated"), MajorIncident.resolve,
        gettext_lazy("The cause is gone: no more updates are owed. Clients read what you say."),
    ),
    "relapse": Step(
        gettext_lazy("It came back"), "undo-2", ("mitigated", "resolved"), MajorIncident.relapse,
        gettext_lazy("Active again, and the clock of updates runs. Clients read what you say."),
    ),
    "standing-down": Step(
        gettext_lazy("Stand down"), "archive", ("active", "mitigated", "resolved"), MajorIncident.stand_down,
        gettext_lazy("Nobody leads it any more. One that was never resolved was no major incident: say why."),
    ),
}  # fmt: skip


def find(request, product, number) -> MajorIncident:
    """The major incident of this product that the reader may see, or 404."""
    incidents = product.major_incidents.visible_to(request.user, product)
    incident = get_object_or_404(
        incidents.select_related("issue", "commander", "communications", "operations", "declared_by"), number=number
    )
    incident.product = product
    return incident


@product_view(read=P.ISSUE_VIEW)
def incident_list(request, product):
    """All major incidents that the reader may know of, those that are led first."""
    internal = P.INTERNAL_VIEW in request.can
    page = ListPage(
        request,
        product.major_incidents.visible_to(request.user, product).select_related("commander", "issue", "review"),
        sorts=SORTS,
        default_sort="-declared",
        form=IncidentFilter,
        form_kwargs={"internal": internal},
    )
    context = {
        "product": product, "tab": "issues", "subtab": "incidents", "page": page, "internal": internal,
        "now": timezone.now(), "may_declare": P.ISSUE_WORK in request.can and not product.locked_reason,
    }  # fmt: skip
    return render(request, "delivery/incidents/list.html", context)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def incident_new(request, product):
    """Declare one, on an issue that is there or on a new one."""
    number = request.GET.get("issue", "")
    issue = product.issues.open().filter(number=number).first() if number.isdigit() and len(number) < 10 else None
    form = DeclareForm(request.POST or None, product=product, issue=issue, by=request.user)
    status = 200
    if request.method == "POST":
        declared = []
        status = attempt(form, lambda: declared.append(form.declare(by=request.user)))
        if status == SAVED:
            messages.success(request, _("%s is declared. The clock of updates runs.") % declared[0].ref)
            return redirect("delivery:major-incident", product.code, declared[0].number)
    context = {"product": product, "tab": "issues", "subtab": "incidents", "form": form}
    return render(request, "delivery/incidents/new.html", context, status=status)


@product_view(read=P.ISSUE_VIEW, write=P.ISSUE_WORK)
def incident_detail(request, product, number):
    """The page of one: who leads, when the next update is due, what happened. POST writes an update or a note."""
    incident = find(request, product, number)
    form = NoteForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: incident.note(by=request.user, **form.cleaned_data))
        if status == SAVED:
            told = form.cleaned_data["is_public"]
            messages.success(request, _("Clients can read it now.") if told else _("Noted, for us alone."))
            return redirect("delivery:major-incident", product.code, number)
    return _detail(request, product, incident, note_form=form, status=status)


@product_view(read=P.INTERNAL_VIEW, write=P.ISSUE_WORK)
def incident_lead(request, product, number):
    """Who has which duty, how often clients hear (POST)."""
    incident = find(request, product, number)
    if request.method != "POST":
        return redirect("delivery:major-incident", product.code, number)
    form = LeadForm(request.POST, incident=incident)
    status = attempt(form, lambda: form.save(by=request.user))
    if status == SAVED:
        messages.success(request, _("Saved."))
        return redirect("delivery:major-incident", product.code, number)
    return _detail(request, product, incident, lead_form=form, status=status)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def incident_step(request, product, number, step):
    """One change of its state, with what is said."""
    if step not in STEPS:
        raise Http404
    incident = find(request, product, number)
    chosen = STEPS[step]
    form = StepForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: chosen.verb(incident, by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("%(ref)s: %(state)s.") % {
                "ref": incident.ref, "state": incident.get_state_display()
            })  # fmt: skip
            return redirect("delivery:major-incident", product.code, number)
    context = {
        "product": product, "tab": "issues", "subtab": "incidents", "incident": incident, "form": form,
        "title": chosen.label, "note": chosen.note,
    }  # fmt: skip
    return render(request, "delivery/incidents/step.html", context, status=status)


@product_view(read=P.ISSUE_WORK, write=P.ISSUE_WORK)
def incident_correction(request, product, number, pk):
    """A line of the timeline was wrong: another one says how it really was."""
    incident = find(request, product, number)
    entry = get_object_or_404(incident.entries.exclude(kind=IncidentEntry.Kind.CORRECTION), pk=pk)
    form = CorrectionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = attempt(form, lambda: incident.correct(entry, by=request.user, **form.cleaned_data))
        if status == SAVED:
            messages.success(request, _("The correction stands beside it."))
            return redirect("delivery:major-incident", product.code, number)
    context = {
        "product": product, "tab": "issues", "subtab": "incidents", "incident": incident, "form": form, "entry": entry,
        "title": _("Correct an entry"),
        "note": _("Clients read the correction too.") if entry.is_public else _("Only we read it."),
    }  # fmt: skip
    return render(request, "delivery/incidents/step.html", context, status=status)


def timeline_of(incident, user) -> list[IncidentEntry]:
    """The entries that this reader may see, in the order of what happened; each with its corrections."""
    entries = list(incident.entries.visible_to(user, incident.product).select_related("by"))
    corrections: dict[int, list[IncidentEntry]] = {}
    for entry in entries:
        if entry.corrects_id:
            corrections.setdefault(entry.corrects_id, []).append(entry)
    shown = [entry for entry in entries if not entry.corrects_id]
    for entry in shown:
        entry.corrected = corrections.get(entry.pk, [])
    return shown


def _detail(request, product, incident, *, note_form=None, lead_form=None, status=200):
    internal = P.INTERNAL_VIEW in request.can
    may_work = P.ISSUE_WORK in request.can and not product.locked_reason
    now = timezone.now()
    review = getattr(incident, "review", None) if internal else None
    context = {
        "product": product,
        "tab": "issues",
        "subtab": "incidents",
        "incident": incident,
        "entries": list(reversed(timeline_of(incident, request.user))),
        "spans": times.spans(incident),
        "impact": times.impact(incident, now),
        "late": incident.is_late(now),
        "internal": internal,
        "may_work": may_work,
        "review": review,
        "actions_open": review.actions.open().count() if review else 0,
        "steps": [(name, step) for name, step in STEPS.items() if incident.state in step.from_states]
        if may_work
        else [],
        "note_form": note_form or NoteForm(),
        "lead_form": lead_form or LeadForm(incident=incident),
        "leading": lead_form is not None,
    }
    return render(request, "delivery/incidents/detail.html", context, status=status)
