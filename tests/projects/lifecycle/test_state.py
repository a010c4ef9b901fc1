import pytest
from django.core.exceptions import ValidationError

from projects.lifecycle.models import Project
from tests.factories import make_cast, make_project, make_risk

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    return people


def post(client, cast, move, reason="Because"):
    if move == "cancel":
        return client.post(f"{cast.project.get_absolute_url()}cancellation/", {"reason": reason})
    return client.post(f"{cast.project.get_absolute_url()}state/", {"move": move, "reason": reason})


def test_alice_pauses_resumes_cancels_and_reopens(client, cast):
    client.force_login(cast.alice)
    for move, state in [("pause", "paused"), ("resume", "active"), ("cancel", "cancelled"), ("reopen", "active")]:
        assert client.get(f"{cast.project.get_absolute_url()}state/").status_code == 200
        assert post(client, cast, move).status_code == 302
        cast.project.refresh_from_db()
        assert cast.project.state == state
    assert cast.project.state_changes.count() == 4


def test_no_move_without_a_reason(client, cast):
    client.force_login(cast.alice)
    assert post(client, cast, "pause", "  ").status_code == 422
    with pytest.raises(ValidationError, match="Say why"):
        cast.project.pause(by=cast.alice, reason=" ")
    assert cast.project.state_changes.count() == 0


def test_a_move_that_does_not_fit_is_refused(client, cast):
    client.force_login(cast.alice)
    answer = post(client, cast, "reopen")
    assert answer.status_code == 422
    assert "Only a closed or cancelled project can be reopened." in answer.text


def test_the_loser_of_a_race_sees_who_was_first(cast):
    mine, theirs = (Project.objects.get(pk=cast.project.pk) for _ in range(2))
    theirs.pause(by=cast.alice, reason="Audit")
    with pytest.raises(ValidationError, match="was first: the project has been paused since") as caught:
        mine.cancel(by=cast.admin, reason="No money")
    assert caught.value.code == "first"


@pytest.mark.parametrize("name", ["bob", "sam", "dora", "stella", "cleo", "pmo"])
def test_only_the_manager_changes_the_state(client, cast, name):
    client.force_login(getattr(cast, name))
    assert post(client, cast, "pause").status_code == 403


def test_charlie_gets_404(client, cast):
    client.force_login(cast.charlie)
    assert post(client, cast, "pause").status_code == 404


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("edit/", {"name": "x"}),
        ("updates/", {"text": "x", "overall": "ok"}),
        ("objectives/new/", {"statement": "x"}),
        ("phases/initiation/checklist/", {"text": "x"}),
        ("phases/initiation/plan/", {"gate_due": "2026-01-01"}),
        ("requirements/new/", {"title": "x"}),
        ("scope-baseline/", {}),
        ("risks/new/", {"title": "x"}),
        ("risks/1/closure/", {"reason": "x"}),
        ("issues/new/", {"title": "x"}),
        ("closure/report/", {"reached": "x"}),
        ("closure/decisions/risks/", {"all": "close", "all-reason": "x"}),
        ("closure/submission/", {}),
    ],
)
def test_a_cancelled_project_is_read_only_but_readable(client, cast, page, form):
    make_risk(cast.project)
    cast.project.cancel(by=cast.alice, reason="No money")
    client.force_login(cast.alice)
    url = cast.project.get_absolute_url() + page
    assert client.post(url, form).status_code == 403
    assert client.get(url).status_code in (200, 302)


def test_pages_of_a_cancelled_project_offer_no_changes(client, cast):
    risk = make_risk(cast.project)
    cast.project.cancel(by=cast.alice, reason="No money")
    client.force_login(cast.alice)
    for page in (
        "",
        "risks/",
        f"risks/{risk.number}/",
        "requirements/",
        "issues/",
        "objectives/",
        "phases/initiation/",
    ):
        text = client.get(cast.project.get_absolute_url() + page).text
        main = text[text.index("<main") : text.index("</main")]
        assert 'method="post"' not in main, page
        assert "read-only" in main
