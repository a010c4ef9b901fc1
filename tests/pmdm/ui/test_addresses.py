"""Addresses and fixed texts are what Django's own reverse and tags give."""

import pytest
from django.template import engines
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from pmdm.ui.addresses import address

CASES = [
    ("projects:list",),
    ("projects:detail", "NCP"),
    ("projects:detail", "PRJ-42"),
    ("projects:risk-detail", "NCP", 7),
    ("projects:figure", "NCP", "on_time"),
    ("projects:detail", "x-908172635400"),  # looks like a stand-in
    ("delivery:issue-detail", "CLAIMS", 90817263540),
]


@pytest.mark.parametrize("case", CASES)
def test_an_address_is_what_reverse_gives(case):
    name, *args = case
    assert address(name, *args) == address(name, *args) == reverse(name, args=args)


@pytest.mark.parametrize(
    "case", [("projects:detail",), ("projects:detail", "a/b"), ("projects:risk-detail", "NCP", "seven"), ("nowhere", 1)]
)
def test_what_has_no_address_is_refused_as_by_reverse(case):
    name, *args = case
    for call in (lambda: reverse(name, args=args), lambda: address(name, *args)):
        with pytest.raises(NoReverseMatch):
            call()


def test_the_tag_keeps_djangos_forms():
    draw = engines["django"].from_string
    page = (
        '{% url "projects:detail" code %}|{% url "projects:detail" code=code %}'
        '|{% url "nowhere" as none %}{{ none }}|{% url "projects:list" as all %}{{ all }}'
    )
    assert draw(page).render({"code": "NCP"}) == "/projects/NCP/|/projects/NCP/||/projects/"


def test_a_fixed_text_follows_the_language_and_a_variable_one_its_value():
    template = engines["django"].from_string(
        '{% translate "Yes" %}|{% translate word %}|{% translate "100%" as kept %}{{ kept }}'
    )
    with translation.override("en"):
        assert template.render({"word": "Phase"}) == "Yes|Phase|100%"
    with translation.override("de"):  # Django's own catalogue has this word.
        assert template.render({"word": "Stage"}).startswith(f"{translation.gettext('Yes')}|Stage")
    with translation.override("en"):
        assert template.render({"word": "State"}) == "Yes|State|100%"
