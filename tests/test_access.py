"""Who gets what from every route: generated from the URL patterns and the table of roles.

The walk asks some 20,000 questions. Each goes through the URL patterns and all middlewares but those in ``AROUND``,
which find out who asks and write the log: the asker is known here. That those find the right person, and that a whole
request is answered as these are, is asked once for each person and each kind of view.
"""

import copy
import logging
import re
from functools import lru_cache
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.http.request import HttpHeaders
from django.test import Client, RequestFactory, override_settings
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver

from pmdm import urls
from pmdm.accounts.roles import CREATING_ROLES, Permission
from tests import world as the_world

P = Permission

# Views that carry no stamp of ours, each with the reason.
ALLAUTH = "allauth's own: about the signed-in person or public by nature, tested in tests/pmdm/accounts"
UNSTAMPED = {"allauth.": ALLAUTH, "pmdm.accounts.sign_in.sign_in": "allauth's sign-in with the demo's accounts"}

# What stands for a parameter of a route: by the route up to it, converters left out.
PARAMETERS = {
    "accounts/people/:pk": lambda w: w.things.person.pk,
    "accounts/organisations/:pk": lambda w: w.things.client.pk,
    "accounts/departments/:pk": lambda w: w.things.department.pk,
    "accounts/skills/:pk": lambda w: w.things.skill.pk,
    "projects/timesheet/export.:kind": lambda w: "csv",
    "projects/:code/time/export.:kind": lambda w: "csv",
    "projects/people/:pk": lambda w: w.things.absent.pk,
    "projects/people/:pk/skills/:key": lambda w: w.things.skill.pk,
    "projects/people/:pk/absences/:key": lambda w: w.things.absence.pk,
    "projects/people/:pk/hours/:key": lambda w: w.things.hours.pk,
    "projects/benefits/:pk": lambda w: w.things.benefit.pk,
    "projects/benefits/:pk/reviews/:review": lambda w: w.things.review.pk,
    "projects/benefits/:pk/files/:key": lambda w: w.things.project_file.key,
    "projects/lessons/:pk": lambda w: w.things.published_lesson.pk,
    "projects/types/:slug": lambda s: "software",
    "projects/types/:slug/versions/:number": lambda s: 1,
    "projects/types/:slug/draft/:section": lambda s: "tasks",
    "projects/requests/:pk": lambda w: w.things.request.pk,
    "projects/requests/:pk/steps/:step": lambda w: 1,
    "projects/requests/:pk/submissions/:number": lambda w: 1,
    "projects/exchange-rates/:pk": lambda w: w.things.rate.pk,
    "projects/exchange-rates/import/:pk": lambda w: 0,
    "accounts/confirm-email/:key": lambda w: "x",
    "jobs/failed/:pk": lambda w: w.things.outbox.pk,
    "jobs/work/:pk": lambda w: w.things.work.pk,
    # A project
    "projects/:code": lambda w: w.project.code,
    "stories/:code": lambda w: w.project.code,
    "stories/:code/requirements/:number": lambda w: w.things.requirement.number,
    "projects/:code/files/:key": lambda w: w.things.project_file.key,
    "projects/:code/phases/:kind": lambda w: w.things.phase.kind,
    "projects/:code/phases/:kind/checklist/:pk": lambda w: w.things.checklist_line.pk,
    "projects/:code/closure/decisions/:kind": lambda w: "risks",
    "projects/:code/cancellation/salvage/:number": lambda w: w.things.salvage.number,
    "projects/:code/objectives/:number": lambda w: w.things.objective.number,
    "projects/:code/figures/:kpi": lambda w: "on_time",
    "projects/:code/requirements/:number": lambda w: w.things.requirement.number,
    "projects/:code/requirements/:number/criteria/:pk": lambda w: w.things.criterion.pk,
    "projects/:code/requirements/:number/versions/:version": lambda w: 1,
    "projects/:code/deliverables/:number": lambda w: w.things.deliverable.number,
    "projects/:code/deliveries/:number": lambda w: w.things.delivery_of_deliverables.number,
    "projects/:code/tests/cases/:number": lambda w: w.things.case.number,
    "projects/:code/tests/sessions/:number": lambda w: w.things.session.number,
    "projects/:code/tests/sessions/:number/runs/:pk": lambda w: w.things.session.runs.first().pk,
    "projects/:code/requirements/:number/links/:pk": lambda w: w.things.trace.pk,
    "projects/:code/traceability/export.:kind": lambda w: "csv",
    "projects/:code/past/:register": lambda w: "risks",
    "products/:code/past/:register": lambda w: "risks",
    "projects/:code/past/:register/:key": lambda w: w.things.risk.number,
    "projects/:code/lessons/:number": lambda w: w.things.lesson.number,
    "projects/:code/lessons/offers/:pk": lambda w: w.things.published_lesson.pk,
    "projects/:code/changes/:number": lambda w: w.things.change.number,
    "projects/:code/changes/export.:kind": lambda w: "csv",
    "projects/:code/changes/:number/requirements/:action": lambda w: "add",
    "projects/:code/changes/:number/tasks/:action": lambda w: "add",
    "projects/:code/changes/:number/:what": lambda w: "money",
    "projects/:code/changes/:number/:what/:pk": lambda w: w.things.change_money.pk,
    "projects/:code/risks/:number": lambda w: w.things.risk.number,
    "projects/:code/issues/:number": lambda w: w.things.issue.number,
    "projects/:code/team/:membership_id": lambda w: w.project.memberships.get(role="member").pk,
    "projects/:code/team/levelling/:work_id": lambda w: w.things.work.pk,
    "projects/:code/team/resources/:uid": lambda w: w.things.resource.uid,
    "projects/:code/budget/lines/:number": lambda w: w.things.line.number,
    "projects/:code/budget/earned-value/rules/:uid": lambda w: w.things.task.uid,
    "projects/:code/budget/expenses/:number": lambda w: w.things.expense.number,
    "projects/:code/budget/orders/:number": lambda w: w.things.order.number,
    "projects/:code/budget/accruals/:number": lambda w: w.things.accrual.number,
    "projects/:code/budget/reserves/:kind": lambda w: "reserve",
    "projects/:code/budget/reserves/draws/:number": lambda w: w.things.draw.number,
    "projects/:code/time/:entry_id": lambda w: w.things.entry.pk,
    "projects/:code/handover/:number": lambda w: w.things.handover.number,
    "projects/:code/handover/:number/knowledge/people/:pk": lambda w: w.things.learner.pk,
    "projects/:code/handover/:number/knowledge/topics/:pk": lambda w: w.things.topic.pk,
    "projects/:code/handover/:number/knowledge/topics/:pk/proofs/:person": lambda w: w.things.learner.user_id,
    "projects/:code/handover/:number/knowledge/materials/:pk": lambda w: w.things.material.pk,
    "projects/:code/handover/:number/signoff/:pk": lambda w: w.things.signer.pk,
    "projects/:code/handover/:number/pack/:pack_number": lambda w: w.things.pack.number,
    "projects/:code/handover/:number/cutover/steps/:pk": lambda w: w.things.cutover_step.pk,
    "projects/:code/handover/:number/cutover/runs/:run_number": lambda w: w.things.cutover_run.number,
    "projects/:code/handover/:number/cutover/runs/:run_number/steps/:pk": lambda w: w.things.cutover_step.pk,
    "projects/:code/handover/:number/criteria/:pk": lambda w: w.things.handover_line.pk,
    "projects/:code/handover/:number/client/:pk": lambda w: w.things.scope_line.pk,
    "projects/:code/handover/:number/conditions/:pk": lambda w: w.things.handover_condition.pk,
    "projects/:code/handover/:number/remarks/:pk": lambda w: w.things.handover_remark.pk,
    "projects/:code/handover/:number/rounds/:round": lambda w: w.things.handover_round.number,
    "handovers/criteria/:pk": lambda w: w.things.library_criterion.pk,
    "projects/:code/schedule/tasks/:uid": lambda w: w.things.task.uid,
    "projects/:code/schedule/baselines/:number": lambda w: w.things.baseline.number,
    "projects/:code/schedule/control/simulation/:number": lambda w: w.things.simulation.number,
    "projects/:code/schedule/export.:format": lambda w: "csv",
    "projects/:code/schedule/picture.:format": lambda w: "svg",
    "projects/:code/schedule/pictures/:pk": lambda w: 1,
    "projects/:code/schedule/import/table/:pk": lambda w: 1,
    "projects/:code/schedule/import/:token": lambda w: "no-such-upload-0123456789abcdef",
    "projects/:code/schedule/calendar/tasks/:uid": lambda w: w.things.task.uid,
    "projects/:code/schedule/recurring/:pk": lambda w: w.things.recurrence.pk,
    "projects/:code/schedule/sprints/:number": lambda w: w.things.sprint.number,
    "projects/calendar/feeds/:pk": lambda w: w.things.feed.pk,
    # A product
    "products/:code": lambda w: w.product.code,
    "products/:code/files/:key": lambda w: w.things.product_file.key,
    "products/:code/figures/:kpi": lambda w: "availability",
    "products/:code/team/:pk": lambda w: w.product.memberships.get(role="member").pk,
    "products/:code/issues/import/:pk": lambda w: 1,
    "products/issues/views/:pk": lambda w: w.things.saved_view.pk,
    "products/issues/edits/:pk": lambda w: w.things.bulk_edit.pk,
    "products/:code/articles/:number": lambda w: w.things.article.number,
    "products/:code/articles/:number/states/:state": lambda w: "internal",
    "products/:code/runbooks/:pk": lambda w: w.things.runbook.pk,
    "products/:code/runbooks/runs/:pk": lambda w: w.things.runbook_run.pk,
    "products/:code/record/environments/:pk": lambda w: w.things.environment.pk,
    "products/:code/record/components/:pk": lambda w: w.things.component.pk,
    "products/:code/record/components/:pk/needs/:link": lambda w: w.things.dependency.pk,
    "products/:code/record/contracts/:pk": lambda w: w.things.agreement.pk,
    "products/:code/record/on-call/:pk": lambda w: w.things.turn.pk,
    "products/:code/record/decommissioning/:kind": lambda w: "notice",
    "products/:code/service-levels/escalation/:pk": lambda w: w.things.step.pk,
    "products/:code/issue-teams/:pk": lambda w: w.things.issue_team.pk,
    "products/:code/problems/:number": lambda w: w.things.problem.number,
    "products/:code/problems/:number/:move": lambda w: "investigation",
    "products/:code/aids/answers/:pk": lambda w: w.things.answer.pk,
    "products/:code/aids/checklists/:pk": lambda w: w.things.checklist.pk,
    "products/:code/issues/:number": lambda w: w.things.product_issue.number,
    "products/:code/issues/:number/:move": lambda w: "take",
    "products/:code/roadblocks/:number": lambda w: w.things.roadblock.number,
    "products/:code/roadblocks/:number/:step": lambda w: "removal",
    "products/requests/:pk": lambda w: w.things.department_request.pk,
    "products/requests/:pk/:step": lambda w: "withdrawal",
    "products/:code/risks/:number/incidents/:pk": lambda w: w.things.risk_incident.pk,
    "products/flow/:days": lambda w: 90,
    "products/flow/:days/:figure": lambda w: "open",
    "products/:code/flow/:days": lambda w: 90,
    "products/:code/flow/:days/:figure": lambda w: "open",
    "products/lists/:name": lambda w: "issues",
    "products/lists/:name.:kind": lambda w: "csv",
    "products/:code/lists/:name": lambda w: "risks",
    "products/:code/lists/:name.:kind": lambda w: "csv",
    "products/:code/issues/imports/:pk": lambda w: w.things.issue_import.pk,
    "products/:code/complaints/:number": lambda w: w.things.complaint.issue.number,
    "products/:code/major-incidents/:number": lambda w: w.things.major_incident.number,
    "products/:code/major-incidents/:number/entries/:pk": lambda w: w.things.incident_entry.pk,
    "products/:code/major-incidents/:number/review/actions/:pk": lambda w: w.things.review_action.pk,
    "products/:code/major-incidents/:number/:step": lambda w: "mitigation",
    "products/:code/requirements/:number": lambda w: w.things.promise.number,
    "products/:code/known-gaps/:number": lambda w: w.things.gap.number,
    "products/:code/releases/:pk": lambda w: w.things.release.pk,
    "products/:code/releases/:pk/steps/:what": lambda w: "approve",
    "products/:code/releases/:pk/items/:item": lambda w: w.things.release_item.pk,
    "products/:code/releases/:pk/checks/:check": lambda w: w.things.release_check.pk,
    "products/releases/freezes/:pk": lambda w: w.things.freeze.pk,
    "products/:code/risks/:number": lambda w: w.things.product_risk.number,
    "products/:code/surveys/:pk": lambda w: w.things.survey.pk,
    "products/:code/surveys/:pk/invitations/:invitation": lambda w: w.things.invitation.pk,
    "products/:code/incidents/:pk": lambda w: w.things.incident.pk,
    "products/:code/alert-sources/:pk": lambda w: w.things.source.pk,
    "products/:code/alert-messages/:pk": lambda w: w.things.delivery.pk,
    "portal/clients/:pk": lambda w: w.things.client_person.pk,
    "products/:code/announcements/:pk": lambda w: w.things.announcement.pk,
    "products/:code/mail/:pk": lambda w: w.things.mail.pk,
    "products/:code/issues/:number/attachments/:key": lambda w: w.things.mail_file.key,
    "products/:code/hypercare/issues/:number": lambda w: w.things.product_issue.number,
    "products/:code/knowledge/topics/:pk": lambda w: w.things.known_topic.pk,
    "products/:code/knowledge/topics/:pk/proofs/:person": lambda w: w.product.memberships.get(role="support").user_id,
    # By a token
    "s/:token": lambda w: w.things.survey_token,
    "calendars/:token": lambda w: "no-such-token-0123456789abcdef0123",
    "alerts/:token": lambda w: "no-such-token-0123456789abcdef0123",
}

