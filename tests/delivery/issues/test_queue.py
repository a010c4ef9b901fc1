"""The queue: filter, columns, groups, sums, saved views, quick add; nobody sees through it what is not theirs."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.issues.queue.columns import COLUMNS, GROUPS
from delivery.issues.queue.models import SavedView
from delivery.models import Issue, Product
from delivery.templatetags.issues import due
from pmdm.accounts.roles import Role
from pmdm.ui.templatetags.ui import when

pytestmark = pytest.mark.django_db

URL, ALL = "/products/CLAIMS/issues/", "/products/issues/"
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def other(people):
    """A second product of Dora and Sue; Bob is not on it."""
    product = Product.launch(by=people.dora, code="OTHER", name="Other thing", stage="live")
    product.add_member(people.sue, Role.SUPPORT, by=people.dora)
    return product


@pytest.fixture
def queue(product, other, people, northwind):
    now = timezone.now()

    def make(title, on=product, hours=0, **fields):
        return Issue.report(on, by=people.dora, title=title, at=now - hours * HOUR, **fields)

    return {
        "late": make("Alpha is late", hours=20, severity=1, assignee=people.sue, organisation=northwind),
        "risky": make("Beta is risky", hours=15, severity=2),
        "calm": make("Gamma is calm", severity=4, type="request", assignee=people.bob),
        "else": make("Delta is elsewhere", on=other, severity=3),
    }


def titles(response):
    text = response.content.decode()
    found = [(text.index(name), name) for name in ("Alpha", "Beta", "Gamma", "Delta") if f">{name} is" in text]
    return [name for _at, name in sorted(found)]


def test_the_queue_of_a_product_and_of_all_of_mine(queue, people, as_user):
    assert titles(as_user(people.sue).get(URL)) == ["Alpha", "Beta", "Gamma"]
    assert titles(as_user(people.sue).get(ALL)) == ["Alpha", "Beta", "Delta", "Gamma"]
    assert titles(as_user(people.bob).get(ALL)) == ["Alpha", "Beta", "Gamma"]
    assert titles(as_user(people.charlie).get(ALL)) == []
    assert titles(as_user(people.cleo).get(ALL)) == ["Alpha"], "her organisation's only"
    assert titles(as_user(people.olga).get(ALL)) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("assignee=me", ["Alpha"]),
        ("assignee=none", ["Beta"]),
        ("type=request", ["Gamma"]),
        ("severity=1", ["Alpha"]),
        ("overdue=on", ["Alpha"]),
        ("overdue=risk", ["Alpha", "Beta"]),
        ("q=gamma", ["Gamma"]),
        ("state=resolved", []),
        ("sort=-title", ["Gamma", "Beta", "Alpha"]),
        ("severity=nonsense", ["Alpha", "Beta", "Gamma"]),
        ("columns=nonsense", ["Alpha", "Beta", "Gamma"]),
        ("group=severity&sort=-title", ["Alpha", "Beta", "Gamma"]),
    ],
)
def test_filters(queue, people, as_user, query, found):
    assert titles(as_user(people.sue).get(f"{URL}?{query}")) == found


def test_a_due_date_below_its_head_is_not_named_twice(queue, people, as_user):
    now, text = timezone.now(), as_user(people.sue).get(f"{URL}?columns=due").content.decode()
    assert f'data-label="Due">{when(queue["risky"].resolution_due)}</td>' in text
    assert "due <time" not in text
    assert due(queue["risky"], now).startswith("due <time"), "where nothing else says so"


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_stands_alone(queue, people, as_user, column):
    response = as_user(people.sue).get(f"{ALL}?columns={column}")
    assert f'data-label="{COLUMNS[column].label}"' in response.content.decode()


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_counts_the_whole_queue(queue, people, as_user, group):
    text = as_user(people.sue).get(f"{ALL}?group={group}").content.decode()
    assert 'class="is-group"' in text
    assert "1 overdue" in text


def test_sums_are_of_everything_that_matches(queue, product, people, as_user):
    for _number in range(60):
        Issue.report(product, by=people.dora, title="More", severity=4)
    text = as_user(people.sue).get(f"{URL}?sums=on").content.decode()
    assert "<dt>Issues</dt><dd>63</dd>" in text
    assert "<dt>Overdue</dt><dd>1</dd>" in text
    assert "<dt>At risk</dt><dd>1</dd>" in text


def test_clients_choose_neither_people_nor_views(queue, people, as_user):
    text = as_user(people.cleo).get(f"{URL}?columns=assignee&group=assignee&columns=title").content.decode()
    assert "Sue Support" not in text
    assert "Keep this view" not in text


def test_titles_are_text(product, people, as_user):
    Issue.report(product, by=people.dora, title="<script>alert(1)</script>", external_ref="<b>")
    text = as_user(people.sue).get(f"{URL}?group=type").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def queries(browser, url):
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "url", [f"{URL}?group=assignee&sums=on&columns=requirement&columns=fixed_in", f"{ALL}?sums=on"]
)
def test_it_costs_the_same_for_three_and_for_three_hundred(queue, product, people, as_user, url):
    browser = as_user(people.sue)
    browser.get(url)
    few = queries(browser, url)
    Issue.objects.bulk_create(
        Issue(product=product, number=100 + number, title="More", assignee=people.bob) for number in range(300)
    )
    assert queries(browser, url) <= few


# --- Saved views ------------------------------------------------------------------------------------------


def keep(browser, **fields):
    return browser.post("/products/issues/views/", {"product": "CLAIMS", "query": "assignee=me&sort=-due", **fields})


def test_a_view_is_kept_and_found_at_its_address(queue, people, as_user):
    browser = as_user(people.sue)
    answer = keep(browser, name="Mine")
    view = SavedView.objects.get()
    assert answer.url == f"{URL}?assignee=me&sort=-due&view={view.pk}"
    assert browser.get(view.get_absolute_url()).url == answer.url
    text = browser.get(answer.url).content.decode()
    assert titles(browser.get(answer.url)) == ["Alpha"]
    assert "Altered since" not in text
    assert "Altered since" in browser.get(f"{answer.url}&type=bug&shape=1").content.decode()
    # The same name again replaces it.
    keep(browser, name="Mine", query="assignee=none")
    assert SavedView.objects.get().query == "assignee=none"


def test_private_views_are_nobody_elses_shared_ones_the_teams(queue, people, as_user):
    keep(as_user(people.sue), name="Private")
    keep(as_user(people.sue), name="Shared", is_shared="on")
    private, shared = SavedView.objects.order_by("name")
    browser = as_user(people.bob)
    assert "Shared" in browser.get(URL).content.decode()
    assert "Private" not in browser.get(URL).content.decode()
    assert browser.get(shared.get_absolute_url()).status_code == 302
    assert browser.get(private.get_absolute_url()).status_code == 404
    assert browser.post(shared.get_absolute_url()).status_code == 403
    for stranger in (people.charlie, people.cleo):
        assert as_user(stranger).get(shared.get_absolute_url()).status_code == 404
    assert as_user(people.sue).post(shared.get_absolute_url()).status_code == 302
    assert list(SavedView.objects.all()) == [private]


def test_the_first_view_is_shown_first(queue, people, as_user):
    browser = as_user(people.sue)
    keep(browser, name="Mine", is_default="on")
    keep(browser, name="Other", is_default="on", query="assignee=none")
    view = SavedView.objects.get(is_default=True)
    assert view.name == "Other"
    assert browser.get(URL).url == view.list_url
    assert browser.get(f"{URL}?view=0").status_code == 200
    assert browser.get(ALL).status_code == 200, "that is another place"
    assert as_user(people.bob).get(URL).status_code == 200, "and another person"


def test_what_a_view_keeps_is_known_names_only(queue, people, as_user):
    keep(as_user(people.sue), name="Odd", query="assignee=me&evil=1&sort=-due&view=7")
    assert SavedView.objects.get().query == "assignee=me&sort=-due"


def test_a_view_over_all_products_belongs_to_no_team(people):
    with pytest.raises(ValidationError, match="private"):
        SavedView.keep(by=people.sue, product=None, name="x", parameters=[], is_shared=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(owner=people.sue, name="x", is_shared=True)
    SavedView.keep(by=people.sue, product=None, name="x", parameters=[], is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(owner=people.sue, name="y", is_default=True)


# --- Quick add --------------------------------------------------------------------------------------------


def test_quick_add_comes_back_to_the_queue(queue, people, as_user):
    browser = as_user(people.sue)
    form = {"title": "Quickly said", "type": "bug", "severity": "2", "quick": "1"}
    assert browser.post(f"{URL}new/", form).url == URL
    assert browser.post(f"{ALL}new/", {**form, "product": "OTHER"}).url == ALL
    assert browser.post(f"{ALL}new/", form).status_code == 422
    assert as_user(people.bob).post(f"{ALL}new/", {**form, "product": "OTHER"}).status_code == 422, "not his"
    assert sorted(Issue.objects.filter(title="Quickly said").values_list("product__code", flat=True)) == [
        "CLAIMS",
        "OTHER",
    ]


def test_its_print_says_what_was_left_out(product, people, as_user):
    Issue.report(product, by=people.dora, title="Login fails", details={"happens": "once"})
    page = as_user(people.sue).get("/products/CLAIMS/issues/?severity=3&own=happens&value=once&q=login")
    said = dict(page.context["page"].form.in_words)
    assert said == {"Search": "login", "Priority": "Medium", "Field of its type": "How often", "Its value": "once"}
    assert "1 issue" in page.content.decode()


# --- One pass over what a filter leaves -------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "&page=1", "&page=2", "&page=3", "&page=99", "&page=0", "&page=-1", "&page=x"])
@pytest.mark.parametrize("query", ["type=bug&state=all", "state=all", "q=more&sort=-title", "q=nothing"])
def test_every_page_of_a_filter_has_its_rows_and_their_number(queue, product, people, as_user, query, page):
    Issue.objects.bulk_create(
        Issue(product=product, number=100 + number, title=f"More {number:03}", type=["bug", "request"][number % 2])
        for number in range(230)
    )
    shown = as_user(people.sue).get(f"{URL}?view=0&{query}{page}").context["page"]
    wanted = shown.queryset.count()
    assert shown.count == wanted
    pages = max(1, -(-wanted // 50))
    asked = page.removeprefix("&page=")
    assert shown.page.number == (1 if not asked or asked == "x" else int(asked) if 1 <= int(asked) <= pages else pages)
    start = (shown.page.number - 1) * 50
    keys = list(shown.queryset.values_list("pk", flat=True)[start : start + 50])
    assert [row[shown.fields.index("pk")] for row in shown.rows] == keys


def test_with_more_keeps_what_was_typed_in_the_dialog(product, people, as_user):
    typed = {"title": "Printer on fire", "type": "performance", "severity": "1", "look": "1"}
    sue = as_user(people.sue)
    form = sue.post("/products/CLAIMS/issues/new/", typed | {"quick": "1"}).context["form"]
    assert not form.is_bound
    assert [form[name].value() for name in ("title", "type", "severity")] == ["Printer on fire", "performance", "1"]
    moved = sue.post("/products/issues/new/", typed | {"product": "CLAIMS"})
    assert moved.url == "/products/CLAIMS/issues/new/?title=Printer+on+fire"
    nowhere = sue.post("/products/issues/new/", typed)
    assert (nowhere.status_code, nowhere.context["form"]["title"].value()) == (200, "Printer on fire")
    assert not Issue.objects.exists()
