"""What the stories around the record share: its row lock, finding it, and their pages."""

from django.shortcuts import redirect, render
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


def form_page(request, context: dict, form, heading, save, back: str, *, label=None):
    """A form on a page of its own; after saving back to where one came from."""
    status = 200
    if request.method == "POST":
        status = attempt(form, save)
        if status == SAVED:
            return redirect(back)
    context = {**context, "form": form, "heading": heading, "back": back, "save_label": label}
    return render(request, "handover/form.html", context, status=status)
