"""What the stories around the record share: its row lock, finding it, and their pages."""

from django import forms
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from handover.transfer.locking import AlreadyMoved
from handover.transfer.models import Handover
from pmdm.registers.editing import SAVED, attempt

# With the receiver, not decided yet.
WAITING_STATES = Handover.REVIEW_STATES


def locked(handover: Handover, *states: str) -> Handover:
    """The record as it is now, its row locked; AlreadyMoved unless it stands in one of ``states`` (none: anywhere)."""
    records = Handover.objects.select_for_update(of=("self",)).select_related("project", "giver", "receiver", "product")
    current = records.get(pk=handover.pk)
    if states and current.state not in states:
        raise AlreadyMoved(
            _("%(ref)s is “%(state)s” now; this can't be changed there.")
            % {"ref": current.ref, "state": current.get_state_display()}
        )
    return current


def page(request, project, handover, view: str, **more) -> dict:
    """The context of every page around the record; ``view`` names it in the switch."""
    return {"project": project, "tab": "handover", "view": view, "handover": handover, "can": request.can, **more}


def url_of(handover, view: str) -> str:
    """The page of a story around the record; its route has the name of its place in the switch."""
    return reverse(f"handover:{view}", args=[handover.project.code, handover.number])


def row_form(request, project, handover, view: str, form, heading, save, *, removal: str = "", pk: int = 0):
    """A form about one row, on a page of its own; after saving back to the page of ``view``.

    ``removal``: the route that takes the row ``pk`` away.
    """
    back, status = url_of(handover, view), 200
    if request.method == "POST":
        status = attempt(form, save)
        if status == SAVED:
            return redirect(back)
    context = page(request, project, handover, view, form=form, heading=heading, back=back)
    if removal:
        context["removal"] = reverse(f"handover:{removal}", args=[project.code, handover.number, pk])
    return render(request, "handover/form.html", context, status=status)


def do(request, project, handover, view: str, verb, show):
    """What a button alone asks for: back to the page of ``view``, or ``show`` it again with why it was refused."""
    form = forms.Form(request.POST)
    status = attempt(form, verb)
    if status != SAVED:
        return show(request, project, handover, refused=form, status=status)
    return redirect(url_of(handover, view))
