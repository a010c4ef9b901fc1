"""Every page of a small demo, by everybody who may see it: it answers, fits, prints, and axe finds nothing.

Each page is loaded once, in light at 1440 px, and then looked at in other looks. The theme changes colours alone, which
tests/test_static.py holds: what fits in light fits in dark, and what axe finds beyond colours depends on the width, not
on the theme. So all rules run in light at 1440 px and in dark at 390 px, and the contrast once more in dark at 1440 px,
where most stands on the page. All rules in all looks would take twice as long. Names of 200 letters change the layout
alone: there axe has nothing new to find.
"""

from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from pmdm.local import testing
from tests.browser import sites
from tests.browser.axe import WCAG_22_AA, violations
from tests.browser.conftest import HEIGHT, client_of, listened_to, new_context, overflow
from tests.browser.sites import ROUTE_OF, ROUTES, path_of, subjects_of

# Each test writes nothing: what the server commits is not undone.
pytestmark = [pytest.mark.browser, pytest.mark.django_db]

# Answers that are no page of their own; a test fails when one of them becomes a page.
NO_PAGE = {
    "for machines": [
        "healthz",
        "readyz",
        "alerts/",
        "alerts/<str:token>/",
        "calendars/<str:token>.ics",
        "projects/<slug:code>/schedule/data.json",
        "projects/<slug:code>/schedule/edits/",
        "projects/<slug:code>/schedule/undo/",
        "projects/<slug:code>/schedule/redo/",
        "projects/<slug:code>/schedule/changes/",
        "projects/<slug:code>/schedule/tasks/<int:uid>/why/",
    ],
    "leads on": [
        "portal/",
        "",
        "products/issues/views/<int:pk>/",
        "accounts/password/set/",
        "accounts/2fa/webauthn/login/",
    ],
    "not offered": [
        "accounts/signup/",
        "accounts/email/",
        "accounts/confirm-email/",
        "accounts/confirm-email/<str:key>/",
        "accounts/confirm-email/<key>/",
        "accounts/login/code/confirm/",
    ],
    "a file": [
        "projects/<slug:code>/files/<str:key>/",
        "products/<slug:code>/files/<str:key>/",
        "products/lists/<slug:name>.<slug:kind>",
        "products/<slug:code>/lists/<slug:name>.<slug:kind>",
        "products/<slug:code>/issues/<int:number>/attachments/<str:key>/",
        "products/<slug:code>/mail/<int:pk>/original.eml",
        "projects/timesheet/export.<slug:kind>",
        "projects/<slug:code>/time/export.<slug:kind>",
        "projects/<slug:code>/traceability/export.<slug:kind>",
        "projects/<slug:code>/changes/export.<slug:kind>",
        "projects/<slug:code>/schedule/baselines/<int:number>/export.csv",
        "projects/<slug:code>/schedule/export.<str:format>",
        "projects/<slug:code>/schedule/picture.<str:format>",
        "projects/<slug:code>/schedule/pictures/<int:pk>/",
        "projects/<slug:code>/schedule/import/template.xlsx",
        "projects/requests/<int:pk>/submissions/<int:number>.pdf",
        "projects/<slug:code>/budget/earned-value/export.csv",
        "projects/money/export.csv",
        "projects/lessons/export.csv",
        "products/<slug:code>/past/<slug:register>.csv",
        "projects/<slug:code>/past/<slug:register>.csv",
        "projects/benefits/export.csv",
        "projects/benefits/<int:pk>/files/<str:key>/",
        "projects/<slug:code>/lessons/export.csv",
        "projects/<slug:code>/handover/<int:number>/signoff/content.json",
        "projects/<slug:code>/handover/<int:number>/pack/<int:pack_number>.zip.sha256",
        "accounts/2fa/recovery-codes/download/",
    ],
    "a part of a page": ["products/<slug:code>/issues/known-gaps/"],
    "only while signing in": [
        "accounts/2fa/authenticate/",
        "accounts/2fa/webauthn/reauthenticate/",
    ],
    "takes POST; GET leads to the page with its form": [
        "accounts/theme/",
        "projects/benefits/<int:pk>/reviews/",
        "accounts/demo/sign-in/",
        "accounts/people/<int:pk>/access/",
        "accounts/people/<int:pk>/invitation/",
        "projects/<slug:code>/changes/<int:number>/submission/",
        "projects/<slug:code>/changes/<int:number>/assessment/",
        "projects/<slug:code>/changes/<int:number>/impact/",
        "projects/<slug:code>/changes/<int:number>/decision/",
        "projects/<slug:code>/changes/<int:number>/withdrawal/",
        "projects/<slug:code>/changes/<int:number>/implementation/",
        "projects/<slug:code>/changes/<int:number>/funding/",
        "projects/<slug:code>/changes/<int:number>/<slug:what>/<int:pk>/removal/",
        "projects/requests/<int:pk>/submission/",
        "projects/requests/<int:pk>/decision/",
        "projects/requests/<int:pk>/reviewer/",
        "projects/people/<int:pk>/skills/",
        "projects/people/<int:pk>/skills/<int:key>/removal/",
        "projects/people/<int:pk>/absences/",
        "projects/people/<int:pk>/absences/<int:key>/removal/",
        "projects/people/<int:pk>/hours/",
        "projects/people/<int:pk>/hours/<int:key>/removal/",
        "projects/people/<int:pk>/rates/",
        "jobs/failed/<int:pk>/retry/",
        "projects/<slug:code>/schedule/import/before/",
        "projects/<slug:code>/phases/<slug:kind>/checklist/",
        "projects/<slug:code>/phases/<slug:kind>/checklist/<int:pk>/",
        "projects/<slug:code>/phases/<slug:kind>/decisions/",
        "projects/types/shipped/",
        "projects/types/<slug:slug>/draft/publication/",
        "projects/types/<slug:slug>/draft/discard/",
        "projects/<slug:code>/closure/decisions/<slug:kind>/",
        "projects/<slug:code>/closure/submission/",
        "projects/<slug:code>/closure/withdrawal/",
        "projects/<slug:code>/closure/authorisation/",
        "projects/<slug:code>/cancellation/acceptance/",
        "projects/<slug:code>/cancellation/salvage/",
        "projects/<slug:code>/cancellation/salvage/<int:number>/taken/",
        "projects/<slug:code>/cancellation/salvage/<int:number>/removal/",
        "projects/<slug:code>/requirements/<int:number>/state/",
        "projects/<slug:code>/requirements/<int:number>/approval/",
        "projects/<slug:code>/requirements/<int:number>/verification/",
        "projects/<slug:code>/requirements/<int:number>/withdrawal/",
        "projects/<slug:code>/requirements/<int:number>/versions/<int:version>/decision/",
        "projects/<slug:code>/requirements/<int:number>/versions/<int:version>/discard/",
        "projects/<slug:code>/requirements/<int:number>/criteria/",
        "projects/<slug:code>/requirements/<int:number>/criteria/<int:pk>/check/",
        "projects/<slug:code>/requirements/<int:number>/links/",
        "projects/<slug:code>/requirements/<int:number>/links/<int:pk>/removal/",
        "projects/<slug:code>/deliverables/<int:number>/submission/",
        "projects/<slug:code>/deliverables/<int:number>/decision/",
        "projects/<slug:code>/deliveries/<int:number>/submission/",
        "projects/<slug:code>/deliveries/<int:number>/decision/",
        "projects/<slug:code>/tests/sessions/<int:number>/closure/",
        "projects/<slug:code>/lessons/<int:number>/publication/",
        "projects/<slug:code>/lessons/<int:number>/withdrawal/",
        "projects/<slug:code>/lessons/offers/<int:pk>/verdict/",
        "projects/<slug:code>/risks/<int:number>/closure/",
        "projects/<slug:code>/risks/<int:number>/occurrence/",
        "projects/<slug:code>/risks/<int:number>/reopening/",
        "projects/<slug:code>/issues/<int:number>/start/",
        "projects/<slug:code>/issues/<int:number>/closure/",
        "projects/<slug:code>/issues/<int:number>/reopening/",
        "projects/<slug:code>/schedule/tasks/<int:uid>/position/",
        "projects/<slug:code>/schedule/baselines/<int:number>/activation/",
        "projects/<slug:code>/schedule/baselines/<int:number>/request/",
        "projects/<slug:code>/schedule/baselines/<int:number>/decision/",
        "projects/<slug:code>/schedule/board/moves/",
        "projects/<slug:code>/schedule/board/priorities/",
        "projects/<slug:code>/schedule/board/cards/",
        "projects/<slug:code>/schedule/sprints/<int:number>/tasks/",
        "projects/<slug:code>/schedule/sprints/<int:number>/start/",
        "projects/calendar/feeds/<int:pk>/revocation/",
        "projects/<slug:code>/team/rates/",
        "projects/<slug:code>/handover/<int:number>/knowledge/people/",
        "projects/<slug:code>/handover/<int:number>/knowledge/people/<int:pk>/removal/",
        "projects/<slug:code>/handover/<int:number>/knowledge/topics/<int:pk>/removal/",
        "projects/<slug:code>/handover/<int:number>/knowledge/materials/<int:pk>/removal/",
        "projects/<slug:code>/handover/<int:number>/signoff/<int:pk>/removal/",
        "projects/<slug:code>/handover/<int:number>/signoff/<int:pk>/signature/",
        "projects/<slug:code>/handover/<int:number>/cutover/steps/<int:pk>/removal/",
        "projects/<slug:code>/handover/<int:number>/cutover/runs/",
        "projects/<slug:code>/handover/<int:number>/cutover/runs/<int:run_number>/steps/<int:pk>/",
        "handovers/criteria/<int:pk>/retirement/",
        "projects/<slug:code>/handover/<int:number>/submission/",
        "projects/<slug:code>/handover/<int:number>/withdrawal/",
        "projects/<slug:code>/handover/<int:number>/refusal/",
        "projects/<slug:code>/handover/<int:number>/acceptance/",
        "projects/<slug:code>/handover/<int:number>/remarks/",
        "projects/<slug:code>/handover/<int:number>/remarks/<int:pk>/answer/",
        "projects/<slug:code>/handover/<int:number>/conditions/<int:pk>/",
        "projects/<slug:code>/handover/<int:number>/open-items/consent/",
        "projects/<slug:code>/handover/<int:number>/client/asking/",
        "projects/<slug:code>/handover/<int:number>/client/<int:pk>/",
        "products/<slug:code>/hypercare/exit/",
        "products/<slug:code>/hypercare/extension/",
        "products/<slug:code>/hypercare/issues/<int:number>/",
        "products/<slug:code>/team/<int:pk>/removal/",
        "products/<slug:code>/issue-teams/<int:pk>/end/",
        "products/<slug:code>/issues/<int:number>/notes/",
        "products/<slug:code>/issues/<int:number>/checklist/",
        "products/<slug:code>/aids/answers/<int:pk>/removal/",
        "products/<slug:code>/aids/checklists/<int:pk>/removal/",
        "products/<slug:code>/issues/imports/<int:pk>/removal/",
        "products/<slug:code>/risks/<int:number>/tests/",
        "products/<slug:code>/risks/<int:number>/incidents/",
        "products/<slug:code>/risks/<int:number>/incidents/<int:pk>/removal/",
        "products/<slug:code>/complaints/<int:number>/acknowledgement/",
        "products/<slug:code>/complaints/<int:number>/verdict/",
        "products/<slug:code>/complaints/<int:number>/remedy/",
        "products/<slug:code>/complaints/<int:number>/word/",
        "products/<slug:code>/complaints/<int:number>/need/",
        "products/<slug:code>/major-incidents/<int:number>/lead/",
        "products/<slug:code>/major-incidents/<int:number>/review/agreement/",
        "products/<slug:code>/major-incidents/<int:number>/review/actions/",
        "products/<slug:code>/service-levels/escalation/<int:pk>/removal/",
        "products/<slug:code>/releases/<int:pk>/steps/<slug:what>/",
        "products/<slug:code>/releases/<int:pk>/items/",
        "products/<slug:code>/releases/<int:pk>/items/<int:item>/removal/",
        "products/<slug:code>/releases/<int:pk>/checks/",
        "products/<slug:code>/releases/<int:pk>/checks/<int:check>/",
        "products/<slug:code>/releases/<int:pk>/override/",
        "products/releases/freezes/<int:pk>/end/",
        "products/<slug:code>/articles/<int:number>/review/",
        "products/<slug:code>/articles/<int:number>/vote/",
        "products/<slug:code>/articles/<int:number>/states/<slug:state>/",
        "products/<slug:code>/runbooks/<int:pk>/start/",
        "products/<slug:code>/record/environments/<int:pk>/deployments/",
        "products/<slug:code>/record/components/<int:pk>/removal/",
        "products/<slug:code>/record/components/<int:pk>/needs/",
        "products/<slug:code>/record/components/<int:pk>/needs/<int:link>/removal/",
        "products/<slug:code>/record/contracts/<int:pk>/end/",
        "products/<slug:code>/record/on-call/<int:pk>/removal/",
        "products/<slug:code>/record/decommissioning/end/",
        "products/<slug:code>/record/decommissioning/<slug:kind>/",
        "products/issues/views/",
        "products/issues/edits/",
        "products/<slug:code>/surveys/<int:pk>/closure/",
        "products/<slug:code>/surveys/<int:pk>/invitations/<int:invitation>/revocation/",
        "products/<slug:code>/incidents/<int:pk>/end/",
        "products/<slug:code>/incidents/<int:pk>/issue/",
        "products/<slug:code>/alert-sources/<int:pk>/rotation/",
        "products/<slug:code>/alert-sources/<int:pk>/key/",
        "products/<slug:code>/alert-sources/<int:pk>/revocation/",
        "products/<slug:code>/alert-messages/<int:pk>/replay/",
        "products/<slug:code>/mail/<int:pk>/decision/",
        "products/<slug:code>/announcements/<int:pk>/withdrawal/",
        "products/<slug:code>/risks/<int:number>/closure/",
        "products/<slug:code>/known-gaps/<int:number>/closure/",
    ],
}
BUSY = "[aria-busy=true], .htmx-request"
NO_PAGES = [route for routes in NO_PAGE.values() for route in routes]
WIDTHS = [1440, 390]
FULL, CONTRAST = WCAG_22_AA, ["color-contrast"]
RULES = {("light", 1440): FULL, ("dark", 390): FULL, ("dark", 1440): CONTRAST}


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """Committed once for all tests of this file; the end empties the database."""
    with django_db_blocker.unblock():
        try:
            yield sites.build()
        finally:
            call_command("flush", interactive=False, verbosity=0)
            testing.end_other_sessions(connection)


