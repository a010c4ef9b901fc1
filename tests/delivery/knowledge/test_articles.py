"""The knowledge base: who reads what, when it is looked at again, written from an issue."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from delivery.models import Article, DueAlert, Issue
from delivery.moves import NotNow
from delivery.reminders.sweep import moment, sweep

URL = "/products/CLAIMS/articles/"
LATER = timezone.localdate() + datetime.timedelta(days=90)


@pytest.fixture
def article(product, people):
    return Article.write(product, by=people.sue, title="Clear the cache", text="Press **both** keys", review_by=LATER)


def test_clients_read_public_ones_only(article, people, as_user):
    for state, shown in (("draft", False), ("internal", False), ("public", True)):
        if article.state != state:
            article.publish(state, by=people.dora)
        listed = as_user(people.cleo).get(URL).content.decode()
        assert ("Clear the cache" in listed) == shown
        assert as_user(people.cleo).get(f"{URL}{article.number}/").status_code == (200 if shown else 404)
        found = as_user(people.cleo).get("/search/", {"q": "Clear the cache"}).content.decode()
        assert (f'href="{URL}{article.number}/"' in found) == shown
    text = as_user(people.cleo).get(f"{URL}{article.number}/").content.decode()
    assert "<strong>both</strong>" in text
    assert "Sue Support" not in text
    assert as_user(people.charlie).get(URL).status_code == 404


def test_a_public_article_names_no_client(article, people):
    article.text = "As contoso found out"
    article.save_changes(["text"])
    with pytest.raises(ValidationError, match="Contoso"):
        article.publish("public", by=people.dora)
    article.publish("internal", by=people.dora)
    article.text = "As somebody found out"
    article.save_changes(["text"])
    article.publish("public", by=people.dora)
    article.text = "Northwind again"
    with pytest.raises(ValidationError, match="Northwind"):
        article.revise(["text"], version=article.version)


def test_what_is_published_has_a_day_of_review(product, people):
    row = Article.write(product, by=people.sue, title="t", text="x")
    with pytest.raises(ValidationError, match="looked at again"):
        row.publish("internal", by=people.sue)
    with pytest.raises(IntegrityError), transaction.atomic():
        Article.objects.update(state="internal")
    row.review(by=people.sue, until=LATER)
    row.publish("internal", by=people.sue)
    with pytest.raises(NotNow):
        row.publish("internal", by=people.sue)
    with pytest.raises(ValidationError):
        row.review(by=people.sue, until=timezone.localdate())


def test_who_keeps_it_right_is_reminded_once(article, people):
    article.publish("internal", by=people.dora)
    at = moment(LATER, 14) + datetime.timedelta(seconds=1)
    sweep(at)
    sweep(at)
    assert [row.told for row in DueAlert.objects.exclude(fired_at=None)] == [[people.sue.pk]]
    article.review(by=people.sue, until=LATER + datetime.timedelta(days=300))
    sweep(at)
    assert {row.day for row in DueAlert.objects.filter(fired_at=None)} == {article.review_by}


def test_it_is_written_from_an_issue_by_the_page(product, people, as_user):
    issue = Issue.report(product, by=people.olga, title="White page", description="After signing in")
    issue.resolve(by=people.sue, resolution="Cache cleared", root_cause="An old file")
    page = as_user(people.sue).get(f"{URL}new/?issue={issue.number}").content.decode()
    assert "Cache cleared" in page
    post = {"title": "White page", "text": "Clear it", "review_by": LATER.isoformat()}
    assert as_user(people.sue).post(f"{URL}new/?issue={issue.number}", post).status_code == 302
    row = Article.objects.get()
    assert (row.issue, row.owner, row.state) == (issue, people.sue, "draft")
    assert as_user(people.sue).post(f"{URL}{row.number}/states/public/").status_code == 403
    assert as_user(people.dora).post(f"{URL}{row.number}/states/public/").status_code == 302
    assert as_user(people.sue).post(f"{URL}{row.number}/", {**post, "version": 1}).status_code == 409


def test_words_find_it_in_title_and_text(article, people, as_user):
    for words, found in (("cache", 1), ("both keys", 1), ("cache pipe", 0)):
        assert as_user(people.sue).get(URL, {"q": words}).context["page"].count == found, words
