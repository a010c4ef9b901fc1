"""Who gets which page, and that a client never learns of another client's issues, on any page."""

import pytest

from tests.factories import retire

PAGES = {
    # page: who is shown it besides Dora, the admin and the PMO
    "": {"sue", "bob", "stella", "cleo", "olga"},
    "stage/": {"sue", "bob", "stella", "cleo", "olga"},
    "team/": {"sue", "bob", "stella"},
    "service-levels/": {"sue", "bob", "stella", "cleo", "olga"},
    "activity/": {"sue", "bob", "stella"},
    "issues/": {"sue", "bob", "stella", "cleo", "olga"},
    "issues/?state=all": {"sue", "bob", "stella", "cleo", "olga"},
    "issues/{cleos.number}/": {"sue", "bob", "stella", "cleo"},
    "issues/{olgas.number}/": {"sue", "bob", "stella", "olga"},
    "requirements/": {"sue", "bob", "stella", "cleo", "olga"},
    "requirements/{requirement.number}/": {"sue", "bob", "stella", "cleo", "olga"},
    "known-gaps/": {"sue", "bob", "stella", "cleo", "olga"},
    "surveys/": {"sue", "bob", "stella"},
    "surveys/{survey.pk}/": {"sue", "bob", "stella"},
    "performance/": {"sue", "bob", "stella"},
    "incidents/": {"sue", "bob", "stella"},
    "incidents/{incident.pk}/": {"sue", "bob", "stella"},
    "alert-sources/": {"sue", "bob", "stella"},
    "releases/": {"sue", "bob", "stella", "cleo", "olga"},
    "releases/{release.pk}/": {"sue", "bob", "stella", "cleo", "olga"},
    "risks/": {"sue", "bob", "stella"},
    "risks/{risk.number}/": {"sue", "bob", "stella"},
}
EVERYBODY = ["dora", "sue", "bob", "stella", "cleo", "olga", "pmo", "admin"]


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_shown_to_those_who_may_see_it(world, client, page):
    url = f"/products/CLAIMS/{page.format(**vars(world))}"
    shown = set()
    for name in EVERYBODY:
        client.force_login(getattr(world.people, name))
        response = client.get(url)
        assert response.status_code in (200, 403, 404), (name, response.status_code)
        if response.status_code == 200:
            shown.add(name)
    assert shown == PAGES[page] | {"dora", "pmo", "admin"}
    client.force_login(world.people.charlie)
    assert client.get(url).status_code == 404
    client.logout()
    assert client.get(url).status_code == 302


FORMS = {
    # form: who may open it besides Dora and the admin
    "edit/": set(),
    "issues/new/": {"sue", "bob", "cleo", "olga"},
    "surveys/new/": set(),
    "incidents/new/": set(),
    "releases/new/": {"sue", "bob"},
    "risks/new/": set(),
    "issues/import/": set(),
}


@pytest.mark.parametrize("page", FORMS)
def test_each_form_is_shown_to_those_who_may_send_it(world, client, page):
    shown = set()
    for name in EVERYBODY:
        client.force_login(getattr(world.people, name))
        if client.get(f"/products/CLAIMS/{page}").status_code == 200:
            shown.add(name)
    assert shown == FORMS[page] | {"dora", "admin"}


@pytest.mark.parametrize("page", [page for page, shown in PAGES.items() if "olga" in shown])
def test_no_page_tells_a_client_of_another_clients_issues(world, client, page):
    client.force_login(world.people.olga)
    text = client.get(f"/products/CLAIMS/{page.format(**vars(world))}").content.decode()
    assert "Northwind cannot pay" not in text
    assert "Secret suspicion" not in text
    assert "A wrong date" not in text
    assert f"ISS-{world.cleos.number}<" not in text


@pytest.mark.parametrize("page", ["issues/{cleos.number}/", "issues/", ""])
def test_internal_notes_stay_internal(world, client, page):
    client.force_login(world.people.cleo)
    text = client.get(f"/products/CLAIMS/{page.format(**vars(world))}").content.decode()
    assert "Northwind cannot pay" in text
    assert "Secret suspicion" not in text
    client.force_login(world.people.sue)
    text = client.get(f"/products/CLAIMS/issues/{world.cleos.number}/").content.decode()
    assert "Secret suspicion" in text


@pytest.mark.parametrize("path", ["/products/", "/products/CLAIMS/", "/products/CLAIMS/issues/", "/kpis/?state=all"])
def test_no_page_tells_a_client_who_else_is_one(world, client, path):
    people = world.people
    for person, other in ((people.cleo, "Contoso"), (people.olga, "Northwind")):
        client.force_login(person)
        text = client.get(path).content.decode()
        assert "Claims portal" in text
        assert other not in text
    client.force_login(people.stella)
    assert "Contoso" in client.get("/products/CLAIMS/").content.decode()


def test_list_counts_for_a_client_only_its_own_issues(world, client):
    for name, expected in (("dora", 2), ("olga", 1), ("cleo", 1)):
        client.force_login(getattr(world.people, name))
        rows = client.get("/products/").context["page"].rows
        assert [row["open_issues"] for row in rows] == [expected], name


def test_a_retired_product_is_read_only(world, client):
    retire(world.product, by=world.people.dora)
    client.force_login(world.people.dora)
    assert client.get("/products/CLAIMS/").status_code == 200
    for page in ("issues/new/", "edit/", "team/", "risks/new/", "stage/"):
        assert client.post(f"/products/CLAIMS/{page}", {}).status_code == 403, page