@pytest.fixture(autouse=True)
def demo_mode(settings):
    """So that the style guide and the list of demo accounts are there, and a password typed once stays typed."""
    settings.DEMO = True
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 24 * 3600  # A busy machine walks for longer than ten minutes.


@pytest.fixture(scope="module")
def server(site):
    """A server of our own: pytest-django's would empty the database after each test."""
    server = LiveServer("localhost")
    yield server.url
    server.stop()
    connections.close_all()


@pytest.fixture(scope="module")
def tabs(chromium, server, site):
    """A tab for each person, signed in; ``site.clients`` asks as they would without a browser."""
    opened, site.clients = {}, {}
    for name in ("admin", "anonymous", *PAGES_OF):
        user = getattr(site, name, None)
        client = client_of(user) if user else Client()
        if user:
            # The pages about passwords and keys want somebody who has just typed a password.
            session = client.session
            record_authentication(SimpleNamespace(session=session), user, "password", reauthenticated=True)
            session.save()
        site.clients[name] = client
        opened[name] = listened_to(new_context(chromium, server, client=client).new_page())
    connections.close_all()
    yield opened
    for page in opened.values():
        page.context.close()


TWICE = """() => {
    const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
    return [...new Set(ids.filter((id, place) => ids.indexOf(id) !== place))];
}"""


