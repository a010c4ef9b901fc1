"""Lessons come to the projects that start: those that fit, with why, to be judged or made a risk or task."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pmdm.accounts.models import Department
from projects.lessons import uses
from projects.lessons.offers import offers_for
from projects.models import Lesson, LessonUse
from tests.factories import make_project
from tests.projects.lessons.texts import TEXT

pytestmark = pytest.mark.django_db


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.code, *args])


@pytest.fixture
def published(cast):
    cast.lesson.publish(by=cast.alice)
    return cast.lesson


def test_it_is_offered_with_why(client, published, later):
    client.force_login(later.alice)
    overview = client.get(later.project.get_absolute_url()).text
    assert "Lessons from similar projects" in overview
    assert published.title in overview
    assert "Tagged supplier, certification, which the charter speaks of" in overview
    assert "Shares the words " in overview
    assert published.title in client.get(url(later.project, "edit")).text
    assert "1 lesson of similar projects fits this one." in client.get(url(later.project, "lesson-list")).text


def test_a_draft_and_ones_own_are_not_offered(cast, later):
    assert offers_for(later.project, later.alice) == []
    cast.lesson.publish(by=cast.alice)
    assert [offer.lesson for offer in offers_for(later.project, later.alice)] == [cast.lesson]
    assert offers_for(cast.project, cast.alice) == []


def test_what_has_nothing_in_common_is_not_offered(published):
    assert offers_for(make_project(name="Garden", goal="Trees give shade."), published.author) == []


def test_a_form_of_the_word_counts_and_common_words_do_not(published):
    project = make_project(name="X", goal="We were certified by nobody; the and of to it.")
    offers = offers_for(project, published.author)
    assert [offer.likeness.tags for offer in offers] == [("certification",)] or offers == []
    assert all("the" not in offer.likeness.words for offer in offers)


def test_the_client_is_a_reason_only_to_those_who_see_it(published, later, cast):
    later.project.client = cast.project.client
    later.project.save()
    stranger = offers_for(later.project, later.alice)[0]
    insider = offers_for(later.project, cast.bob)[0]
    assert "Same client" not in stranger.why
    assert "Same client" in insider.why


def test_the_department_is_a_reason(published, later, cast):
    department = Department.objects.create(name="Engineering")
    for project in (cast.project, later.project):
        project.department = department
        project.save()
    assert "Same department" in offers_for(later.project, later.alice)[0].why


def test_once_the_work_is_under_way_the_overview_no_longer_shows_them(client, published, later):
    later.project.phases.filter(kind="initiation").update(state="done", finished_at="2026-02-01T00:00Z")
    client.force_login(later.alice)
    assert published.title not in client.get(later.project.get_absolute_url()).text
    assert published.title in client.get(url(later.project, "lesson-offers")).text


def test_a_clients_people_see_none(client, published, later):
    client.force_login(later.cleo)
    assert published.title not in client.get(later.project.get_absolute_url()).text
    assert client.get(url(later.project, "lesson-offers")).status_code == 403


class TestJudging:
    def test_useful_then_not_applicable(self, client, published, later):
        client.force_login(later.bob)
        address = url(later.project, "lesson-verdict", published.pk)
        for verdict, helped in (("useful", 1), ("no", 0)):
            assert client.post(address, {"verdict": verdict}).status_code == 302
            assert LessonUse.objects.get().verdict == verdict
            assert Lesson.objects.with_uses().get().helped == helped
        page = client.get(url(later.project, "lesson-offers")).text
        assert "Not applicable" in page
        assert "Lessons from similar projects" not in client.get(later.project.get_absolute_url()).text

    def test_another_word_is_refused(self, client, published, later):
        client.force_login(later.bob)
        address = url(later.project, "lesson-verdict", published.pk)
        for verdict in ("risk", "", "x"):
            assert client.post(address, {"verdict": verdict}).status_code == 422
        assert not LessonUse.objects.exists()

    @pytest.mark.parametrize(("name", "status"), [("stella", 403), ("cleo", 403), ("charlie", 404)])
    def test_others_do_not_judge(self, client, published, later, name, status):
        client.force_login(getattr(later, name))
        assert client.post(url(later.project, "lesson-verdict", published.pk), {"verdict": "no"}).status_code == status

    def test_a_draft_cannot_be_judged(self, client, cast, later):
        client.force_login(later.alice)
        answer = client.post(url(later.project, "lesson-verdict", cast.lesson.pk), {"verdict": "no"})
        assert answer.status_code == 404
        with pytest.raises(ValidationError):
            uses.say(later.project, cast.lesson, "useful", by=later.alice)


class TestMaking:
    def test_a_risk_begins_with_the_lesson(self, client, published, later):
        client.force_login(later.bob)
        address = url(later.project, "lesson-risk", published.pk)
        form = client.get(address).context["form"]
        assert (form["title"].value(), form["response_plan"].value()) == (TEXT["title"], TEXT["recommendation"])
        assert TEXT["cause"] in form["description"].value()
        sent = {name: form[name].value() or "" for name in form.fields} | {"probability": "3", "impact": "4"}
        answer = client.post(address, sent)
        risk = later.project.risks.get()
        assert answer.url == url(later.project, "risk-detail", risk.number)
        use = LessonUse.objects.get()
        assert (use.verdict, use.risk, use.by) == ("risk", risk, later.bob)
        assert (risk.score, risk.inherent_probability) == (12, 3)
        assert client.post(address, sent).status_code == 409
        assert later.project.risks.count() == 1

    def test_a_bad_risk_leaves_nothing(self, client, published, later):
        client.force_login(later.bob)
        answer = client.post(url(later.project, "lesson-risk", published.pk), {"title": "", "description": "kept"})
        assert answer.status_code == 422
        assert "kept" in answer.text
        assert not LessonUse.objects.exists()

    def test_a_task_by_who_plans(self, client, published, later):
        address = url(later.project, "lesson-task", published.pk)
        client.force_login(later.bob)
        assert client.post(address, {"name": "x", "duration": "1d"}).status_code == 403
        client.force_login(later.alice)
        assert client.post(address, {"name": "Ask for a slot", "duration": "2d"}).status_code == 302
        task = later.project.tasks.get()
        assert (task.name, task.duration) == ("Ask for a slot", 960)
        assert LessonUse.objects.get().task == task

    def test_what_was_made_may_go_and_be_made_again(self, published, later):
        task = uses.make_task(later.project, published, by=later.alice, name="Ask")
        task.delete()
        assert LessonUse.objects.get().verdict == "task"
        uses.make_risk(later.project, published, by=later.alice, title="Late")
        assert LessonUse.objects.get().verdict == "risk"


def test_as_many_queries_for_three_lessons_as_for_three_hundred(cast, later):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            offers_for(later.project, later.alice)
        return len(caught)

    def publish(numbers):
        Lesson.objects.bulk_create(
            Lesson(
                project=cast.project, number=n, author=cast.alice, state="published",
                published_at="2026-01-01T00:00Z", published_by=cast.alice, **TEXT,
            )
            for n in numbers
        )  # fmt: skip

    publish(range(10, 13))
    before = queries()
    publish(range(100, 400))
    assert queries() == before
