"""Tabs that stand together under one tab."""

from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string

from pmdm.ui import nav

SUBJECT = SimpleNamespace(code="P")


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr(nav, "_tabs", {})
    monkeypatch.setattr(nav, "_sections", {})
    nav.register_section("product", "service", "Service", order=20)
    nav.register_tab("product", "overview", "Overview", lambda p: "/", order=10)
    nav.register_tab("product", "flow", "Flow", lambda p: "/flow/", order=2, section="service")
    nav.register_tab(
        "product", "levels", "Levels", lambda p: "/levels/", order=1, section="service",
        visible=lambda product, user: user == "staff",
    )  # fmt: skip


def shown(current, user="staff"):
    return [(item["label"], item["url"], item["current"]) for item in nav.tabs("product", SUBJECT, user, current)]


def test_a_section_leads_to_its_first_tab():
    assert shown("overview") == [("Overview", "/", True), ("Service", "/levels/", False)]


def test_its_tabs_stand_below_while_one_is_current():
    items = nav.tabs("product", SUBJECT, "staff", "flow")
    assert items[1]["current"]
    assert [(one["label"], one["current"]) for one in items[1]["below"]] == [("Levels", False), ("Flow", True)]
    assert not any(item.get("below") for item in nav.tabs("product", SUBJECT, "staff", "overview"))


def test_a_page_beside_the_tabs_names_the_section():
    item = nav.tabs("product", SUBJECT, "staff", "service")[1]
    assert (item["current"], item["below"]) == (True, [])


def test_a_section_of_one_visible_tab_is_that_tab():
    assert shown("flow", user="client") == [("Overview", "/", False), ("Flow", "/flow/", True)]


def test_both_rows_are_links_and_the_lower_one_opens_without_script():
    items = nav.tabs("product", SUBJECT, "staff", "flow")
    html = render_to_string("ui/_tabs.html", {"items": items, "label": "Product", "open": items[1]})
    assert '<a href="/levels/" aria-current="true">Service' in html
    assert '<nav class="subtabs" aria-label="Service"><details><summary>Flow' in html
    assert '<a href="/flow/" aria-current="page">Flow' in html