def opened(page, path) -> bool:
    """Go there in light on a desk; whether this person gets that page, not an error or another page."""
    page.errors.clear()
    page.set_viewport_size({"width": 1440, "height": HEIGHT})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    response = page.goto(path)
    assert response.status < 500, f"{path}: {response.status}"
    return response.status == 200 and urlsplit(page.url).path == path


def looked_at(page, path, *, rules=RULES) -> list[str]:
    """In each width the open page must fit, stay silent and be accessible. What is wrong, a line each."""
    wrong = []
    for theme, width in looks(rules):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        expect(page.locator(BUSY)).to_have_count(0)  # What still loads is dim.
        look = f"{path} in {theme} at {width}"
        if (wider := overflow(page)) > 0:
            wrong.append(f"{look}: wider than its window by {wider} px: {widest(page)}")
        if (theme, width) in rules:
            wrong += [f"{look}: {finding}" for finding in violations(page, rules[theme, width])]
    if twice := page.evaluate(TWICE):
        wrong.append(f"{path}: ids that stand twice, so that labels and links reach the first only: {twice}")
    return wrong + [f"{path}: the console says {text}" for text in page.errors]


def looks(rules) -> list[tuple[str, int]]:
    """Those that have rules, and each width at least in light."""
    found = []
    for width in WIDTHS:
        found += [(theme, width) for theme in ("light", "dark") if (theme, width) in rules] or [("light", width)]
    return found


