"""The addresses of the plan as JSON."""

import json

from django.core.exceptions import RequestDataTooBig, ValidationError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from pmdm.accounts.access import subject_view
from pmdm.accounts.roles import Permission as P
from projects.lifecycle.access import project_view
from projects.lifecycle.models import Project
from projects.schedule.api import answers, steps
from projects.schedule.api.ops import Conflicted, Refused, apply, error
from projects.schedule.plan import Plan
from projects.schedule.words_of_dates import why

# Asked every few seconds by every open page: without the light and the names around the project.
_light_view = subject_view(Project, joins=("calendar",), read=P.SCHEDULE_VIEW, write=None)


def answer(data: dict, status: int = 200) -> HttpResponse:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, check_circular=False, default=str)
    response = HttpResponse(text.encode("utf-8", "backslashreplace"), content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


@project_view(read=P.SCHEDULE_VIEW)
def plan_data(request, project):
    """The whole plan. ``?baseline=N`` chooses whose dates stand beside it."""
    return answer(answers.whole(project, request.user, request.can, baseline=request.GET.get("baseline")))


@project_view(read=P.SCHEDULE_VIEW, write=P.PROGRESS_EDIT)
def plan_edits(request, project):
    """POST a list of operations; 422 and 409 say what stands in the way, and nothing is saved."""
    if request.method == "GET":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        body = _body(request)
        applied = apply(
            project,
            by=request.user,
            ops=body.get("ops"),
            preview=body.get("preview") is True,
            allowed=_allowed(request),
            revision=body.get("revision"),
        )
    except Refused as problem:
        return answer({"errors": problem.errors}, problem.status)
    except Conflicted as problem:
        return answer(answers.conflicted(project, problem, **_shown(request)), 409)
    return answer(answers.edited(applied, request.user, **_shown(request, body)))


@project_view(read=P.SCHEDULE_VIEW, write=P.PROGRESS_EDIT)
def plan_undo(request, project):
    """POST: take the person's own last step back."""
    return _step(request, project, steps.step_back)


@project_view(read=P.SCHEDULE_VIEW, write=P.PROGRESS_EDIT)
def plan_redo(request, project):
    """POST: do again what was taken back."""
    return _step(request, project, steps.step_again)


def _step(request, project, run):
    if request.method == "GET":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        body = _body(request) if request.body else {}
        applied = run(project, by=request.user, allowed=_allowed(request))
    except Refused as problem:
        return answer({"errors": problem.errors}, problem.status)
    except Conflicted as problem:
        return answer(answers.conflicted(project, problem, **_shown(request)), 409)
    return answer(answers.edited(applied, request.user, **_shown(request, body)))


@_light_view
def plan_changes(request, project):
    """What was saved since a revision; 204 when nothing was."""
    since = request.GET.get("since", "")
    if not (since.isascii() and since.isdecimal() and len(since) < 10):
        return answer({"errors": [error(None, None, "since", _("Give the revision you have."), since)]}, 422)
    found = answers.changes(project, request.user, int(since), **_shown(request))
    if found is None:
        return HttpResponse(status=204)
    return answer(found)


@project_view(read=P.SCHEDULE_VIEW)
def plan_why(request, project, uid):
    """Why a task has its dates and its float, and what they do not respect: in sentences."""
    plan = Plan(project)
    row = next((row for row in plan.rows if row.uid == uid), None)
    if row is None:
        raise Http404
    try:
        return answer({"uid": uid, **why(plan, row.id, with_people=P.TEAM_VIEW in request.can)})
    except ValidationError as problem:  # left by something that does not compute: a circle made by hand
        return answer({"errors": [error(None, uid, "", " ".join(problem.messages), None)]}, 422)


def _allowed(request) -> frozenset:
    return frozenset(held for held in (P.SCHEDULE_EDIT, P.PROGRESS_EDIT) if held in request.can)


def _body(request) -> dict:
    try:
        body = json.loads(request.body)
    except RequestDataTooBig:
        raise Refused([error(None, None, "", _("This edit is too big; send it in parts."), None)], status=413)
    except (ValueError, RecursionError):
        raise Refused([error(None, None, "", _("An edit is a JSON object with a list “ops”."), None)])
    if not isinstance(body, dict):
        raise Refused([error(None, None, "", _("An edit is a JSON object with a list “ops”."), None)])
    return body


def _shown(request, body: dict | None = None) -> dict:
    number = (body or {}).get("baseline", request.GET.get("baseline"))
    return {"internal": P.TEAM_VIEW in request.can, "baseline": number}
