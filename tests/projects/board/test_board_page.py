"""The board's page: who sees and moves what, without script and with, refusals, queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.board.columns import Wanted, arrange, columns_of
from projects.schedule import edits

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


def url(project, name="board"):
    return reverse(f"projects:{name}", args=[project.code])


@pytest.fixture
def bob(client, people):
    client.force_login(people.bob)
    return client


def move(client, project, task, to, was="todo", **more):
    return client.post(url(project, "card-move"), {"card": task.uid, "to": to, "was": was, **more}, **HTMX)


def test_a_member_moves_a_card(bob, project, plan):
    response = move(bob, project, plan["A"], "done")
    assert response.status_code == 200
    assert "is in “Done”" in response.content.decode()
    assert plan["A"].percent == 100


def test_without_script_it_leads_back_to_the_card(bob, project, plan):
    response = bob.post(
        url(project, "card-move") + "?lanes=summary", {"card": plan["A"].uid, "to": "doing", "was": "todo"}
    )
    assert response.status_code == 302
    assert response["Location"] == url(project) + f"?lanes=summary#card-{plan['A'].uid}"


def test_who_may_only_look_moves_nothing(client, people, project, plan):
    client.force_login(people.cleo)
    page = client.get(url(project)).content.decode()
    assert "data-grip" not in page
    assert "board-move" not in page
    assert move(client, project, plan["A"], "done").status_code == 403
    client.force_login(people.charlie)
    assert client.get(url(project)).status_code == 404


def test_a_client_learns_no_names(client, people, project, plan):
    edits.change_task(plan["A"], by=people.alice, people=[edits.Person(user=people.bob)])
    client.force_login(people.cleo)
    for query in ("", "?lanes=person"):
        assert "Bob" not in client.get(url(project) + query).content.decode()
    assert "data-card" not in client.get(url(project) + "?q=Bob").content.decode(), "nor by searching"
    client.force_login(people.alice)
    assert "Bob" in client.get(url(project) + "?lanes=person").content.decode()


def test_second_is_told_and_sees_the_board_as_it_is(bob, project, plan, people):
    move(bob, project, plan["A"], "doing")
    response = move(bob, project, plan["A"], "done")
    page = response.content.decode()
    assert response.status_code == 409
    assert "lies in “In progress” by now" in page
    assert plan["A"].percent == 0


def test_a_full_column_asks_and_takes_yes(bob, project, plan, people):
    wanted = [Wanted(c.name, 1 if c.key == "doing" else None, c.key) for c in columns_of(project)]
    arrange(project, by=people.alice, columns=wanted, version=0)
    move(bob, project, plan["A"], "doing")
    response = move(bob, project, plan["B"], "doing")
    page = response.content.decode()
    assert response.status_code == 422
    assert "its limit is 1" in page
    assert 'name="sure" value="limit"' in page
    assert move(bob, project, plan["B"], "doing", sure="limit").status_code == 200
    assert "over its limit" in bob.get(url(project)).content.decode()


def test_quick_add_is_for_who_plans(bob, client, people, project, plan):
    assert bob.post(url(project, "card-new"), {"name": "New"}).status_code == 403
    client.force_login(people.alice)
    client.post(url(project, "card-new"), {"name": "New", "parent": plan["Phase"].uid})
    assert plan["New"].parent == plan["Phase"]
    response = client.post(url(project, "card-new"), {"name": " "}, **HTMX)
    assert response.status_code == 422


def test_columns_page(client, people, project, plan):
    client.force_login(people.alice)
    page = client.get(url(project, "board-columns"))
    assert page.status_code == 200
    data = {"c-TOTAL_FORMS": 3, "c-INITIAL_FORMS": 0, "version": 0}
    for n, (key, name) in enumerate([("todo", "Open"), ("doing", "Busy"), ("done", "Closed")]):
        data |= {
            f"c-{n}-key": key,
            f"c-{n}-name": name,
            f"c-{n}-position": 3 - n,
            f"c-{n}-wip_limit": "2" if n == 1 else "",
        }
    assert client.post(url(project, "board-columns"), data).status_code == 302
    assert [c.name for c in columns_of(project)] == ["Closed", "Busy", "Open"]
    response = client.post(url(project, "board-columns"), data)
    assert response.status_code == 409
    assert "Busy" in response.content.decode()
    data["c-0-name"] = data["c-1-name"] = ""
    data["c-1-wip_limit"] = ""
    data["version"] = 2
    assert client.post(url(project, "board-columns"), data).status_code == 422


@pytest.mark.parametrize("bad", ["x", "0", "999999", "1" * 30, "-1"])
def test_a_card_that_is_none_is_404(bob, project, plan, bad):
    assert bob.post(url(project, "card-move"), {"card": bad, "to": "done", "was": "todo"}).status_code == 404


def test_no_card_at_all_is_said(bob, project, plan):
    response = bob.post(url(project, "card-move"), {})
    assert response.status_code == 422
    assert "No card was named" in response.content.decode()


def test_unknown_columns_move_nothing(bob, project, plan):
    response = bob.post(
        url(project, "card-move"), {"card": plan["A"].uid, "to": "<b>", "was": "todo", "before": "9" * 40}
    )
    assert response.status_code == 409
    assert plan["A"].percent == 0


def test_a_milestone_and_a_summary_are_no_cards(bob, project, plan):
    for name in ("Phase", "Done"):
        assert move(bob, project, plan[name], "done").status_code == 404


@pytest.mark.parametrize("query", ["", "?lanes=person", "?lanes=summary&show=late", "?lanes=priority&q=task"])
def test_as_many_queries_for_300_cards_as_for_3(client, people, project, query):
    client.force_login(people.alice)

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(project) + query).status_code == 200
        return len(queries)

    edits.add_tasks(project, by=people.alice, rows=[{"name": f"task {n}", "duration": 480} for n in range(3)])
    few = count()
    edits.add_tasks(project, by=people.alice, rows=[{"name": f"task {n}", "duration": 480} for n in range(300)])
    assert count() <= few
    assert few <= 30
