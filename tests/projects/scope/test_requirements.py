import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.scope.models import AcceptanceCriterion, Requirement
from tests.factories import make_cast, make_project, make_requirement

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "requirements/"
    return people


def make_built(cast, *texts):
    requirement = make_requirement(cast.project)
    requirement.move_on("reviewed")
    for text in texts:
        requirement.add_criterion(text)
    requirement.approve(by=cast.sam)
    requirement.move_on("built")
    return requirement


def check(requirement, result, by, evidence="Test 12"):
    for line in requirement.criteria.all():
        line.requirement = requirement
        line.record(result, by=by, evidence=evidence)


def test_alice_writes_a_requirement_with_its_criteria(client, cast):
    client.force_login(cast.alice)
    answer = client.post(
        cast.url + "new/",
        {"title": "Export", "priority": "must", "type": "functional", "criteria": "CSV opens\n\nUnder 2 s\n"},
    )
    requirement = cast.project.requirements.get()
    assert answer.url == f"{cast.url}{requirement.number}/"
    assert requirement.ref == "REQ-1"
    assert [line.text for line in requirement.criteria.all()] == ["CSV opens", "Under 2 s"]
    page = client.get(answer.url).text
    assert "CSV opens" in page


def test_a_requirement_goes_from_draft_to_verified(client, cast):
    requirement = make_requirement(cast.project)
    url = f"{cast.url}{requirement.number}/"
    client.force_login(cast.alice)
    client.post(url + "state/", {"state": "reviewed"})
    client.post(url + "criteria/", {"text": "CSV opens"})
    client.force_login(cast.sam)
    assert client.post(url + "approval/").status_code == 302
    requirement.refresh_from_db()
    assert (requirement.state, requirement.approved_by) == ("approved", cast.sam)
    client.force_login(cast.alice)
    client.post(url + "state/", {"state": "built"})
    line = requirement.criteria.get()
    client.force_login(cast.dora)
    assert client.post(f"{url}criteria/{line.pk}/check/", {"result": "pass", "evidence": "Test 12"}).status_code == 302
    assert client.post(url + "verification/").status_code == 302
    requirement.refresh_from_db()
    line.refresh_from_db()
    assert requirement.state == "verified"
    assert requirement.verified_at
    assert (line.result, line.checked_by, line.evidence) == ("pass", cast.dora, "Test 12")


def test_verified_only_when_every_criterion_passed(client, cast):
    requirement = make_built(cast, "CSV opens", "Under 2 s")
    line = requirement.criteria.first()
    line.requirement = requirement
    line.record("pass", by=cast.dora, evidence="Test 12")
    client.force_login(cast.dora)
    answer = client.post(f"{cast.url}{requirement.number}/verification/")
    assert answer.status_code == 422
    assert "1 criterion has not passed: Under 2 s." in answer.text
    requirement.refresh_from_db()
    assert requirement.state == "built"


def test_without_a_criterion_it_can_never_be_verified(cast):
    with pytest.raises(ValidationError, match="no acceptance criterion"):
        make_built(cast).verify(by=cast.dora)


def test_a_later_fail_puts_a_verified_requirement_back_to_built(cast):
    requirement = make_built(cast, "CSV opens")
    check(requirement, "pass", cast.dora)
    requirement.verify(by=cast.dora)
    check(requirement, "fail", cast.dora)
    requirement = Requirement.objects.get(pk=requirement.pk)
    assert (requirement.state, requirement.verified_at) == ("built", None)


def test_a_pass_names_its_evidence(client, cast):
    requirement = make_built(cast, "CSV opens")
    line = requirement.criteria.get()
    client.force_login(cast.dora)
    answer = client.post(f"{cast.url}{requirement.number}/criteria/{line.pk}/check/", {"result": "pass"})
    assert answer.status_code == 422
    assert "Say what shows that it passes" in answer.text
    line.refresh_from_db()
    assert line.result == "not_run"


def test_a_draft_is_not_checked(cast):
    requirement = make_requirement(cast.project)
    requirement.add_criterion("CSV opens")
    with pytest.raises(ValidationError, match="not approved yet"):
        check(requirement, "pass", cast.dora)


def test_moves_that_do_not_follow_are_refused(client, cast):
    requirement = make_requirement(cast.project)
    client.force_login(cast.alice)
    for state in ("built", "verified", "approved"):
        assert client.post(f"{cast.url}{requirement.number}/state/", {"state": state}).status_code == 422
    with pytest.raises(ValidationError, match="is draft; it cannot become built"):
        requirement.move_on("built")


