"""The lessons of all projects: who reads what of them, and how they are found."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pmdm.accounts.models import Department
from projects.models import Lesson
from tests.factories import make_project, make_user
from tests.projects.lessons.texts import TEXT

pytestmark = pytest.mark.django_db
ALL = "/projects/lessons/"


def test_a_draft_is_its_projects_alone(client, cast):
    for name, found in (("stella", True), ("pmo", True), ("charlie", False)):
        client.force_login(getattr(cast, name))
        assert (TEXT["title"] in client.get(ALL).text) == found
        assert (TEXT["title"] in client.get(ALL + "export.csv").text) == found
        assert client.get(f"{ALL}{cast.lesson.pk}/").status_code == (302 if found else 404)


def test_published_every_colleague_reads_it_without_project_and_client(client, cast):
    cast.project.department = Department.objects.create(name="Engineering")
    cast.project.save()
    cast.lesson.publish(by=cast.alice)
    client.force_login(cast.charlie)
    for address in (ALL, f"{ALL}{cast.lesson.pk}/", ALL + "export.csv", "/search/?q=certification"):
        text = client.get(address).text
        assert TEXT["title"] in text, address
        assert "Northwind" not in text, address
        assert "OLD" not in text, address
    assert "Engineering" in client.get(f"{ALL}{cast.lesson.pk}/").text
    client.force_login(cast.bob)
    assert "Northwind claims portal" in client.get(ALL).text
    assert client.get(f"{ALL}{cast.lesson.pk}/").url == reverse("projects:lesson-detail", args=["OLD", 1])


def test_a_clients_people_read_none(client, cast):
    cast.lesson.publish(by=cast.alice)
    client.force_login(cast.cleo)
    assert client.get(ALL).status_code == 404
    assert client.get(ALL + "export.csv").status_code == 404
    assert client.get(f"{ALL}{cast.lesson.pk}/").status_code == 404
    assert client.get(reverse("projects:lesson-list", args=["OLD"])).status_code == 403
    assert TEXT["title"] not in client.get("/search/?q=certification").text
    assert ALL not in client.get("/projects/").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("certify", {1}),  # another form of the word
        ("cert", {1, 2}),  # a beginning; a tag that is no word of the text needs the whole of it
        ("the provider", {1}),  # a word that no index has
        ("provider nonsense", set()),
        ("glazing", {2}),
        ("site", {2}),  # a tag
        ("ll-2", {2}),
        ("'; & | ! (", {1, 2}),
    ],
)
def test_words_in_any_form_and_tags(client, cast, query, found):
    other = TEXT | {"title": "Keep the certain path", "happened": "Glazing came in time.", "cause": "", "effect": ""}
    Lesson.write_down(
        cast.project, by=cast.alice, **other | {"recommendation": "Go on so.", "tags": ["site"], "kind": "keep"}
    )
    client.force_login(cast.alice)
    rows = client.get(ALL, {"q": query}).context["page"].rows
    assert {row.number for row in rows} == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "keep"}, {2}),
        ({"phase": "planning"}, {1}),
        ({"impact": "1"}, {1}),
        ({"tag": "site"}, {2}),
        ({"state": "published"}, {1}),
        ({"state": "draft", "kind": "avoid"}, set()),
    ],
)
def test_filters(client, cast, query, found):
    cast.lesson.publish(by=cast.alice)
    other = {"title": "Two", "kind": "keep", "phase": "closing", "impact": 3, "tags": ["site"]}
    Lesson.write_down(cast.project, by=cast.alice, **TEXT | other)
    client.force_login(cast.alice)
    for address in (ALL, reverse("projects:lesson-list", args=["OLD"])):
        assert {row.number for row in client.get(address, query).context["page"].rows} == found


def test_a_tag_of_somebody_elses_draft_is_not_offered(client, cast):
    Lesson.objects.update(tags=["secret tag"])
    client.force_login(cast.charlie)
    assert "secret tag" not in client.get(ALL).text


def test_the_file_holds_what_the_page_shows_and_no_formula(client, cast):
    Lesson.objects.update(title="=1+1")
    client.force_login(cast.alice)
    text = client.get(ALL + "export.csv?kind=avoid").text
    assert "'=1+1" in text
    assert "OLD,LL-1" in text
    assert client.get(ALL + "export.csv?kind=keep").text.count("\r\n") == 1


def test_as_many_queries_for_three_as_for_three_hundred(client, cast):
    charlie = make_user("Somebody")

    def queries(address):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    def publish(count):
        for _ in range(count // 20):
            project = make_project()
            Lesson.objects.bulk_create(
                Lesson(
                    project=project, number=n, author=cast.alice, state="published", published_at="2026-01-01T00:00Z",
                    published_by=cast.alice, **TEXT,
                )
                for n in range(1, 21)
            )  # fmt: skip

    publish(20)
    client.force_login(charlie)
    client.get(ALL)
    before = queries(ALL), queries(ALL + "export.csv")
    publish(300)
    assert (queries(ALL), queries(ALL + "export.csv")) == before
