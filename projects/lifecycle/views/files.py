"""Files attached to anything of a project: found through the project, handed out as downloads."""

from django.views.decorators.http import require_safe

from pmdm.accounts.roles import Permission
from pmdm.files.views import download
from projects.lifecycle.access import project_view


@require_safe
@project_view(read=Permission.PROJECT_VIEW)
def file(request, project, key):
    """What the file itself asks for (scope, cost) is checked against the reader's permissions."""
    return download(request, project, key)
