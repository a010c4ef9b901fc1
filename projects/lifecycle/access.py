"""Every view of a project goes through here."""

from functools import wraps

from django.core.exceptions import PermissionDenied

from pmdm.accounts.access import subject_view
from pmdm.accounts.roles import Permission
from projects.lifecycle.models import Project
from projects.lifecycle.standing import Over


def project_view(*, read: Permission, write: Permission | None = None, even_when_closed: bool = False):
    """Load the project, check the permission, refuse changes to a closed one unless the view is for just that.

    A project that ends while the view runs is refused by the verb, and answered alike where the view shows no form.
    """
    stamped = subject_view(
        Project,
        joins=("client", "department"),
        read=read,
        write=write,
        locked=None if even_when_closed else lambda project: project.locked_reason,
    )

    def decorator(view):
        @wraps(view)
        def until_over(*args, **kwargs):
            try:
                return view(*args, **kwargs)
            except Over as over:
                raise PermissionDenied(over.messages[0])

        return stamped(until_over)

    return decorator
