"""A prepared question answers each caller with their own rows."""

import pytest
from django.contrib.auth.models import AnonymousUser

from pmdm.accounts.models import User
from pmdm.prepared import Prepared, PreparedFor

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    return [User.objects.create_user(f"{name}@prepared.example", name=name) for name in ("Ada", "Bea")]


def test_keys_and_readers_are_put_in_at_each_call(two):
    by_key = Prepared(lambda key: User.objects.filter(pk=key).order_by().values_list("name"))
    myself = PreparedFor(lambda reader: User.objects.filter(pk=reader.pk).order_by().values_list("name"))
    for person in [*two, *two]:
        assert by_key(person.pk) == myself(person) == [(person.name,)]


def test_what_the_role_changes_is_another_question(two):
    ada, bea = two
    bea.site_role = "pmo"
    everybody = PreparedFor(
        lambda reader: (User.objects.all() if reader.sees_all else User.objects.none()).order_by("pk").values_list("pk")
    )
    assert everybody(ada) == []
    assert (ada.pk,) in everybody(bea)


def test_nobody_signed_in_or_active_gets_anything(two):
    ada, _bea = two
    ada.is_active = False
    everybody = PreparedFor(lambda reader: User.objects.order_by().values_list("pk"))
    assert everybody(AnonymousUser()) == everybody(ada) == []
