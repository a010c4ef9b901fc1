"""Surveys by link: mail, token, one answer, friendly ends, results."""

import datetime
import re

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.utils import timezone

from delivery.models import Answer, Invitation, Survey
from delivery.moves import NotNow
from delivery.satisfaction import tokens
from delivery.satisfaction.mail import send_invitation
from pmdm.jobs import outbox
from pmdm.jobs.models import Outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def survey(product, dora):
    return Survey.open_wave(product, by=dora, name="Autumn")


@pytest.fixture
def link(survey, dora):
    """The address in the mail that a customer got."""
    survey.invite([("Customer@Example.com", None)], by=dora)
    assert outbox.drain() == 1
    return re.search(r"https?://[^/\s]+(/s/\S+)", mail.outbox[-1].body)[1]


def test_an_invitation_is_a_mail_with_a_link(survey, link):
    message = mail.outbox[0]
    assert message.to == ["customer@example.com"]
    assert "Claims portal" in message.subject
    assert "\n" not in message.subject
    assert link in message.alternatives[0][0]
    invitation = Invitation.objects.get()
    assert invitation.sent_at
    token = link.split("/")[2]
    # 256 bits, and the database holds only the hash.
    assert len(token) == 43
    assert tokens.hash_of(token) == invitation.token_hash
    assert token not in str(list(Invitation.objects.values())) + str(list(Outbox.objects.values()))


def test_sending_twice_sends_one_mail_with_one_id(survey, link):
    invitation = Invitation.objects.get()
    send_invitation({"invitation": invitation.pk})
    assert len(mail.outbox) == 1
    # A worker that died after the mail server's yes sends the same mail again.
    Invitation.objects.update(sent_at=None)
    send_invitation({"invitation": invitation.pk})
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert first.body == second.body


def test_nobody_is_invited_twice(survey, dora, link):
    assert survey.invite([("customer@example.com", None), ("b@example.com", None), ("B@example.com", None)], by=dora)
    assert Invitation.objects.count() == 2
    assert Outbox.objects.filter(kind="survey.invite").count() == 2


def test_get_shows_and_post_answers_once(client, link):
    page = client.get(link)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    assert not Answer.objects.exists()
    response = client.post(link, {"satisfaction": "5", "recommendation": "0", "comment": "Good"})
    assert "Thank you" in response.content.decode()
    answer = Answer.objects.get()
    assert (answer.satisfaction, answer.recommendation, answer.comment) == (5, 0, "Good")
    again = client.post(link, {"satisfaction": "1"})
    assert "answered already" in again.content.decode()
    assert "answered already" in client.get(link).content.decode()
    assert Answer.objects.get().satisfaction == 5


@pytest.mark.parametrize(
    "form", [{}, {"satisfaction": "6"}, {"recommendation": "11"}, {"satisfaction": "x", "comment": "y"}]
)
def test_what_is_no_answer_is_refused(client, link, form):
    assert client.post(link, form).status_code == 422
    assert not Answer.objects.exists()


def test_a_blank_question_is_no_zero(client, link):
    client.post(link, {"comment": "Only a word"})
    assert Answer.objects.values_list("satisfaction", "recommendation").get() == (None, None)


def test_links_end_in_a_friendly_way(client, survey, dora, link):
    assert client.get("/s/nonsense/").status_code == 404
    assert client.get("/s/" + "x" * 43 + "/").status_code == 404
    Invitation.objects.update(expires_at=timezone.now())
    for response in (client.get(link), client.post(link, {"satisfaction": "5"})):
        assert response.status_code == 410
        assert "survey is over" in response.content.decode()
    Invitation.objects.update(expires_at=timezone.now() + datetime.timedelta(days=1))
    Invitation.objects.get().revoke(by=dora)
    assert client.get(link).status_code == 410
    assert not Answer.objects.exists()


def test_a_closed_survey_takes_no_answers(client, survey, dora, link):
    Survey.objects.update(opens_at=timezone.now() - datetime.timedelta(hours=1))
    survey.refresh_from_db()
    survey.close(by=dora)
    assert client.post(link, {"satisfaction": "5"}).status_code == 410
    with pytest.raises(NotNow):
        survey.close(by=dora)


def test_a_revoked_invitation_is_not_mailed(survey, dora):
    survey.invite([("c@example.com", None)], by=dora)
    Invitation.objects.get().revoke(by=dora)
    outbox.drain()
    assert mail.outbox == []


def test_a_new_secret_key_does_not_break_sent_links_nor_waiting_mails(client, survey, dora, link, settings):
    survey.invite([("late@example.com", None)], by=dora)
    settings.SECRET_KEY = "y" * 60
    assert client.get(link).status_code == 200
    outbox.drain()
    late = re.search(r"https?://[^/\s]+(/s/\S+)", mail.outbox[-1].body)[1]
    assert client.get(late).status_code == 200


def test_answers_are_append_only(client, link):
    client.post(link, {"satisfaction": "2"})
    with pytest.raises(DatabaseError), transaction.atomic():
        Answer.objects.update(satisfaction=5)


def test_the_delivery_manager_asks_and_reads(product, people, as_user, northwind):
    browser = as_user(people.dora)
    response = browser.post("/products/CLAIMS/surveys/new/", {"name": "Winter", "question": "Content?"})
    survey = Survey.objects.get(name="Winter")
    url = f"/products/CLAIMS/surveys/{survey.pk}/"
    assert response.url == url
    assert browser.post(url, {"emails": ""}).status_code == 422
    bad = browser.post(url, {"emails": "a@example.com, nonsense"})
    assert bad.status_code == 422
    assert "nonsense" in bad.content.decode()
    assert not Invitation.objects.exists()
    browser.post(url, {"emails": "x@example.com", "everybody": "on"})
    organisations = dict(Invitation.objects.values_list("email", "organisation__name"))
    assert organisations == {
        "x@example.com": None,
        people.cleo.email: "Northwind",
        people.olga.email: "Contoso",
    }


def test_results_hide_small_groups(product, people, as_user, northwind, contoso):
    survey = Survey.open_wave(product, by=people.dora, name="W")
    people_asked = [(f"n{n}@example.com", northwind) for n in range(5)] + [
        (f"c{n}@example.com", contoso) for n in range(4)
    ]
    for invitation in survey.invite(people_asked, by=people.dora):
        invitation.take_answer(satisfaction=5 if invitation.organisation == northwind else 1, recommendation=10)
    page = as_user(people.stella).get(f"/products/CLAIMS/surveys/{survey.pk}/")
    splits = {client.name: results for client, results in page.context["splits"]}
    assert splits["Northwind"].csat.value == 100
    assert (splits["Contoso"].csat.value, splits["Contoso"].csat.reason) == (None, "too_few")
    assert page.context["results"].csat.n == 9
    assert "n5@" not in page.content.decode()
