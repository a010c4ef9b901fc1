"""A prepared question answers each caller with their own rows."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import F

from pmdm.accounts.models import Organisation, User
from pmdm.prepared import Prepared, PreparedFor, PreparedRows, PreparedRowsFor, reread

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


def test_words_are_put_in_as_they_are(two):
    named = PreparedRows(lambda name, key: User.objects.filter(name=name).exclude(pk=key))
    ada, bea = two
    assert named("Ada", bea.pk) == [ada]
    assert named("Ada", ada.pk) == named("", 0) == named("' OR true --", 0) == []
    assert named("Bea", 0) == [bea]
    with pytest.raises(ValueError, match="no pattern"):
        Prepared(lambda name: User.objects.filter(name__contains=name).values_list("pk"))("Ada")


def test_rows_for_a_reader(two):
    ada, bea = two
    bea.site_role = "pmo"
    seen = PreparedRowsFor(
        lambda reader, name: User.objects.filter(name=name, **({} if reader.sees_all else {"pk": reader.pk}))
    )
    assert [seen(reader, "Ada") for reader in (ada, bea, AnonymousUser())] == [[ada], [ada], []]
    assert [seen(reader, "Bea") for reader in (ada, bea, AnonymousUser())] == [[], [bea], []]
    ada.is_active = False
    assert seen(ada, "Ada") == []


def test_rows_are_instances_with_what_they_join_and_annotate(two):
    ada, bea = two
    ada.organisation = Organisation.objects.create(name="Prepared")
    ada.save()
    people = PreparedRows(
        lambda key: User.objects.filter(pk=key).select_related("organisation").annotate(doubled=F("pk") * 2)
    )
    for person in [*two, *two]:
        (found,) = people(person.pk)
        assert (found, found.name, found.doubled) == (person, person.name, person.pk * 2)
        assert found._state.fields_cache["organisation"] == person.organisation
        found.name += "!"
        found.save()  # a row like any other: it is there already, and is written
        found.name = person.name
        found.save()
    assert people(ada.pk)[0] is not people(ada.pk)[0]
    assert people(0) == []
    deferred = PreparedRows(lambda key: User.objects.filter(pk=key).defer("name"))(bea.pk)[0]
    assert deferred.get_deferred_fields() == {"name"}
    assert deferred.name == "Bea"


def test_rows_ask_each_time_and_prefetch_nothing(two):
    ada, _bea = two
    everybody = PreparedRows(lambda: User.objects.order_by("pk"))
    before = len(everybody())
    ada.delete()
    assert len(everybody()) == before - 1
    with pytest.raises(ValueError, match="prefetches nothing"):
        PreparedRows(lambda: User.objects.prefetch_related("groups"))()


def test_reread_is_refresh_from_db(two):
    ada, bea = two
    ada.organisation = organisation = Organisation.objects.create(name="Prepared")
    ada.save()
    User.objects.filter(pk=ada.pk).update(name="Ada Two")
    other = User.objects.get(pk=ada.pk)
    reread(ada)
    assert {field.attname: getattr(ada, field.attname) for field in User._meta.concrete_fields} == {
        field.attname: getattr(other, field.attname) for field in User._meta.concrete_fields
    }
    assert "organisation" not in ada._state.fields_cache
    assert ada.organisation == organisation
    partly = User.objects.defer("name").get(pk=ada.pk)
    reread(partly)
    assert partly.get_deferred_fields() == {"name"}
    bea.delete()
    bea.pk = other.pk + 1000
    with pytest.raises(User.DoesNotExist):
        reread(bea)