def test_approving_and_verifying_do_not_slip_through_the_plain_move(cast):
    requirement = make_requirement(cast.project)
    requirement.move_on("reviewed")
    with pytest.raises(ValidationError, match="button of their own"):
        requirement.move_on("approved")
    requirement.approve(by=cast.sam)
    with pytest.raises(ValidationError, match="button of their own"):
        requirement.move_on("reviewed")


def test_the_second_approver_sees_somebody_was_first(cast):
    requirement = make_requirement(cast.project)
    requirement.move_on("reviewed")
    mine, theirs = (Requirement.objects.get(pk=requirement.pk) for _ in range(2))
    theirs.move_on("rejected")
    with pytest.raises(ValidationError, match="Somebody was first: REQ-1 is rejected") as caught:
        mine.approve(by=cast.sam)
    assert caught.value.code == "first"


def test_the_text_is_locked_after_approval(client, cast):
    requirement = make_requirement(cast.project, title="Promise")
    requirement.move_on("reviewed")
    requirement.approve(by=cast.sam)
    client.force_login(cast.alice)
    answer = client.post(
        f"{cast.url}{requirement.number}/edit/",
        {"title": "Less", "priority": "must", "type": "functional", "version": requirement.version},
        follow=True,
    )
    assert "its text is locked" in answer.text
    requirement.refresh_from_db()
    assert requirement.title == "Promise"


def test_an_edit_that_was_open_during_an_approval_is_409(client, cast):
    requirement = make_requirement(cast.project, title="Promise")
    opened = requirement.version
    requirement.move_on("reviewed")
    client.force_login(cast.alice)
    answer = client.post(
        f"{cast.url}{requirement.number}/edit/",
        {"title": "Less", "priority": "must", "type": "functional", "version": opened},
    )
    assert answer.status_code == 409
    assert "Promise" in answer.text
    assert 'value="Less"' in answer.text


@pytest.mark.parametrize("name", ["bob", "stella", "cleo", "dora"])
def test_others_read_but_do_not_write(client, cast, name):
    requirement = make_requirement(cast.project)
    url = f"{cast.url}{requirement.number}/"
    client.force_login(getattr(cast, name))
    assert client.get(cast.url).status_code == 200
    page = client.get(url)
    assert page.status_code == 200
    assert 'method="post"' not in page.text[page.text.index("<main") : page.text.index("</main")]
    for action in ("state/", "approval/", "criteria/"):
        assert client.post(url + action, {"state": "reviewed", "text": "x"}).status_code == 403


def test_sam_approves_but_does_not_edit(client, cast):
    requirement = make_requirement(cast.project)
    client.force_login(cast.sam)
    assert client.get(f"{cast.url}{requirement.number}/edit/").status_code == 403
    assert client.post(f"{cast.url}{requirement.number}/state/", {"state": "reviewed"}).status_code == 403


def test_children_are_found_through_their_project(client, cast):
    other = make_project()
    requirement, mine = make_requirement(other), make_requirement(cast.project)
    requirement.add_criterion("Theirs")
    client.force_login(cast.alice)
    assert client.get(f"{cast.url}{requirement.number + 1}/").status_code == 404
    url = f"{cast.url}{mine.number}/criteria/{requirement.criteria.get().pk}/check/"
    assert client.post(url, {"result": "fail"}).status_code == 404
    client.force_login(cast.charlie)
    assert client.get(cast.url).status_code == 404


def test_filters_by_state_priority_number_and_words(client, cast):
    make_requirement(cast.project, title="Export to CSV", priority="should")
    make_requirement(cast.project, title="Sign in")
    client.force_login(cast.alice)

    def titles(**query):
        return [row.title for row in client.get(cast.url, query).context["page"].rows]

    assert titles() == ["Export to CSV", "Sign in"]
    assert titles(priority="should") == ["Export to CSV"]
    assert titles(q="req-2") == ["Sign in"]
    assert titles(q="export csv") == ["Export to CSV"]
    assert titles(state="verified") == []
    assert titles(sort="-title") == ["Sign in", "Export to CSV"]


def test_as_many_queries_for_300_rows_as_for_3(client, cast):
    def fill(start, stop):
        made = Requirement.objects.bulk_create(
            Requirement(project=cast.project, number=number, title=f"Requirement {number}", owner=cast.bob)
            for number in range(start, stop)
        )
        AcceptanceCriterion.objects.bulk_create(
            AcceptanceCriterion(project=cast.project, requirement=row, text="Works") for row in made
        )

    def queries():
        client.force_login(cast.alice)
        client.get(cast.url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(cast.url).status_code == 200
        return len(captured)

    fill(0, 3)
    few = queries()
    fill(3, 300)
    assert queries() == few
