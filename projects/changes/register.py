"""What the shell shows of change requests: a tab, and how they are found and told."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.words import describe
from pmdm.ui import nav, search
from pmdm.ui.addresses import address
from pmdm.ui.search import Finding, Hit
from projects.changes import mail  # noqa: F401 - its handlers
from projects.changes.models import ChangeRequest
from projects.lifecycle.models import Project
from projects.lifecycle.tab_counts import tab_counts


def _readable(user):
    """What was never submitted is found by who wrote it and by who assesses."""
    projects = Project.objects.allowing(user, P.CHANGE_VIEW)
    assessed = Project.objects.allowing(user, P.CHANGE_ASSESS)
    own = Q(requester=user) | Q(created_by=user)
    rows = ChangeRequest.objects.filter(project__in=projects)
    return rows.filter(Q(submitted_at__isnull=False) | own | Q(project__in=assessed)).select_related("project")


def _private(project, user):
    return project.change_requests.private_to_others(project, user)


def _hit(row) -> Hit:
    return Hit(title=row.title, ref=row.ref, sub=row.project.name, url=row.get_absolute_url())


_found = Finding(
    lambda reader: _readable(reader).order_by("-pk"), ("title",), ("number", "title", "project__code", "project__name")
)


def find(user, words, limit):
    return [
        Hit(
            title=title,
            ref=f"{ChangeRequest.PREFIX}-{number}",
            sub=name,
            url=address("projects:change-detail", code, number),
        )
        for number, title, code, name in _found(user, words, limit)
    ]


def jump(user, code, prefix, number):
    if prefix != ChangeRequest.PREFIX:
        return []
    rows = _readable(user).filter(number=number)
    if code:
        rows = rows.filter(project__code=code)
    return [_hit(row) for row in rows.order_by("project__name")[:20]]


def register() -> None:
    nav.register_tab(
        "project",
        "changes",
        _("Changes"),
        "projects:change-list",
        order=35,
        count=lambda project: tab_counts(project)["open_changes"],
        visible=lambda project, user: project.allows(user, P.CHANGE_VIEW),
    )
    search.register("change", _("Change requests"), find, order=36, icon="git-pull-request-arrow")
    search.register_jump(jump)
    describe("projects.ChangeRequest", label=("title",), private=_private)
    # A step tells what the request's own row tells already; a draft of a text is told by its version.
    describe("projects.ChangeStep", hidden=True)
    describe("projects.ChangeRequirement", label=("change", "title"))
    describe("projects.ChangeEdit", label=("change", "name"))
    describe("projects.ChangeMoney", label=("change", "line", "name"), needs=P.COST_VIEW)
    describe("projects.ChangeImpact", label=("change",))
    describe("projects.BudgetBaseline", label=("number",), needs=P.COST_VIEW)
