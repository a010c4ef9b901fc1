import pytest

from tests.factories import make_cast, make_issue, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    project = make_project()
    people = make_cast(project)
    people.project = project
    people.url = project.get_absolute_url() + "issues/"
    return people


def test_bob_raises_edits_starts_closes_and_reopens_an_issue(client, cast):
    client.force_login(cast.bob)
    form = {"title": "No test data", "severity": "2", "area": "schedule", "due": "2026-12-01"}
    assert client.post(cast.url + "new/", form).status_code == 302
    issue = cast.project.issues.get()
    assert (issue.ref, issue.raised_by, issue.state) == ("ISS-1", cast.bob, "open")
    assert client.post(f"{cast.url}1/edit/", {**form, "title": "No data", "version": 1}).status_code == 302
    assert client.post(f"{cast.url}1/edit/", {**form, "version": 1}).status_code == 409
    assert client.post(f"{cast.url}1/start/").status_code == 302
    assert client.post(f"{cast.url}1/start/").status_code == 409
    assert client.post(f"{cast.url}1/closure/", {"resolution": ""}).status_code == 422
    assert client.post(f"{cast.url}1/closure/", {"resolution": "Vendor sent it"}).status_code == 302
    assert client.post(f"{cast.url}1/closure/", {"resolution": "Again"}).status_code == 409
    issue.refresh_from_db()
    assert (issue.title, issue.state, issue.resolution) == ("No data", "closed", "Vendor sent it")
    assert "Vendor sent it" in client.get(f"{cast.url}1/").text
    assert client.post(f"{cast.url}1/reopening/").status_code == 302
    issue.refresh_from_db()
    assert issue.is_open


def test_filters_and_sorts(client, cast):
    make_issue(cast.project, title="Small", severity=4)
    make_issue(cast.project, title="Big", severity=1)
    make_issue(cast.project, title="Over").close(by=cast.bob, resolution="Done")
    client.force_login(cast.bob)

    def titles(**query):
        return [issue.title for issue in client.get(cast.url, query).context["page"].rows]

    assert titles() == ["Big", "Small"]
    assert titles(severity=4) == ["Small"]
    assert titles(state="closed") == ["Over"]
    assert titles(q="ISS-1") == ["Small"]
    assert titles(sort="title") == ["Big", "Small"]


@pytest.mark.parametrize(
    ("name", "read", "write"), [("sam", 200, 403), ("stella", 200, 403), ("cleo", 403, 403), ("charlie", 404, 404)]
)
def test_who_reads_and_who_writes(client, cast, name, read, write):
    make_issue(cast.project)
    client.force_login(getattr(cast, name))
    assert client.get(cast.url).status_code == client.get(f"{cast.url}1/").status_code == read
    assert client.post(f"{cast.url}1/closure/", {"resolution": "x"}).status_code == write
    assert client.post(cast.url + "new/", {"title": "x"}).status_code == write
