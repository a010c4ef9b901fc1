"""Owners who outlive the project, reviews after go-live, values that are never changed."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from pmdm.accounts.roles import Permission, Role
from pmdm.files.models import File
from projects.benefits import golive
from projects.benefits.owners import possible_owners
from projects.models import Benefit, BenefitMeasurement, BenefitReview
from tests.factories import join, make_benefit, make_project, make_user

pytestmark = pytest.mark.django_db
DAY = datetime.date


def url(name, benefit, *args):
    return reverse(f"projects:{name}", args=[benefit.pk, *args])


NOVEMBER = DAY(2026, 11, 1)


def found(benefit, value=22, on=NOVEMBER, **values):
    values = {"by": benefit.owner, "evidence": "Monthly report"} | values
    return benefit.record(value=value, measured_on=on, **values)


class TestOwner:
    def test_who_stays_may(self, cast):
        assert {user.name for user in possible_owners(cast.project)} == {"Sam", "Dora", "Stella", "Pia Office"}

    @pytest.mark.parametrize("name", ["alice", "bob", "cleo", "charlie", "admin"])
    def test_others_are_refused_by_the_verb_and_the_form(self, client, cast, name):
        other = cast.project.objectives.create(statement="Other", measure="x", target_value=1)
        person = getattr(cast, name)
        with pytest.raises(ValidationError, match="leaves with the project"):
            make_benefit(other, owner=person)
        client.force_login(cast.alice)
        sent = {"owner": person.pk, "first": "2027-03-01"}
        answer = client.post(reverse("projects:benefit-new", args=["PAYS", other.number]), sent)
        assert answer.status_code == 422
        assert "owner" in answer.context["form"].errors
        assert Benefit.objects.count() == 1

    def test_a_member_who_also_lives_with_it_may(self, cast):
        join(cast.project, cast.bob, Role.STAKEHOLDER)
        cast.benefit.hand_on(cast.bob, by=cast.dora)
        assert Benefit.objects.get().owner == cast.bob

    def test_somebody_of_the_product_may(self, cast, monkeypatch):
        person = make_user("New delivery manager")
        monkeypatch.setattr(golive, "_tellers", [lambda project: golive.After(DAY(2026, 12, 1), [person])])
        cast.benefit.hand_on(person, by=cast.dora)
        assert Benefit.objects.get().owner == person

    def test_who_has_left_is_said(self, client, cast):
        cast.dora.is_active = False
        cast.dora.save()
        client.force_login(cast.sam)
        assert "No longer there: name another" in client.get(url("benefit", cast.benefit)).text

    def test_two_windows_do_not_overwrite_each_other(self, client, cast):
        client.force_login(cast.sam)
        for owner, status in ((cast.stella, 302), (cast.sam, 409)):
            sent = {"owner": owner.pk, "source": "x", "version": 1}
            assert client.post(url("benefit-owner", cast.benefit), sent).status_code == status
        assert Benefit.objects.get().owner == cast.stella


class TestPlanning:
    def test_the_form_proposes_three_days_after_go_live(self, client, cast):
        other = cast.project.objectives.create(statement="Other", measure="x", target_value=1)
        client.force_login(cast.alice)
        address = reverse("projects:benefit-new", args=["PAYS", other.number])
        form = client.get(address).context["form"]
        assert [form[name].value() for name in form.DAYS] == [DAY(2027, 3, 18), DAY(2027, 6, 18), DAY(2027, 12, 18)]
        sent = {"owner": cast.sam.pk, "first": "2027-03-18", "second": "2027-03-18", "third": ""}
        answer = client.post(address, sent)
        benefit = Benefit.objects.get(objective=other)
        assert answer.url == url("benefit", benefit)
        assert [review.due for review in benefit.reviews.all()] == [DAY(2027, 3, 18)]
        assert client.get(address).status_code == 302, "a second plan leads to the first"

    def test_a_review_before_go_live_is_refused(self, client, cast):
        client.force_login(cast.dora)
        answer = client.post(url("benefit-review-new", cast.benefit), {"due": "2026-12-18"})
        assert answer.status_code == 422
        assert "A review comes after the go-live on" in answer.text
        answer = client.post(url("benefit-review-new", cast.benefit), {"due": "2027-03-18"})
        assert answer.status_code == 422
        assert "There is a review on" in answer.text
        assert client.post(url("benefit-review-new", cast.benefit), {"due": "2027-09-01"}).status_code == 302
        assert cast.benefit.reviews.count() == 3

    def test_a_review_is_moved_or_dropped_until_it_is_done(self, client, cast):
        first, second = cast.benefit.reviews.all()
        client.force_login(cast.dora)
        client.post(url("benefit-review", cast.benefit, first.pk), {"due": "2027-04-01"})
        assert BenefitReview.objects.get(pk=first.pk).due == DAY(2027, 4, 1)
        client.post(url("benefit-review", cast.benefit, second.pk), {"drop": "1"})
        assert cast.benefit.reviews.count() == 1
        found(cast.benefit, review=first)
        assert client.post(url("benefit-review", cast.benefit, first.pk), {"drop": "1"}).status_code == 404
        with pytest.raises(ValidationError, match="stays as it is"):
            cast.benefit.drop_review(first, by=cast.dora)

    @pytest.mark.parametrize(
        ("day", "months", "then"),
        [
            (DAY(2026, 12, 18), 3, DAY(2027, 3, 18)),
            (DAY(2026, 11, 30), 3, DAY(2027, 2, 28)),
            (DAY(2027, 11, 30), 3, DAY(2028, 2, 29)),
            (DAY(2026, 12, 31), 12, DAY(2027, 12, 31)),
            (DAY(2026, 9, 30), 3, DAY(2026, 12, 30)),
        ],
    )
    def test_months(self, day, months, then):
        assert golive.months_after(day, months) == then


class TestRecording:
    def test_dora_records_on_a_closed_project(self, client, cast):
        type(cast.project).objects.filter(pk=cast.project.pk).update(state="closed")
        review = cast.benefit.reviews.first()
        client.force_login(cast.dora)
        form = client.get(url("benefit-measurement", cast.benefit)).context["form"]
        assert form["review"].value() == review.pk
        file = SimpleUploadedFile("report.txt", b"22 minutes")
        sent = {"review": review.pk, "value": "22", "measured_on": "2026-11-01", "upload": file, "comment": "Slowly"}
        answer = client.post(url("benefit-measurement", cast.benefit), sent)
        assert answer.status_code == 302, answer.context["form"].errors
        row = BenefitMeasurement.objects.get()
        assert (row.value, row.before_value, row.target_value, row.by) == (22, 34, 10, cast.dora)
        assert (row.state, row.share) == ("watch", 0.5)
        page = client.get(url("benefit", cast.benefit)).text
        assert "50% of the way from 34 to 10" in page
        assert "Slowly" in page
        assert client.get(url("benefit-file", cast.benefit, row.file.key)).content == b"22 minutes"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"evidence": ""}, "evidence"),
            ({"value": ""}, "value"),
            ({"value": "many"}, "value"),
            ({"measured_on": "2099-01-01"}, "measured_on"),
            ({"review": "999999"}, "review"),
        ],
    )
    def test_what_is_wrong_is_said_and_kept(self, client, cast, changes, field):
        client.force_login(cast.dora)
        sent = {"value": "22", "measured_on": "2026-11-01", "evidence": "Report", "comment": "Kept words"} | changes
        answer = client.post(url("benefit-measurement", cast.benefit), sent)
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        assert "Kept words" in answer.text
        assert not BenefitMeasurement.objects.exists()

    def test_nothing_recorded_is_changed(self, cast):
        row = found(cast.benefit)
        rows = BenefitMeasurement.objects.filter(pk=row.pk)
        for change in (lambda: rows.update(value=1), rows.delete):
            with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
                change()
        assert BenefitMeasurement.objects.get().value == 22

    def test_a_later_value_of_the_day_corrects_and_both_stay(self, cast):
        found(cast.benefit, 22)
        found(cast.benefit, 9)
        found(cast.benefit, 30, on=DAY(2026, 10, 1))
        benefit = Benefit.objects.with_latest().get()
        assert (benefit.value, benefit.value_on, benefit.state) == (9, DAY(2026, 11, 1), "ok")
        assert benefit.measurements.count() == 3

    def test_a_target_that_is_changed_later_does_not_rewrite_what_was_found(self, cast):
        found(cast.benefit, 22)
        cast.objective.target_value = 25
        cast.objective.save()
        benefit = Benefit.objects.with_latest().get()
        assert (benefit.state, benefit.share) == ("watch", 0.5)

    def test_what_was_measured_after_go_live_is_not_removed(self, client, cast):
        client.force_login(cast.alice)
        found(cast.benefit)
        client.post(reverse("projects:objective-removal", args=["PAYS", 1]))
        assert cast.project.objectives.exists()


class TestWho:
    @pytest.mark.parametrize(
        ("name", "read", "write"),
        [
            ("alice", 200, 302), ("sam", 200, 302), ("dora", 200, 302), ("pmo", 200, 302), ("bob", 200, 403),
            ("stella", 200, 403), ("cleo", 404, 404), ("charlie", 404, 404),
        ],
    )  # fmt: skip
    def test_reads_and_records(self, client, cast, name, read, write):
        client.force_login(getattr(cast, name))
        assert client.get(url("benefit", cast.benefit)).status_code == read
        sent = {"value": "22", "measured_on": "2026-11-01", "evidence": "Report"}
        assert client.post(url("benefit-measurement", cast.benefit), sent).status_code == write
        address = url("benefit", cast.benefit)
        for page in ("/projects/benefits/", "/search/?q=Median"):
            assert (address in client.get(page).text) == (read == 200), page
        assert ("Faster claims" in client.get("/projects/benefits/export.csv").text) == (read == 200)

    def test_an_owner_without_a_role_on_the_project_reads_and_records(self, client, cast):
        person = make_user("New delivery manager")
        Benefit.objects.update(owner=person)
        client.force_login(person)
        page = client.get(url("benefit", cast.benefit))
        assert page.status_code == 200
        assert cast.project.get_absolute_url() not in page.text
        sent = {"value": "22", "measured_on": "2026-11-01", "evidence": "Report"}
        assert client.post(url("benefit-measurement", cast.benefit), sent).status_code == 302
        assert client.get(cast.project.get_absolute_url()).status_code == 404

    def test_a_file_that_is_no_evidence_is_not_handed_out(self, client, cast):
        upload = SimpleUploadedFile("a.txt", b"x")
        file = File.keep(cast.project, upload, by=cast.alice, permission=Permission.COST_VIEW)
        client.force_login(cast.alice)
        assert client.get(url("benefit-file", cast.benefit, file.key)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_who_plan_the_same_day_one_is_first():
    sponsor = make_user("Sam")
    project = make_project(sponsor=sponsor)
    objective = project.objectives.create(statement="Faster", measure="x", target_value=1)
    benefit = Benefit.plan(objective, owner=sponsor, by=sponsor)
    together, outcome = threading.Barrier(2), []

    def plan():
        mine = Benefit.objects.get(pk=benefit.pk)
        together.wait(10)
        try:
            mine.add_review(DAY(2027, 3, 1), by=sponsor)
            outcome.append("planned")
        except ValidationError:
            outcome.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=plan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcome) == ["planned", "refused"]
