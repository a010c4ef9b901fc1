"""Whether an article helped: one word of each person, changeable; what helps nobody is looked at again."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from delivery import waiting
from delivery.models import Article, ArticleVote
from delivery.moves import NotNow
from tests.factories import make_user, retire

URL = "/products/CLAIMS/articles/"
LATER = timezone.localdate() + datetime.timedelta(days=90)
DAY = datetime.timedelta(days=1)


def write(product, people, title="Clear the cache", state="public"):
    at = timezone.now() - 9 * DAY
    row = Article.write(product, by=people.sue, title=title, text="Press both keys", review_by=LATER, at=at)
    row.publish(state, by=people.dora)
    return row


@pytest.fixture
def article(product, people):
    return write(product, people)


def counted(row):
    found = Article.objects.with_votes().get(pk=row.pk)
    return found.helped, found.failed


def voters(count):
    return [make_user(f"Reader {number}") for number in range(count)]


def test_one_word_of_each_person_which_they_may_change(article, people, as_user):
    url = f"{URL}{article.number}/vote/"
    for word, expected in (("yes", (1, 0)), ("yes", (1, 0)), ("no", (0, 1)), ("", (0, 0)), ("no", (0, 1))):
        assert as_user(people.cleo).post(url, {"helpful": word}).url == f"{URL}{article.number}/"
        assert counted(article) == expected
    as_user(people.sue).post(url, {"helpful": "yes"})
    as_user(people.olga).post(url, {"helpful": "maybe"})
    assert counted(article) == (1, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        ArticleVote.objects.create(product=article.product, article=article, user=people.cleo, helpful=True)


def test_a_client_sees_its_own_word_and_no_count(article, people, as_user):
    article.vote(by=people.olga, helpful=True)
    article.vote(by=people.dora, helpful=False)
    page = f"{URL}{article.number}/"
    text = as_user(people.cleo).get(page).content.decode()
    assert "Did this help you?" in text
    assert "1 yes, 1 no" not in text
    assert "You said" not in text
    as_user(people.cleo).post(f"{page}vote/", {"helpful": "no"})
    assert "You said no." in as_user(people.cleo).get(page).content.decode()
    assert "1 yes, 2 no" in as_user(people.sue).get(page).content.decode()
    assert "yes," not in as_user(people.cleo).get(f"{URL}?sort=-helpful").content.decode()


@pytest.mark.parametrize("name", ["cleo", "charlie"])
def test_only_who_reads_it_has_a_word(product, people, as_user, name):
    row = write(product, people, state="internal")
    assert as_user(getattr(people, name)).post(f"{URL}{row.number}/vote/", {"helpful": "yes"}).status_code == 404
    assert not ArticleVote.objects.exists()


def test_neither_a_draft_nor_one_of_a_retired_product(product, people, as_user):
    row = Article.write(product, by=people.sue, title="t", text="x")
    with pytest.raises(NotNow):
        row.vote(by=people.sue, helpful=True)
    assert "Did this help you?" not in as_user(people.sue).get(f"{URL}{row.number}/").content.decode()
    public = write(product, people)
    retire(product, by=people.dora)
    assert as_user(people.cleo).post(f"{URL}{public.number}/vote/", {"helpful": "yes"}).status_code == 403


def test_the_list_sorts_by_it(product, people, as_user):
    rows = {title: write(product, people, title) for title in ("None", "One of one", "Nine of ten", "Bad")}
    readers = voters(10)
    rows["One of one"].vote(by=readers[0], helpful=True)
    for number, reader in enumerate(readers):
        rows["Nine of ten"].vote(by=reader, helpful=number > 0)
    for reader in readers[:3]:
        rows["Bad"].vote(by=reader, helpful=False)
    page = as_user(people.sue).get(URL, {"sort": "-helpful"}).context["page"]
    assert [row.title for row in page.rows] == ["Nine of ten", "One of one", "None", "Bad"]
    found = as_user(people.sue).get(URL, {"state": "poor"}).context["page"]
    assert [row.title for row in found.rows] == ["Bad"]


def test_what_helps_nobody_is_shown_for_review_until_it_is_changed(article, people, as_user):
    page = f"{URL}{article.number}/"
    readers = voters(6)
    for reader in readers[:2]:
        article.vote(by=reader, helpful=False)
    assert waiting.articles(people.sue) == []
    article.vote(by=readers[2], helpful=False)
    assert [each.url for each in waiting.articles(people.sue)] == [page]
    assert "It does not help" in as_user(people.sue).get(page).content.decode()
    assert "It does not help" not in as_user(people.cleo).get(page).content.decode()
    for reader in readers[3:]:
        article.vote(by=reader, helpful=True)
    assert waiting.articles(people.sue) == [], "as many were helped"
    article.vote(by=readers[5], helpful=False)
    fresh = Article.objects.get(pk=article.pk)
    fresh.owner = people.sue
    fresh.revise(["owner"], version=fresh.version)
    assert counted(article) == (2, 4), "the text is the same"
    fresh.text = "Press all keys"
    fresh.revise(["text"], version=fresh.version)
    assert counted(article) == (0, 0)
    assert waiting.articles(people.sue) == []
    fresh.vote(by=readers[0], helpful=True)
    assert counted(article) == (1, 0)
    fresh.review(by=people.sue, until=LATER)
    assert counted(article) == (0, 0)


def test_the_list_costs_the_same_for_many(product, people, as_user):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts, readers = [], voters(3)
    for more in (1, 20):
        for number in range(more):
            row = write(product, people, f"{more} {number}")
            for reader in readers:
                row.vote(by=reader, helpful=False)
        as_user(people.sue).get(URL)
        with CaptureQueriesContext(connection) as captured:
            as_user(people.sue).get(URL)
        counts.append(len(captured))
    assert counts[0] == counts[1]
