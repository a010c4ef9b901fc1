"""The client's home, the same with a client's eyes, announcements."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.models import Issue, Product
from handover.models import Announcement, ClientView
from pmdm.accounts.roles import Role
from tests import factories

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def cast(db):
    """Two clients of one product, each with a project of its own, and who of us looks after them."""
    from types import SimpleNamespace

    north, contoso = factories.make_organisation("Northwind"), factories.make_organisation("Contoso")
    dora, mia = factories.make_user("Dora Delivery"), factories.make_user("Mia Manager")
    product = Product.launch(
        by=dora,
        code="CLAIMS",
        name="Claims portal",
        stage="live",
        live_on=timezone.localdate(),
        clients=[north, contoso],
    )
    cast = SimpleNamespace(north=north, contoso=contoso, dora=dora, mia=mia, product=product)
    cast.cleo = factories.make_user("Cleo Client", organisation=north)
    cast.olga = factories.make_user("Olga Other", organisation=contoso)
    cast.stranger = factories.make_user("Sam Stranger")
    for person in (cast.cleo, cast.olga):
        product.add_member(person, Role.CLIENT, by=dora)
    for code, client, person in (("NORTH", north, cast.cleo), ("SOUTH", contoso, cast.olga)):
        project = factories.make_project(mia, code=code, name=f"Project {code}", client=client)
        factories.join(project, person, Role.CLIENT)
    cast.cleos = Issue.report(product, by=cast.cleo, title="Northwind cannot pay")
    cast.olgas = Issue.report(product, by=cast.olga, title="Contoso sees nothing")
    cast.announce = lambda title, **fields: Announcement.objects.create(
        **{"product": product, "title": title, "text": f"Text of {title}", "created_by": dora, **fields}
    )
    return cast


def text(client, user, path="/portal/", **extra):
    client.force_login(user)
    answer = client.get(path, **extra)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_everything_of_ones_own_on_one_page(cast, client):
    cast.product.releases.create(name="1.2", state="released", released_on=timezone.localdate(), notes="Faster")
    cast.product.releases.create(name="9.9", released_on=timezone.localdate() + 9 * 24 * HOUR)
    cast.cleos.wait_for_customer(by=cast.dora, text="Which one?")
    page = text(client, cast.cleo)
    for words in ("Claims portal", "Project NORTH", "Northwind cannot pay", "we asked you something", "1.2", "Faster"):
        assert words in page
    for words in ("9.9", "Contoso", "Project SOUTH", "Olga"):
        assert words not in page
    assert "/products/CLAIMS/issues/new/" in page


def test_one_life_from_the_project_to_the_product(cast, client):
    from handover.models import Handover

    project = cast.mia.project_memberships.get(project__code="NORTH").project
    Handover.objects.create(
        project=project,
        giver=cast.mia,
        receiver=cast.dora,
        product=cast.product,
        state="accepted",
        accepted_at=timezone.now(),
    )
    client.force_login(cast.cleo)
    context = client.get("/portal/").context
    (product,) = context["products"]
    assert [project.code for project in product.lives] == ["NORTH"]
    assert [str(step.label) for step in product.track] == ["Project", "Handover", "Live"]
    assert context["projects"] == []
    # The other client sees the product, and not by whose project it was built.
    client.force_login(cast.olga)
    (product,) = client.get("/portal/").context["products"]
    assert product.lives == []


def test_a_client_comes_home(cast, client):
    client.force_login(cast.cleo)
    assert client.get("/").url == "/portal/"
    client.force_login(cast.dora)
    assert client.get("/").url != "/portal/"
    assert client.get("/portal/").url == "/portal/clients/"


def test_a_client_without_anything(cast, client):
    lonely = factories.make_user("Lone Client", organisation=cast.north)
    page = text(client, lonely)
    assert "Nothing here yet" in page
    assert "Northwind cannot pay" not in page


def test_the_page_costs_the_same_however_much_there_is(cast, client):
    client.force_login(cast.cleo)
    counts = []
    for more in (0, 12):
        for number in range(more):
            product = factories.make_product(code=f"P{number}", name=f"Product {number}")
            product.add_member(cast.cleo, Role.CLIENT, by=cast.dora)
            Issue.report(product, by=cast.cleo, title=f"Issue {number}")
            project = factories.make_project(cast.mia, code=f"J{number}", client=cast.north)
            factories.join(project, cast.cleo, Role.CLIENT)
        client.get("/portal/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/portal/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


def test_public_articles_stand_at_home_and_no_others(cast, client):
    for state in ("draft", "internal", "public"):
        cast.product.articles.create(
            title=f"An article that is {state}", text="x", state=state, owner=cast.dora, review_by=timezone.localdate()
        )
    page = text(client, cast.cleo)
    assert "An article that is public" in page
    assert "/products/CLAIMS/articles/3/" in page
    for state in ("draft", "internal"):
        assert f"An article that is {state}" not in page


# --- Announcements ----------------------------------------------------------------------------------------


def test_announcements_stand_from_to_and_for_whom_they_are(cast, client):
    now = timezone.now()
    cast.announce("To all")
    cast.announce("To Northwind alone", organisation=cast.north)
    cast.announce("To Contoso alone", organisation=cast.contoso)
    cast.announce("Later", starts_at=now + HOUR)
    cast.announce("Over", starts_at=now - 2 * HOUR, ends_at=now - HOUR)
    cast.announce("For us alone", audience="staff")
    cast.announce("For everybody", audience="everybody")
    gone = cast.announce("Withdrawn")
    gone.withdraw(by=cast.dora)
    gone.withdraw(by=cast.dora)
    words = ("To all", "To Northwind", "To Contoso", "Later", "Over", "Text of With", "For us alone", "For everybody")
    told = {person: [each for each in words if each in text(client, person)] for person in (cast.cleo, cast.olga)}
    assert told == {
        cast.cleo: ["To all", "To Northwind", "For everybody"],
        cast.olga: ["To all", "To Contoso", "For everybody"],
    }


def test_our_own_people_find_theirs_on_the_overview(cast, client):
    cast.announce("To clients")
    cast.announce("For us alone", audience="staff")
    cast.announce("For everybody", audience="everybody")
    words = ("To clients", "For us alone", "For everybody")

    def told(person, path):
        # The title may stand in what happened lately, which our own people read.
        return [each for each in words if f"Text of {each}" in text(client, person, path)]

    assert told(cast.dora, "/products/CLAIMS/") == ["For us alone", "For everybody"]
    assert told(cast.cleo, "/products/CLAIMS/") == []
    assert told(cast.cleo, "/portal/") == ["To clients", "For everybody"]
    # One of us who looks with a client's eyes sees what that one sees.
    client.force_login(cast.dora)
    client.post(f"/portal/clients/{cast.cleo.pk}/")
    assert told(cast.dora, f"/portal/clients/{cast.cleo.pk}/") == ["To clients", "For everybody"]
    for path in ("/search/?q=us+alone", "/products/CLAIMS/export/announcements.csv"):
        client.force_login(cast.cleo)
        assert "For us alone" not in client.get(path).content.decode()


@pytest.mark.parametrize(
    ("audience", "north_only", "words", "status"),
    [
        ("clients", False, "As contoso asked", 422),
        ("clients", True, "As Contoso asked", 422),
        ("clients", True, "As Northwind asked", 302),
        ("everybody", False, "As Northwind asked", 422),
        ("staff", False, "As Contoso asked", 302),
        ("clients", False, "As Contosos asked", 302),
    ],
)
def test_what_clients_read_names_no_other_client(cast, client, audience, north_only, words, status):
    client.force_login(cast.dora)
    said = {"title": "x", "text": words, "audience": audience, "starts_at": "2026-06-08T08:00"}
    said |= {"organisation": cast.north.pk} if north_only else {}
    assert client.post("/products/CLAIMS/announcements/", said).status_code == status


def test_a_word_to_us_or_to_everybody_is_for_no_single_client(cast, client):
    client.force_login(cast.dora)
    said = {"title": "x", "text": "x", "starts_at": "2026-06-08T08:00", "organisation": cast.north.pk}
    for audience in ("staff", "everybody"):
        answer = client.post("/products/CLAIMS/announcements/", {**said, "audience": audience})
        assert answer.status_code == 422
        with pytest.raises(IntegrityError), transaction.atomic():
            cast.announce("x", audience=audience, organisation=cast.north)
    assert client.post("/products/CLAIMS/announcements/", {**said, "audience": "clients"}).status_code == 302


def test_who_announces(cast, client):
    url = "/products/CLAIMS/announcements/"
    good = {"title": "Closed on Friday", "text": "We are away.", "audience": "clients", "starts_at": "2026-06-08T08:00"}
    client.force_login(cast.dora)
    assert client.post(url, {**good, "ends_at": "2026-06-08T07:00"}).status_code == 422
    assert client.post(url, {**good, "organisation": factories.make_organisation("Else").pk}).status_code == 422
    assert client.post(url, good).status_code == 302
    row = Announcement.objects.get()
    assert "Closed on Friday" in client.get(url).content.decode()
    for person in (cast.cleo, cast.stranger):
        client.force_login(person)
        assert client.get(url).status_code in (403, 404)
        assert client.post(f"{url}{row.pk}/withdrawal/").status_code in (403, 404)
    client.force_login(cast.dora)
    client.post(f"{url}{row.pk}/withdrawal/")
    row.refresh_from_db()
    assert row.withdrawn_at


# --- With a client's eyes ---------------------------------------------------------------------------------


def test_looking_is_chosen_banded_and_written_down(cast, client):
    client.force_login(cast.dora)
    url = f"/portal/clients/{cast.cleo.pk}/"
    assert client.get(url).url == "/portal/clients/"
    assert client.post(url).url == url
    page = client.get(url).content.decode()
    assert "You see this as Cleo Client" in page
    assert "Northwind cannot pay" in page
    assert "Contoso" not in page
    # To read only: nothing to fill in, no way on.
    main = page.split("<main", 1)[1].split("</main>")[0]
    assert "<form" not in main
    assert "/issues/" not in main
    view = ClientView.objects.get()
    assert (view.person, view.by) == (cast.cleo, cast.dora)
    assert "as Cleo Client" in client.get("/portal/clients/").content.decode()
    ClientView.objects.update(at=timezone.now() - ClientView.LASTS)
    assert client.get(url).url == "/portal/clients/"


def test_what_one_may_not_see_oneself_stays_hidden(cast, client):
    other = factories.make_product(code="OTHER", name="Somebody else's")
    other.add_member(cast.cleo, Role.CLIENT, by=cast.dora)
    Issue.report(other, by=cast.cleo, title="Elsewhere")
    client.force_login(cast.dora)
    client.post(f"/portal/clients/{cast.cleo.pk}/")
    page = client.get(f"/portal/clients/{cast.cleo.pk}/").content.decode()
    # Dora looks after the product, and has no part in the project nor in the other product.
    for words in ("Somebody else", "Elsewhere", "Project NORTH"):
        assert words not in page
    assert "Claims portal" in page


@pytest.mark.parametrize("who", ["cleo", "olga", "stranger"])
def test_nobody_else_looks(cast, client, who):
    client.force_login(getattr(cast, who))
    for target in (cast.cleo, cast.olga, cast.dora):
        assert client.get(f"/portal/clients/{target.pk}/").status_code == 404
        assert client.post(f"/portal/clients/{target.pk}/").status_code == 404
    assert "Cleo" not in client.get("/portal/clients/").content.decode().split("<main", 1)[1].split("</main>")[0]
    assert not ClientView.objects.exists()
