import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.risks.models import Risk
from tests.factories import make_cast, make_project, make_risk

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "risks/"
    return people


def test_bob_raises_a_risk(client, cast):
    client.force_login(cast.bob)
    form = {"title": "Certification slips", "probability": "4", "impact": "5", "owner": cast.bob.pk, "exposure": "5000"}
    assert client.post(cast.url + "new/", form).status_code == 302
    risk = cast.project.risks.get()
    assert (risk.ref, risk.score, risk.level) == ("R-1", 20, "extreme")
    assert (risk.inherent_probability, risk.inherent_impact) == (4, 5)
    assert client.get(f"{cast.url}1/").status_code == 200


@pytest.mark.parametrize("change", [{"probability": "6"}, {"impact": "0"}, {"exposure": "-1"}, {"title": ""}])
def test_bad_scores_are_refused(client, cast, change):
    client.force_login(cast.alice)
    assert client.post(cast.url + "new/", {"title": "x", **change}).status_code == 422
    assert not cast.project.risks.exists()


def test_the_owner_works_on_the_project(client, cast):
    client.force_login(cast.bob)
    assert client.post(cast.url + "new/", {"title": "x", "owner": cast.charlie.pk}).status_code == 422
    assert client.post(cast.url + "new/", {"title": "x", "owner": cast.alice.pk}).status_code == 302


def test_editing_changes_the_score_now_and_keeps_the_first(client, cast):
    risk = Risk.raise_risk(cast.project, title="x", probability=4, impact=5)
    client.force_login(cast.bob)
    form = {"title": "x", "probability": "2", "impact": "5", "version": risk.version}
    assert client.post(f"{cast.url}1/edit/", form).status_code == 302
    risk.refresh_from_db()
    assert (risk.score, risk.inherent_probability * risk.inherent_impact) == (10, 20)
    answer = client.post(f"{cast.url}1/edit/", {**form, "title": "Mine"})
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.text


def test_closing_needs_a_reason(client, cast):
    risk = make_risk(cast.project)
    client.force_login(cast.bob)
    assert client.post(f"{cast.url}1/closure/", {"reason": ""}).status_code == 422
    assert client.post(f"{cast.url}1/closure/", {"reason": "Vendor certified"}).status_code == 302
    risk.refresh_from_db()
    assert (risk.state, risk.close_reason) == ("closed", "Vendor certified")
    assert client.post(f"{cast.url}1/closure/", {"reason": "Again"}).status_code == 409
    assert client.post(f"{cast.url}1/reopening/").status_code == 302
    risk.refresh_from_db()
    assert (risk.state, risk.closed_at) == ("open", None)


def test_a_risk_that_happens_becomes_an_issue_without_retyping(client, cast):
    make_risk(
        cast.project,
        title="Certification slips",
        description="Queue of three weeks",
        response_plan="Use the other lab",
        owner=cast.bob,
        impact=5,
    )
    client.force_login(cast.alice)
    answer = client.post(f"{cast.url}1/occurrence/", {"note": "Letter of 3 May"})
    issue = cast.project.issues.get()
    assert answer.url == cast.project.get_absolute_url() + f"issues/{issue.number}/"
    assert (issue.title, issue.owner, issue.severity, issue.raised_by) == (
        "Certification slips",
        cast.bob,
        1,
        cast.alice,
    )
    assert issue.description == "Queue of three weeks\n\nPlanned response: Use the other lab\n\nLetter of 3 May"
    assert issue.from_risk.state == "occurred"
    assert not cast.project.risks.open().exists()
    assert "Was a risk before" in client.get(answer.url).text


def test_a_risk_happens_once(cast):
    mine = make_risk(cast.project)
    theirs = Risk.objects.get(pk=mine.pk)
    theirs.occur(by=cast.alice)
    with pytest.raises(ValidationError, match="no longer open: occurred already"):
        mine.occur(by=cast.bob)
    assert cast.project.issues.count() == 1


def test_a_field_of_the_matrix_opens_its_risks(client, cast):
    make_risk(cast.project, title="Hot", probability=4, impact=5)
    make_risk(cast.project, title="Cold", probability=1, impact=1)
    make_risk(cast.project, title="Unknown", probability=None, impact=None)
    client.force_login(cast.bob)
    answer = client.get(cast.url)
    assert [risk.title for risk in answer.context["page"].rows] == ["Hot", "Cold", "Unknown"]
    assert answer.context["unscored"] == 1
    cell = next(cell for cell in answer.context["cells"] if (cell.likelihood, cell.impact) == (4, 5))
    assert [risk.title for risk in client.get(cell.url).context["page"].rows] == ["Hot"]


def test_filters(client, cast):
    make_risk(cast.project, title="Certification", owner=cast.bob)
    make_risk(cast.project, title="Weather").close(by=cast.bob, reason="Over")
    client.force_login(cast.bob)

    def titles(**query):
        return sorted(risk.title for risk in client.get(cast.url, query).context["page"].rows)

    assert titles() == ["Certification"]
    assert titles(state="closed") == ["Weather"]
    assert titles(state="all") == ["Certification", "Weather"]
    assert titles(owner=cast.bob.pk) == ["Certification"]
    assert titles(q="R-1") == ["Certification"]
    assert titles(q="nothing") == []


@pytest.mark.parametrize("name", ["sam", "stella", "pmo"])
def test_readers_do_not_write(client, cast, name):
    make_risk(cast.project)
    client.force_login(getattr(cast, name))
    page = client.get(f"{cast.url}1/").text
    assert 'method="post"' not in page[page.index("<main") : page.index("</main")]
    for action, form in [
        ("new/", {"title": "x"}),
        ("1/edit/", {}),
        ("1/closure/", {"reason": "x"}),
        ("1/occurrence/", {}),
    ]:
        assert client.post(cast.url + action, form).status_code == 403


def test_cleo_sees_no_risks_and_charlie_no_project(client, cast):
    make_risk(cast.project)
    client.force_login(cast.cleo)
    assert client.get(cast.url).status_code == client.get(f"{cast.url}1/").status_code == 403
    client.force_login(cast.charlie)
    assert client.get(cast.url).status_code == 404


def test_as_many_queries_for_300_rows_as_for_3(client, cast):
    def fill(start, stop):
        Risk.objects.bulk_create(
            Risk(
                project=cast.project,
                number=number,
                title=f"Risk {number}",
                owner=cast.bob,
                probability=1 + number % 5,
                impact=1 + number // 5 % 5,
            )
            for number in range(start, stop)
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


def test_the_register_adds_up_what_is_known(client, cast):
    make_risk(cast.project, probability=5, impact=5, exposure=1000, owner=cast.bob, response="avoid")
    make_risk(cast.project, probability=1, impact=1, exposure=1000, is_opportunity=True)
    make_risk(cast.project, probability=None, impact=None, exposure=1000)
    client.force_login(cast.bob)
    seen = client.get(cast.url).context
    # 0.9 x 1000 of the threat less 0.1 x 1000 of the opportunity; the unscored one is not guessed.
    assert seen["exposure"] == 800
    assert [count for _name, count, _css in seen["levels"]] == [1, 0, 0, 1]
    assert (seen["unscored"], seen["unowned"], seen["unanswered"]) == (1, 2, 2)
