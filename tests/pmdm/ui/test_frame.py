"""The frame is drawn once for pages where it is the same: nobody gets another one's, nothing of it is out of date."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.middleware.csrf import get_token
from django.template import Context, engines
from django.test import RequestFactory

from pmdm.accounts.roles import Role
from pmdm.ui.context import Shell
from tests.factories import make_project, make_user

pytestmark = pytest.mark.django_db

SIDEBAR = "shell/_sidebar.html"


def drawn(user, path="/projects/", name=SIDEBAR, **cookies):
    """(what the tag draws, what the template alone draws, the form token)."""
    request = RequestFactory().get(path)
    request.user = user
    request.COOKIES |= cookies
    token = get_token(request)
    values = {"shell": Shell(request), "request": request, "csrf_token": token}
    engine = engines["django"].engine
    tag = engine.from_string(f'{{% frame "{name}" %}}').render(Context(values))
    alone = engine.from_string(f'{{% include "{name}" %}}').render(Context(values))
    return tag, alone, token


@pytest.mark.parametrize("name", [SIDEBAR, "shell/_dialogs.html"])
def test_it_is_what_the_template_draws(name):
    user = make_user("Ada <b>Admin</b>", site_role=Role.ADMIN)
    make_project(name="R&D <i>one</i>", manager=user)
    for path in ("/", "/projects/", '/projects/?q="><script>&sort=-name', "/projects/"):
        for cookies in ({}, {"theme": "dark"}):
            tag, alone, _token = drawn(user, path, name, **cookies)
            assert tag == alone
    stranger, alone, _token = drawn(AnonymousUser(), "/", name)
    assert stranger == alone


def test_each_page_has_its_own_token_and_address():
    user = make_user("Ada")
    for path in ("/projects/?q=first", "/projects/?q=second"):
        tag, _alone, token = drawn(user, path)
        assert re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', tag) == [token] * 2
        assert f'name="next" value="{path}"' in tag


def test_two_readers_never_see_each_others():
    ada, bea = make_user("Ada"), make_user("Bea")
    make_project(name="Of Ada", manager=ada)
    assert "Of Ada" in drawn(ada)[0]
    assert "Of Ada" not in drawn(bea)[0]
    assert "Ada" not in drawn(bea)[0]


def test_it_follows_what_changes():
    ada = make_user("Ada")
    assert "Workload" not in drawn(ada)[0]
    project = make_project(name="First name", manager=ada)
    assert "Workload" in drawn(ada)[0]
    assert "First name" in drawn(ada)[0]
    project.name = "Second name"
    project.save()
    assert "Second name" in drawn(ada)[0]
    project.memberships.all().delete()
    assert "Workload" not in drawn(ada)[0]


def test_what_several_entries_ask_is_asked_once(django_assert_num_queries):
    from pmdm.ui import nav
    from projects.budget.register import sees_cost
    from projects.team.register import manages
    from projects.timesheets.register import books_time

    ada = make_user("Ada")
    questions = (sees_cost, manages, books_time)
    with django_assert_num_queries(1), nav.asking_once(ada):
        assert [question(ada) for question in questions] == [False] * 3
    make_project(manager=ada)
    assert all(question(ada) for question in questions), "outside a frame always anew"


def test_behind_the_sign_in_the_reader_is_a_plain_object(client):
    from pmdm.accounts.models import User

    client.force_login(make_user("Ada"))
    assert type(client.get("/projects/").wsgi_request.user) is User
