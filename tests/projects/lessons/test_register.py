"""A project writes its lessons down, publishes them and takes them back."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from projects.lessons.closing import lessons_of
from projects.lessons.moves import clean_tags, told_to_all
from projects.models import Lesson
from tests.factories import make_project, make_user
from tests.projects.lessons.texts import TEXT

pytestmark = pytest.mark.django_db


def url(project, name, *args):
    return reverse(f"projects:{name}", args=[project.code, *args])


def typed(**changes):
    return TEXT | {"tags": "Supplier, #Certification", "written_on": "2026-10-01"} | changes


class TestWriting:
    def test_bob_writes_one_down(self, client, cast):
        client.force_login(cast.bob)
        answer = client.post(url(cast.project, "lesson-new"), typed(title="Another"))
        lesson = cast.project.lessons.get(number=2)
        assert answer.url == url(cast.project, "lesson-detail", 2)
        assert (lesson.ref, lesson.author, lesson.state) == ("LL-2", cast.bob, "draft")
        assert lesson.tags == ["supplier", "certification"]

    def test_the_form_begins_with_the_phase_and_the_day(self, client, cast):
        client.force_login(cast.alice)
        form = client.get(url(cast.project, "lesson-new")).context["form"]
        assert form["phase"].value() == "initiation"
        assert form["written_on"].value()

    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("title", "", "required"),
            ("recommendation", "", "required"),
            ("kind", "praise", "not one of the available choices"),
            ("tags", ",".join(f"tag{n}" for n in range(13)), "No more than 12 tags; you typed 13."),
            ("tags", "x" * 41, "at most 40 letters"),
        ],
    )
    def test_what_is_wrong_is_said_and_the_rest_kept(self, client, cast, field, value, said):
        client.force_login(cast.alice)
        answer = client.post(url(cast.project, "lesson-new"), typed(**{field: value, "effect": "Kept words"}))
        assert answer.status_code == 422
        assert said in answer.text
        assert "Kept words" in answer.text
        assert cast.project.lessons.count() == 1

    def test_two_windows_do_not_overwrite_each_other(self, client, cast):
        client.force_login(cast.bob)
        address = url(cast.project, "lesson-edit", 1)
        assert client.post(address, typed(title="One", version=1)).status_code == 302
        assert client.post(address, typed(title="Two", version=1)).status_code == 409
        assert Lesson.objects.get().title == "One"

    @pytest.mark.parametrize(("name", "status"), [("stella", 403), ("sam", 403), ("cleo", 403), ("charlie", 404)])
    def test_others_do_not_write(self, client, cast, name, status):
        client.force_login(getattr(cast, name))
        assert client.post(url(cast.project, "lesson-new"), typed()).status_code == status
        assert cast.project.lessons.count() == 1

    def test_a_closed_project_takes_none(self, client, cast):
        type(cast.project).objects.filter(pk=cast.project.pk).update(state="closed")
        client.force_login(cast.alice)
        assert client.post(url(cast.project, "lesson-new"), typed()).status_code == 403


class TestPublishing:
    def test_alice_publishes_and_withdraws(self, client, cast):
        client.force_login(cast.alice)
        assert client.post(url(cast.project, "lesson-publication", 1)).status_code == 302
        lesson = Lesson.objects.get()
        assert (lesson.state, lesson.published_by) == ("published", cast.alice)
        assert client.post(url(cast.project, "lesson-publication", 1)).status_code == 409
        client.post(url(cast.project, "lesson-withdrawal", 1))
        assert Lesson.objects.get().published_at is None

    @pytest.mark.parametrize(("name", "status"), [("bob", 403), ("dora", 403), ("cleo", 403), ("charlie", 404)])
    def test_only_manager_and_pmo_publish(self, client, cast, name, status):
        client.force_login(getattr(cast, name))
        assert client.post(url(cast.project, "lesson-publication", 1)).status_code == status
        assert not Lesson.objects.get().is_published

    def test_the_pmo_publishes(self, client, cast):
        client.force_login(cast.pmo)
        assert client.post(url(cast.project, "lesson-publication", 1)).status_code == 302

    @pytest.mark.parametrize(
        ("field", "text", "said"),
        [
            ("cause", "Because NORTHWIND  insurance changed its mind", "Names the client “Northwind Insurance”"),
            ("effect", "It cost us €12,000", "Names the amount “€12,000”"),
            ("happened", "An invoice of 12k EUR came", "Names the amount “12k EUR”"),
            ("recommendation", "Keep 3 million dollars apart", "Names the amount “3 million dollars”"),
        ],
    )
    def test_a_client_or_an_amount_is_refused_with_its_place(self, client, cast, field, text, said):
        Lesson.objects.update(**{field: text})
        client.force_login(cast.alice)
        answer = client.post(url(cast.project, "lesson-publication", 1))
        assert answer.status_code == 422
        assert said in answer.text
        assert not Lesson.objects.get().is_published

    def test_what_is_published_stays_fit_when_it_is_edited(self, client, cast):
        cast.lesson.publish(by=cast.alice)
        client.force_login(cast.alice)
        address = url(cast.project, "lesson-edit", 1)
        answer = client.post(address, typed(effect="Northwind Insurance was angry", version=2))
        assert answer.status_code == 422
        assert "effect" in answer.context["form"].errors
        client.force_login(cast.bob)
        assert client.post(address, typed(version=2)).status_code == 403

    def test_a_text_changed_meanwhile_is_not_published_unread(self, cast):
        mine = Lesson.objects.get()
        theirs = Lesson.objects.get()
        theirs.effect = "Northwind Insurance was angry"
        theirs.save_changes(["effect"])
        with pytest.raises(ValidationError, match="has changed since"):
            mine.publish(by=cast.alice)
        assert not Lesson.objects.get().is_published


def test_words_that_are_no_amounts_and_no_clients():
    texts = {"a": "Three weeks, 40% of 12 servers in 2026; the northwinds blew. Version 3.2, room 12, 5 kg."}
    assert told_to_all(texts, ["Northwind"]) == {}


def test_tags_are_small_and_each_once():
    assert clean_tags(" Supplier; #Test  Data,, supplier ,ÉTÉ") == ["supplier", "test data", "été"]


def test_the_end_report_gets_all_of_them_in_one_query(cast, django_assert_num_queries):
    Lesson.write_down(cast.project, by=cast.alice, **TEXT | {"title": "Second"})
    with django_assert_num_queries(1):
        lessons = lessons_of(cast.project)
        assert [(row.ref, row.author.name) for row in lessons] == [("LL-1", "Bob"), ("LL-2", cast.alice.name)]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_first():
    alice = make_user("Alice")
    project = make_project(by=alice)
    Lesson.write_down(project, by=alice, **TEXT)
    together, outcome = threading.Barrier(2), []

    def publish():
        lesson = Lesson.objects.get()
        together.wait(10)
        try:
            lesson.publish(by=alice)
            outcome.append("published")
        except ValidationError as error:
            outcome.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcome) == ["first", "published"]
