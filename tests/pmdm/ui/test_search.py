"""Words find the same by a statement made once as by one made anew, for every kind of reader."""

import pytest
from django.db.models import Q

from delivery.models import Product
from pmdm.accounts.roles import Role
from pmdm.ui.search import Finding, containing
from projects.models import Project
from tests.factories import make_organisation, make_product, make_project, make_user

pytestmark = pytest.mark.django_db

WORDS = [
    ["pay"],
    ["PAY", "roll"],
    ["100%"],
    ["a_b"],
    ["back\\slash"],
    ["'; --"],
    ["%"],
    ["_"],
    ["7700100200300600.0"],
    ["é"],
]


@pytest.fixture
def readers():
    lead = make_user("Lea")
    client = make_user("Cleo", organisation=make_organisation("Northwind"))
    for number, name in enumerate(
        [
            "Payroll",
            "Pay the roll",
            "100% done",
            "1000 done",
            "a_b",
            "axb",
            "back\\slash",
            "'; --",
            "É and é",
            "7700100200300600.0",
        ]
    ):
        make_project(name=name, manager=lead if number % 2 else None)
        product = make_product(code=f"P{number}")
        Product.objects.filter(pk=product.pk).update(name=name)
        if number % 3 == 0:
            product.add_member(client, Role.CLIENT, by=lead)
    return [
        lead,
        client,
        make_user("Stranger"),
        make_user("Ada", site_role=Role.ADMIN),
        make_user("Pia", site_role=Role.PMO),
    ]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
@pytest.mark.parametrize("model", [Project, Product])
def test_a_finding_finds_what_the_query_set_finds(readers, model, words):
    found = Finding(lambda reader: model.objects.visible_to(reader).order_by("pk"), ("code", "name"), ("pk", "name"))
    for reader in readers:
        for limit in (2, 50):
            wanted = containing(model.objects.visible_to(reader).order_by("pk"), words, "code", "name")
            assert found(reader, words, limit) == list(wanted.values_list("pk", "name")[:limit])


def test_a_pattern_is_taken_as_it_is():
    make_project(name="Payroll")
    assert Project.objects.filter(Q(name__like_pattern="%yRo%")).count() == 1
    assert Project.objects.filter(Q(name__like_pattern="yRo")).count() == 0


def test_what_was_found_before_is_no_longer_where_it_changed(readers):
    found = Finding(lambda reader: Project.objects.visible_to(reader), ("name",), ("name",))
    assert len(found(readers[0], ["pay", "the"], 9)) == 1
    Project.objects.filter(name="Pay the roll").update(name="Something else")
    assert found(readers[0], ["pay", "the"], 9) == []
