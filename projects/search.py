"""How projects and what they hold are found."""

from django.urls import NoReverseMatch
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.prepared import PreparedFor
from pmdm.registers.models import words_of
from pmdm.ui import search
from pmdm.ui.addresses import address
from pmdm.ui.search import Finding, Hit
from projects.models import Deliverable, Issue, Lesson, Objective, Project, Requirement, Risk, Task, TestCase

_SHOWN = ("code", "name", "state")
_found = Finding(lambda reader: Project.objects.visible_to(reader), ("code", "name"), _SHOWN)
_of_code = PreparedFor(
    lambda reader, code: Project.objects.visible_to(reader).filter(code=code).order_by().values_list(*_SHOWN)
)


def projects(user, words, limit):
    return [_project_hit(*row) for row in _found(user, words, limit)]


def by_code(user, code):
    return [_project_hit(*row) for row in _of_code(user, code)]


def _project_hit(code, name, state):
    return Hit(title=name, ref=code, url=address("projects:detail", code), sub=words_of(Project, "state")[state])


def _children(model, permission, url_name, field):
    """A search for rows below a project, for those who hold the permission there."""

    found = Finding(
        lambda reader: model.objects.filter(project__in=Project.objects.allowing(reader, permission)).order_by("-pk"),
        (field,),
        ("number", field, "project__code", "project__name"),
    )
    prefix = getattr(model, "PREFIX", "")

    def find(user, words, limit):
        return [
            Hit(
                title=title,
                ref=f"{prefix}-{number}" if prefix else "",
                sub=name,
                url=_address(code, number, url_name),
            )
            for number, title, code, name in found(user, words, limit)
        ]

    return find


def _hit(row, url_name):
    ref = getattr(row, "ref", "")
    title = getattr(row, "title", None) or getattr(row, "name", None) or str(row)
    return Hit(title=title, ref=ref, sub=row.project.name, url=_address(row.project.code, row.number, url_name))


def _address(code, number, url_name):
    for arguments in ([code, number], [code]):
        try:
            return address(url_name, *arguments)
        except NoReverseMatch:
            continue
    return address("projects:detail", code)


NUMBERED = {
    "R": (Risk, P.RISK_VIEW, "projects:risk-detail"),
    "ISS": (Issue, P.RISK_VIEW, "projects:issue-detail"),
    "REQ": (Requirement, P.SCOPE_VIEW, "projects:requirement-detail"),
    "D": (Deliverable, P.SCOPE_VIEW, "projects:deliverable-detail"),
    "TC": (TestCase, P.SCOPE_VIEW, "projects:case-detail"),
    "LL": (Lesson, P.LESSON_VIEW, "projects:lesson-detail"),
    "OBJ": (Objective, P.PROJECT_VIEW, "projects:objective-detail"),
}


def jump(user, code, prefix, number):
    if prefix not in NUMBERED:
        return []
    model, permission, url_name = NUMBERED[prefix]
    rows = model.objects.filter(number=number, project__in=Project.objects.allowing(user, permission))
    if code:
        rows = rows.filter(project__code=code)
    return [_hit(row, url_name) for row in rows.select_related("project").order_by("project__name")[:20]]


def register():
    search.register("project", _("Projects"), projects, order=10, icon="layers")
    search.register_code(by_code)
    search.register_jump(jump)
    for key, label, order, icon, model, permission, url_name in (
        ("requirement", _("Requirements"), 30, "list-checks", Requirement, P.SCOPE_VIEW, "projects:requirement-detail"),
        ("deliverable", _("Deliverables"), 32, "layers", Deliverable, P.SCOPE_VIEW, "projects:deliverable-detail"),
        ("test-case", _("Test cases"), 34, "list-checks", TestCase, P.SCOPE_VIEW, "projects:case-detail"),
        ("risk", _("Risks"), 40, "triangle-alert", Risk, P.RISK_VIEW, "projects:risk-detail"),
        ("project-issue", _("Project issues"), 50, "circle-alert", Issue, P.RISK_VIEW, "projects:issue-detail"),
    ):
        search.register(key, label, _children(model, permission, url_name, "title"), order=order, icon=icon)
    tasks = _children(Task, P.SCHEDULE_VIEW, "projects:schedule", "name")
    search.register("task", _("Tasks"), tasks, order=60, icon="chart-gantt")
