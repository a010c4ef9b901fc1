from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from pmdm.ui import nav
from pmdm.ui.context import Shell

ALICE = SimpleNamespace(pk=1, name="Alice Ode", job_title="Project manager", is_authenticated=True)


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr(nav, "_entries", {})
    monkeypatch.setattr(nav, "_lists", {})
    monkeypatch.setattr(nav, "_tabs", {})


def shell(path="/", user=ALICE, **cookies):
    request = RequestFactory().get(path)
    request.user = user
    request.COOKIES = cookies
    return Shell(request)


def test_destinations_stand_in_order_with_their_badge():
    nav.register("Later", "healthz", "box", 20)
    nav.register("First", "home", "house", 10, badge=lambda user: 3)
    assert [(item["label"], item["badge"]) for item in shell().nav] == [("First", 3), ("Later", 0)]


def test_hidden_and_missing_destinations_are_left_out():
    nav.register("Secret", "home", "lock", 1, visible=lambda user: False)
    nav.register("Not built", "no-such-page", "box", 2)
    assert shell().nav == []


def test_the_current_destination_is_the_longest_that_fits():
    nav.register("Home", "home", "house", 1)
    nav.register("Guide", "ui:guide", "box", 2)
    assert [item["current"] for item in shell("/ui/form/").nav] == ["", "true"]
    assert [item["current"] for item in shell("/ui/").nav] == ["", "page"]
    assert [item["current"] for item in shell("/").nav] == ["page", ""]


def test_lists_take_objects_and_dicts():
    def projects(user):
        return [SimpleNamespace(name="One", url="/p/1/", light="act"), {"name": "Two", "url": "/p/2/"}]

    nav.register_list("Projects", projects, more="home")
    (group,) = shell("/p/2/risks/").lists
    assert [(item["light"], item["current"]) for item in group["entries"]] == [("act", ""), ("na", "true")]
    assert group["more"] == "/"


def test_empty_lists_are_not_drawn():
    nav.register_list("Projects", lambda user: [])
    assert shell().lists == []


def test_a_stranger_sees_no_destinations():
    nav.register("First", "home", "house", 10)
    nav.register_list("Projects", lambda user: [{"name": "One", "url": "/"}])
    stranger = shell(user=AnonymousUser())
    assert (stranger.nav, stranger.lists, stranger.user) == ([], [], None)


def test_the_user_card():
    card = shell().user
    assert (card.name, card.initials, card.role) == ("Alice Ode", "AO", "Project manager")


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("", ""), ('"><script>', "")])
def test_only_known_themes_are_believed(cookie, theme):
    assert shell(theme=cookie).theme == theme


def test_tabs_of_a_subject_come_from_several_apps():
    subject = SimpleNamespace(code="PRJ-1")
    nav.register_tab(
        "project", "risks", "Risks", lambda project: f"/{project.code}/risks/", order=2, count=lambda p: 12
    )
    nav.register_tab("project", "overview", "Overview", lambda project: f"/{project.code}/", order=1)
    nav.register_tab("project", "secret", "Secret", lambda project: "/", order=3, visible=lambda p, user: False)
    nav.register_tab("product", "issues", "Issues", lambda product: "/", order=1)
    assert nav.tabs("project", subject, ALICE, "risks") == [
        {"label": "Overview", "url": "/PRJ-1/", "current": False, "count": None},
        {"label": "Risks", "url": "/PRJ-1/risks/", "current": True, "count": 12},
    ]
