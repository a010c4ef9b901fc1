"""Every list of the time after launch can be taken away: found by walking all its pages, so that none is forgotten."""

import re

import pytest
from django.urls import get_resolver

from pmdm.ui.lists import ListPage
from tests.test_access import OURS, path_of, world  # noqa: F401 - the fixture

# Pages with a list that has no file, each with the reason.
NO_EXPORT = {
    "service-level-list": "a form: four lines of targets",
    "escalation-step-list": "a form: who is told when",
    "alert-source-list": "keys of tools; what they sent is a list of its own",
    "environment-detail": "deployments of one environment, on the record",
}


def named(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from named(pattern.url_patterns, route)
        else:
            yield route, pattern.name


# Pages of products, and what the handover adds to a product.
PAGES = {
    route: name
    for route, name in named(get_resolver().url_patterns)
    if route in OURS and route.startswith("products/") and name and "export" not in name
}


@pytest.fixture
def reader(world):  # noqa: F811
    """Who sees most of the product."""
    return max((person for person in world.people if person.user), key=lambda person: len(person.product or ()))


def answer(reader, path):
    return reader.client.get(path, follow=True)


def is_a_list(name: str, response) -> bool:
    context = response.context or {}
    return name.endswith("-list") or isinstance(context.get("page"), ListPage)


@pytest.fixture
def lists(world, reader) -> dict[str, tuple[str, str]]:  # noqa: F811
    """{name: (path, page)} of every page with a list."""
    found = {}
    for route, name in PAGES.items():
        path = path_of(route, world)
        response = answer(reader, path)
        # What leads to another page is that one's business; a saved view of the same page is not another.
        elsewhere = [url for url, _status in response.redirect_chain if url.partition("?")[0] != path]
        if response.status_code == 200 and not elsewhere and is_a_list(name, response):
            found[name] = path, response.content.decode()
    return found


@pytest.mark.django_db
def test_each_list_has_its_two_files(lists, reader):
    """Missing: add it to delivery/exports, or say in NO_EXPORT why it has none."""
    without = {}
    for name, (path, page) in lists.items():
        links = re.findall(r'href="([^"]*/lists/[^"]+)"', page)
        if {re.search(r"\.(\w+)(\?|$)", link)[1] for link in links} != {"csv", "xlsx"}:
            without[name] = path
        for link in links:
            file = reader.client.get(link.replace("&amp;", "&"))
            assert (file.status_code, file["Content-Disposition"][:10]) == (200, "attachment"), link
    assert without.keys() == NO_EXPORT.keys(), (without.keys() - NO_EXPORT.keys(), NO_EXPORT.keys() - without.keys())
    assert len(lists) > 25
