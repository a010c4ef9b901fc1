"""Views of one record of a handover: found through its project, closed or not."""

from collections.abc import Callable
from functools import wraps

from django.shortcuts import get_object_or_404

from pmdm.accounts.roles import Permission
from projects.lifecycle.access import project_view


def handover_view(*, read: Permission, write: Permission | None = None) -> Callable:
    """``view(request, project, handover)`` below /projects/<code>/handover/<number>/; a stranger gets 404.

    A handover goes on when its project is closed; the record's own state says what may still change.
    """

    def decorator(view):
        @project_view(read=read, write=write, even_when_closed=True)
        @wraps(view)
        def found(request, project, number, **kwargs):
            records = project.handovers.select_related("giver", "receiver", "product")
            handover = get_object_or_404(records, number=number)
            handover.project = project
            return view(request, project, handover, **kwargs)

        return found

    return decorator