def widest(page) -> str:
    """What sticks out of the window, for the message."""
    return page.evaluate(
        """() => [...document.body.querySelectorAll('*')]
            .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .slice(0, 4).map(e => e.tagName + '.' + e.className).join(', ')"""
    )


def first_page(route, people, site, tabs) -> tuple[Page, str]:
    """The tab of whoever gets a page from this route, open on the first thing that has one."""
    answers = []
    for person in people:
        for subject in subjects_of(route, site):
            path = path_of(route, subject, site)
            if path is None:
                answers.append(f"{subject}: has none")
            elif opened(tabs[person], path):
                return tabs[person], path
            else:
                answers.append(f"{person}: {path} leads to {tabs[person].url}")
    pytest.fail(f"{route} shows no page to anybody:\n" + "\n".join(answers))


def ask(client, path):
    """The answer without a browser, with what it wrote undone."""
    with transaction.atomic():
        response = client.get(path)
        transaction.set_rollback(True)
    assert response.status_code < 500 or path == "/readyz", f"{path}: {response.status_code}"
    return response


def is_page(response) -> bool:
    html = response.headers.get("Content-Type", "").startswith("text/html")
    return response.status_code == 200 and html and b"<html" in response.content[:500]


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in NO_PAGES])
def test_each_page(route, site, tabs):
    page, path = first_page(route, ["admin", "member", "anonymous"], site, tabs)
    wrong = looked_at(page, path)
    assert not wrong, "\n".join(wrong)