RECORDING = "for the owner and those who plan benefits of its project"

# Where the table of roles allows but the view has one more rule and answers 403 or 404 to some of those.
NARROWER = {
    "projects/<slug:code>/changes/<int:number>/impact/": "computed by who assesses or decides",
    "projects/<slug:code>/past/<slug:register>/": "a register names a permission of its own",
    "products/<slug:code>/past/<slug:register>/": "a register names a permission of its own",
    "products/<slug:code>/past/<slug:register>.csv": "a register names a permission of its own",
    "projects/<slug:code>/past/<slug:register>.csv": "a register names a permission of its own",
    "projects/<slug:code>/past/<slug:register>/<int:key>/": "a register names a permission of its own",
    "projects/benefits/<int:pk>/measurement/": RECORDING,
    "projects/benefits/<int:pk>/owner/": RECORDING,
    "projects/benefits/<int:pk>/reviews/": RECORDING,
    "projects/benefits/<int:pk>/reviews/<int:review>/": RECORDING,
    "projects/<slug:code>/team/levelling/<int:work_id>/": "a proposal is for who asked for it",
    "projects/<slug:code>/files/<str:key>/": "a file names a permission of its own",
    "products/<slug:code>/files/<str:key>/": "a file names a permission of its own",
    "products/<slug:code>/issues/<int:number>/attachments/<str:key>/": "a file of an internal note is internal",
    "projects/<slug:code>/schedule/import/<str:token>/": "an upload is its uploader's",
    "projects/<slug:code>/schedule/import/table/<int:pk>/": "a table is its uploader's",
    "projects/<slug:code>/schedule/pictures/<int:pk>/": "a picture is for who asked for it",
    "products/<slug:code>/issues/<int:number>/<slug:move>/": "moves are for who works on issues; a client may reopen",
    "products/<slug:code>/complaints/<int:number>/word/": "of those inside only who works on issues has the word",
    "products/<slug:code>/articles/<int:number>/states/<slug:state>/": "a public one is the delivery manager's",
    "products/<slug:code>/record/on-call/<int:pk>/": "a turn is changed by whose it is, or by the delivery manager",
    "products/<slug:code>/record/decommissioning/<slug:kind>/": "a step is done by whose it is",
    "products/requests/": "for our own people",
    "products/requests/<int:pk>/": "for the product's team and the department that is asked",
    "products/requests/<int:pk>/<slug:step>/": "for who is asked, and for who asked",
    "products/<slug:code>/risks/<int:number>/tests/": "by who keeps the register or answers for the control",
    "products/<slug:code>/lists/<slug:name>.<slug:kind>": "a list names a permission of its own",
    "products/<slug:code>/releases/<int:pk>/steps/<slug:what>/": "each step takes a permission of its own",
    "products/issues/views/<int:pk>/": "a view is forgotten by whoever keeps it",
    "projects/<slug:code>/time/<int:entry_id>/": "booked time is changed by who booked it",
    "projects/<slug:code>/time/<int:entry_id>/removal/": "booked time is removed by who booked it",
}

