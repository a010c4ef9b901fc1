import pytest
from django import forms
from django.db.models import F
from django.test import RequestFactory

from pmdm.ui.forms import FilterForm
from pmdm.ui.guide import Rows
from pmdm.ui.lists import ListPage, _reversed


class Thing:
    def __init__(self, pk, name):
        self.pk = pk
        self.name = name


class NameFilter(FilterForm):
    q = forms.CharField(required=False, max_length=10)
    state = forms.ChoiceField(required=False, choices=[("", "Open"), ("closed", "Closed")])

    def filter(self, rows):
        return Rows(row for row in rows if all(word in row.name for word in self.words()))


THINGS = Rows(Thing(pk, f"thing {pk:03}") for pk in range(120))
SORTS = {"name": "name", "number": "-pk"}


def listing(query="", **options):
    request = RequestFactory().get(f"/things/{query}")
    return ListPage(request, THINGS, sorts=SORTS, default_sort="name", form=NameFilter, **options)


def names(page):
    return [row.name for row in page.rows]


def test_it_shows_fifty_rows_a_page():
    page = listing()
    assert (len(page.rows), page.count) == (50, 120)
    assert names(listing("?page=3")) == [f"thing {pk:03}" for pk in range(100, 120)]


@pytest.mark.parametrize(("number", "expected"), [("0", 3), ("99", 3), ("x", 1), ("-1", 3)])
def test_a_page_out_of_range_is_the_nearest(number, expected):
    assert listing(f"?page={number}").page.number == expected


def test_it_sorts_by_allowed_words_only():
    assert names(listing("?sort=number"))[0] == "thing 119"
    assert names(listing("?sort=-number"))[0] == "thing 000"
    for foreign in ("password", "-password", "name__evil", "--name", ""):
        assert listing(f"?sort={foreign}").sort == "name"


def test_ties_are_settled_by_the_key():
    assert listing("?sort=-name")._ordering() == ["-name", "pk"]


def test_expressions_turn_round_with_their_nulls():
    assert _reversed("-due") == "due"
    turned = _reversed(F("due").asc(nulls_last=True))
    assert turned.descending
    assert turned.nulls_first
    assert _reversed(F("due")).descending


def test_the_form_narrows_the_list():
    page = listing("?q=thing+00")
    # 000 to 009, and 100
    assert page.count == 11
    assert page.filtered


def test_without_a_filter_an_empty_list_says_nothing_yet():
    assert not listing().filtered
    assert not listing("?state=").filtered


def test_a_wrong_filter_keeps_the_list_and_its_errors():
    page = listing("?q=far+too+long+for+this")
    assert page.count == 120
    assert "q" in page.form.errors


def test_links_keep_filter_and_sort_and_drop_the_rest():
    page = listing("?q=thing&sort=-number&page=2&evil=1")
    assert page.page_url(3) == "/things/?q=thing&sort=-number&page=3"
    assert page.page_url(1) == "/things/?q=thing&sort=-number"
    assert page.querystring == "?q=thing&sort=-number"
    assert page.sort_url("name") == "/things/?q=thing"


def test_a_second_click_turns_the_order_round():
    page = listing()
    assert page.sort_url("name") == "/things/?sort=-name"
    assert (page.direction("name"), page.direction("number")) == ("ascending", "")
    assert listing("?sort=-name").direction("name") == "descending"


def test_far_pages_are_elided():
    assert listing("?page=6", per_page=10).pages == [1, "…", 5, 6, 7, "…", 12]


def test_a_long_search_is_cut_to_eight_words():
    form = NameFilter({"q": "a b c d"})
    assert form.is_valid()
    form.cleaned_data["q"] = " ".join("abcdefghijkl")
    assert len(form.words()) == 8


class LongFilter(NameFilter):
    folded = ("state", "wide")
    wide = forms.ChoiceField(required=False, choices=[("", "All"), ("yes", "Yes")])


@pytest.mark.parametrize(
    ("query", "opened"),
    [("", False), ("?q=thing", False), ("?state=closed", True), ("?wide=nonsense", True)],
    ids=["nothing", "a usual one", "a folded one", "a folded one is wrong"],
)
def test_seldom_filters_are_folded_unless_one_is_in_force(query, opened):
    usual, folded, unfolded = LongFilter(RequestFactory().get(f"/{query}").GET).split()
    assert ([field.name for field in usual], [field.name for field in folded]) == (["q"], ["state", "wide"])
    assert unfolded is opened


def test_a_short_filter_folds_nothing():
    usual, folded, unfolded = NameFilter(RequestFactory().get("/?state=closed").GET).split()
    assert ([field.name for field in usual], folded, unfolded) == (["q", "state"], [], False)