# What these people have on a page and the administrator has not, or sees otherwise.
PAGES_OF = {
    "manager": [
        "projects:detail", "projects:schedule", "projects:requirement-detail", "projects:risk-detail",
        "projects:issue-detail", "projects:team", "projects:budget", "projects:time-list", "projects:phase",
        "projects:closure", "handover:detail",
    ],
    "sponsor": ["projects:phase", "projects:requirement-detail", "projects:scope-baseline", "projects:state"],
    "member": ["projects:schedule", "projects:task-detail", "projects:time-list", "projects:risk-detail"],
    "delivery": [
        "handover:detail", "delivery:detail", "delivery:issue-detail", "delivery:requirement-detail",
        "delivery:survey-detail", "delivery:performance", "delivery:stage", "delivery:team",
    ],
    "support": ["delivery:issue-list", "delivery:issue-detail", "delivery:issue-new", "delivery:known-gap-list"],
    "stakeholder": ["kpis:portfolio", "projects:detail", "handover:story", "delivery:detail"],
    "client": [
        "kpis:portfolio", "projects:list", "projects:detail", "projects:schedule", "projects:requirement-list",
        "delivery:list", "delivery:detail", "delivery:issue-list", "delivery:issue-detail", "delivery:issue-new",
    ],
}  # fmt: skip