# A probe: no beat runs beside the tests.
MAY_SAY_503 = {"readyz"}

# Middlewares that find out who asks, and that write a line for each request.
AROUND = {
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
}
FORM = "application/x-www-form-urlencoded"

REFUSED, HIDDEN, SIGN_IN, WRONG_METHOD, ALLOWED = "403", "404", "sign-in", "405", "allowed"


# --- The routes -------------------------------------------------------------------------------------------


def walk(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


ROUTES = dict(reversed(list(walk(get_resolver().url_patterns))))  # The first of two equal routes is served.


def name_of(view) -> str:
    view = getattr(view, "view_class", view)
    return f"{view.__module__}.{getattr(view, '__qualname__', view)}"


def is_known_unstamped(view) -> str:
    return next((prefix for prefix in UNSTAMPED if name_of(view).startswith(prefix.removesuffix("sign_in"))), "")


OURS = {route: view for route, view in ROUTES.items() if hasattr(view, "permissions")}


def test_every_view_names_its_permissions():
    found = {route: name_of(view) for route, view in ROUTES.items() if not hasattr(view, "permissions")}
    assert [f"{route}: {name}" for route, name in found.items() if not is_known_unstamped(ROUTES[route])] == []


def test_no_exception_has_gone_stale():
    used = {is_known_unstamped(view) for view in ROUTES.values() if not hasattr(view, "permissions")}
    assert used == set(UNSTAMPED)


def test_every_exception_to_the_table_is_a_route():
    assert set(NARROWER) <= set(OURS)


# --- The world --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Built once and committed; each test undoes what its requests change, and the end empties the database."""
    # Pages of refusal are drawn with the whole frame; their words are looked at once, by a test of their own.
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(urls, "handler403", lambda request, exception: HttpResponse(status=403), raising=False)
        patch.setattr(urls, "handler404", lambda request, exception: HttpResponse(status=404), raising=False)
        # Each test asks for one address again and again, and most are refused, as they should be.
        resolver = get_resolver()
        patch.setattr(resolver, "resolve", lru_cache(maxsize=8)(resolver.resolve))
        patch.setattr(logging.getLogger("django.request"), "level", logging.ERROR)
        try:
            built = the_world.build()
            built.asked = Asked()
            for person in built.people:
                person.client = Client(raise_request_exception=False)
                if not person.is_anonymous:
                    person.user = get_user_model().objects.get(pk=person.user.pk)
                    person.client.force_login(person.user)
            connections.close_all()
            yield built
        finally:
            call_command("flush", interactive=False, verbosity=0)


def parameters_of(route: str) -> list[tuple[str, str]]:
    """The literal parts of a route, each with the key in PARAMETERS of the parameter behind it."""
    parts, key = [], ""
    for literal, parameter in re.findall(r"([^<]*)(?:<(?:\w+:)?(\w+)>)?", route):
        key += literal + (f":{parameter}" if parameter else "")
        parts.append((literal, key if parameter else ""))
    return parts


def test_every_parameter_is_known_and_none_has_gone_stale():
    """Unknown: say in PARAMETERS what stands for it, and make one in tests/world.py."""
    used = {key for route in OURS for _literal, key in parameters_of(route) if key}
    assert used == set(PARAMETERS)


def path_of(route: str, world) -> str:
    """The route with something of the world in place of each parameter."""
    parts = [literal + (str(PARAMETERS[key](world)) if key else "") for literal, key in parameters_of(route)]
    return "/" + "".join(parts)


class Asked:
    """``asked(person, method, path)``: the answer, with whatever it changed undone."""

    def __init__(self):
        self.factory, self.handler = RequestFactory(), ClientHandler(enforce_csrf_checks=False)
        with override_settings(MIDDLEWARE=[name for name in settings.MIDDLEWARE if name not in AROUND]):
            self.handler.load_middleware()
        self.before = ""

    def __call__(self, person, method, path, **extra):
        request = self.factory.generic(method, path, "", content_type=FORM, **extra)
        request._dont_enforce_csrf_checks = True
        # As if just read: nothing that an earlier request found out about this person is known to this one.
        request.user = AnonymousUser() if person.is_anonymous else copy.copy(person.user)
        request.session = SessionStore()
        request.META, request.headers = Meta(request.META), Headers(request.META)
        response = self.handler.get_response(request)
        connection.savepoint_rollback(self.before)
        transaction.set_rollback(False)  # Whatever broke there is gone with it.
        response.looked_for_htmx = request.META.was_asked or request.headers.was_asked
        return response


class Meta(dict):
    """What a request brings, noting whether anybody asked for what htmx sends along."""

    was_asked = False

    def _note(self, name):
        self.was_asked = self.was_asked or str(name).upper().replace("-", "_").removeprefix("HTTP_").startswith("HX_")

    def __getitem__(self, name):
        self._note(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self._note(name)
        return super().__contains__(name)

    def get(self, name, default=None):
        self._note(name)
        return super().get(name, default)


class Headers(HttpHeaders):
    """The same for its headers, by which django_htmx asks too."""

    was_asked = False
    _note = Meta._note

    def __getitem__(self, name):
        self._note(name)
        return super().__getitem__(name)


@pytest.fixture
def asked(db, world):
    """Within the transaction that ends with the test."""
    world.asked.before = connection.savepoint()
    return world.asked


def asked_whole(person, method, path, **extra):
    """The answer of the whole stack to whoever has this person's session cookie, with what it changed undone."""
    with transaction.atomic():
        response = person.client.generic(method, path, "", content_type=FORM, **extra)
        transaction.set_rollback(True)
    return response


def said(response) -> str:
    """What the answer tells its reader: without its tokens, in which chance may write any number."""
    return re.sub(r"[A-Za-z0-9]{32,}", "", response.content.decode(errors="replace"))


def what_it_was(response) -> str:
    location = response.headers.get("Location", "")
    if response.status_code in (301, 302) and location.startswith("/accounts/login/"):
        return SIGN_IN
    return {403: REFUSED, 404: HIDDEN, 405: WRONG_METHOD}.get(response.status_code, ALLOWED)


def what_it_should_be(view, person, method) -> set[str]:
    """By the view's stamp and the table of roles, nothing else."""
    read, write = view.permissions
    if view.subject == "public":
        return {ALLOWED, HIDDEN, REFUSED, WRONG_METHOD}
    if person.is_anonymous:
        return {SIGN_IN}
    if view.subject == "signed in":
        return {ALLOWED, HIDDEN, WRONG_METHOD}
    if method not in ("GET", "POST") or (method == "POST" and write is None):
        return {WRONG_METHOD}
    needed = read if method == "GET" else write
    if view.subject == "site":
        return {ALLOWED, WRONG_METHOD} if needed in site_permissions(person) else {REFUSED, WRONG_METHOD}
    held = person.project if view.subject == "projects.Project" else person.product
    if held is None:
        return {HIDDEN, WRONG_METHOD}
    return {ALLOWED, WRONG_METHOD} if {needed, read} <= held else {REFUSED, WRONG_METHOD}


def site_permissions(person) -> set[Permission]:
    creating = set()
    for permission, role in CREATING_ROLES.items():
        kind = permission.value.split(".")[0]
        if re.fullmatch(rf"{kind} {role}( elsewhere)?", person.name):
            creating.add(permission)
    return person.site | creating


# --- The walk ---------------------------------------------------------------------------------------------


def askers(view, world) -> list:
    """Everybody whose relation to this view differs: all roles here and elsewhere, site roles, nobody."""
    kind = {"projects.Project": "project", "delivery.Product": "product"}.get(view.subject)
    others = [person for person in world.people if kind is None or person.name.startswith(kind)]
    one_of_the_other_kind = [p for p in world.people if p not in others and p.name.endswith("manager")][:1]
    site = [person for person in world.people if person.site or person.user is None or person.name == "nobody's role"]
    return list({person.name: person for person in [*others, *one_of_the_other_kind, *site]}.values())


def answers(view, path, world, asked):
    """(person, question, method, answer): GET and POST by all, fragments by those inside, the rest by one of each sort.

    An answer for which nobody looked at what htmx sends is the same for htmx: it is not asked for again.
    """
    people = askers(view, world)
    for person in people:
        shown = asked(person, "GET", path)
        yield person, "GET", "GET", shown
        if shown.looked_for_htmx and (person.project is not None or person.product is not None):
            yield person, "GET by htmx", "GET", asked(person, "GET", path, HTTP_HX_REQUEST="true")
        yield person, "POST", "POST", asked(person, "POST", path)
    for person in (people[0], people[1], people[-1]):
        for method in ("PUT", "PATCH", "DELETE"):
            yield person, method, method, asked(person, method, path)


@pytest.mark.parametrize("route", OURS)
def test_each_person_gets_what_the_table_says_and_reads_no_more(route, world, asked):
    view, path, wrong = OURS[route], path_of(route, world), []
    for person, question, method, response in answers(view, path, world, asked):
        was, should = what_it_was(response), what_it_should_be(view, person, method)
        question = f"{person}: {question} {path}"
        if response.status_code >= 500 and route not in MAY_SAY_503:
            wrong.append(f"{question} broke with {response.status_code}")
        elif was not in should and not (was in (REFUSED, HIDDEN) and route in NARROWER):
            wrong.append(f"{question} was {was} ({response.status_code}), should be {should}")
        content = said(response)
        wrong += [f"{question} shows {text!r}" for text in world.forbidden_to(person) if text in content]
    assert not wrong, "\n".join(wrong)


def test_whoever_looks_for_htmx_is_found_out(world, asked):
    admin = next(person for person in world.people if person.name == "admin")
    for path, looks in (
        ("/projects/WORLD/schedule/", True),
        ("/search/?q=R-1", True),
        ("/projects/WORLD/risks/", False),
    ):
        page, part = asked(admin, "GET", path), asked(admin, "GET", path, HTTP_HX_REQUEST="true")
        assert page.looked_for_htmx is looks, path
        assert ("<html" in said(page), "<html" in said(part)) == (True, not looks), path


def one_of_each_kind() -> list[str]:
    """A route that shows and one that takes, where there is one, for each kind of subject."""
    found = {}
    for route, view in OURS.items():
        found.setdefault((view.subject, view.permissions[1] is None), route)
    return list(found.values())


@pytest.mark.django_db
@pytest.mark.parametrize("route", one_of_each_kind())
def test_a_whole_request_with_a_session_is_answered_alike(route, world, asked):
    path, wrong = path_of(route, world), []
    for person in world.people:
        for method in ("GET", "POST"):
            short, whole = asked(person, method, path), asked_whole(person, method, path)
            if (what_it_was(short), short.status_code) != (what_it_was(whole), whole.status_code):
                wrong.append(f"{person}: {method} {path} was {whole.status_code}, in the walk {short.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_pages_of_refusal_tell_nothing(world, monkeypatch):
    monkeypatch.delattr(urls, "handler403")
    monkeypatch.delattr(urls, "handler404")
    found = []
    for person in world.people:
        for path in ("/projects/WORLD/budget/", "/products/PLANET/risks/", "/projects/NOWHERE/", "/jobs/failed/"):
            content = said(asked_whole(person, "GET", path))
            found += [f"{person}: {path} shows {text!r}" for text in world.forbidden_to(person) if text in content]
    assert not found, "\n".join(found)


QUERIES = ["canary", "canary-project-risk", "R-1", "ISS-1", "ISS-2", "X-1", "WORLD", "PLANET", "WORLD R-1", "Rival"]


@pytest.mark.parametrize("query", QUERIES)
def test_the_search_shows_nobody_what_they_may_not_see(query, world, asked):
    path, found = f"/search/?{urlencode({'q': query})}", []
    for person in world.people:
        if person.is_anonymous:
            continue
        for extra in ({}, {"HTTP_HX_REQUEST": "true"}):
            response = asked(person, "GET", path, **extra)
            content = said(response)
            # What was typed is shown again; what must not be is what it finds.
            found += [
                f"{person}: {query} shows {text!r}"
                for text in world.forbidden_to(person)
                if text in content.replace(query, "")
            ]
            if response.status_code == 302:
                jumped = asked(person, "GET", response["Location"])
                assert jumped.status_code == 200, "a jump leads where one may go"
            if person.project is None and person.product is None:
                assert "World" not in content
                assert "Planet" not in content
    assert not found, "\n".join(found)
