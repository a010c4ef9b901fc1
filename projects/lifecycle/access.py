"""Every view of a project goes through here."""

from pmdm.accounts.access import subject_view
from pmdm.accounts.roles import Permission
from projects.lifecycle.models import Project


def project_view(*, read: Permission, write: Permission | None = None, even_when_closed: bool = False):
    """Load the project, check the permission, refuse changes to a closed one unless the view is for just that."""
    return subject_view(
        lambda: Project.objects.select_related("client", "department"),
        read=read,
        write=write,
        locked=None if even_when_closed else lambda project: project.locked_reason,
    )