@pytest.mark.parametrize("person", PAGES_OF)
def test_the_pages_of_each_role(person, site, tabs):
    """All rules on a dark phone: the controls stand closest there."""
    wrong = []
    for name in PAGES_OF[person]:
        page, path = first_page(ROUTE_OF[name], [person], site, tabs)
        wrong += looked_at(page, path, rules={("dark", 390): FULL})
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["projects", "products"])
def test_names_of_200_letters_and_60_rows(name, site, tabs):
    """The awkward project and product: everything is as long as its column, and lists have two pages."""
    subject = {"projects": site.long_project, "products": site.long_product}[name]
    assert not walk_over(subject, site, tabs["admin"], rules={})


@pytest.mark.parametrize("name", ["projects", "products"])
def test_nothing_yet(name, site, tabs):
    """An empty project and product: each page says what to do first. Forms are the same as elsewhere."""
    subject = {"projects": site.empty_project, "products": site.empty_product}[name]
    routes = [route for route in ROUTES if not route.endswith(("new/", "edit/", "import/"))]
    assert not walk_over(subject, site, tabs["admin"], routes=routes, rules={("dark", 1440): FULL})


def walk_over(subject, site, page, *, routes=ROUTES, rules) -> str:
    """What is wrong on any page of one project or product."""
    wrong = []
    for route in routes:
        if route in NO_PAGES or type(subject) not in map(type, subjects_of(route, site)):
            continue
        path = path_of(route, subject, site)
        if path and opened(page, path):
            wrong += looked_at(page, path, rules=rules)
    return "\n".join(wrong)


PRINTED = [
    "projects:detail", "projects:schedule", "projects:risk-list", "handover:story", "handover:record", "handover:list",
    "kpis:portfolio",
]  # fmt: skip


@pytest.mark.parametrize("name", PRINTED)
def test_it_prints(name, site, tabs):
    """On the width of a sheet, without the frame."""
    page = tabs["manager"]
    page.set_viewport_size({"width": 1000, "height": HEIGHT})
    page.goto(path_of(ROUTE_OF[name], site.projects[2] if name.startswith("handover:") else site.projects[0], site))
    page.emulate_media(media="print", color_scheme="light")
    try:
        assert overflow(page) <= 0, f"{page.url}: {widest(page)}"
        assert page.locator(".side").is_hidden()
        assert page.get_by_role("heading", level=1).is_visible()
    finally:
        page.emulate_media(media="screen")


@pytest.mark.parametrize("route", NO_PAGES)
def test_what_is_no_page_has_not_become_one(route, site, tabs):
    assert route in ROUTES
    for subject in subjects_of(route, site)[:2]:
        if path := path_of(route, subject, site):
            assert not is_page(ask(site.clients["admin"], path)), f"{path} is a page: take it from NO_PAGE"
