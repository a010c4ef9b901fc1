"""People: invited, changed, deactivated by an administrator."""

import re
import threading

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from pmdm.accounts.models import Department, Organisation, User
from pmdm.accounts.roles import Role
from pmdm.jobs import outbox
from tests import factories


@pytest.fixture
def ada(db):
    return factories.make_user("Ada Admin", site_role=Role.ADMIN)


@pytest.fixture
def admin_client(client, ada):
    client.force_login(ada)
    return client


class TestInviting:
    def test_it_mails_a_link_to_choose_a_password(self, admin_client, client):
        organisation = factories.make_organisation("Acme")
        response = admin_client.post(
            reverse("accounts:person-new"),
            {"name": "Nina New", "email": "Nina@Example.org", "organisation": organisation.pk},
        )
        assert response.status_code == 302
        nina = User.objects.get(email="nina@example.org")
        assert (nina.organisation, nina.has_usable_password()) == (organisation, False)
        assert not mail.outbox, "the mail goes out after the change"
        outbox.drain()
        [message] = mail.outbox
        assert (message.to, message.subject) == (["nina@example.org"], "Your account for PMDM")
        link = re.search(r"(/accounts/password/reset/key/\S+/)", message.body)[1]
        client.logout()
        form_url = client.get(link)["Location"]
        new = "a long first password"
        client.post(form_url, {"password1": new, "password2": new})
        nina.refresh_from_db()
        assert nina.check_password(new)

    @pytest.mark.parametrize(
        ("data", "field", "words"),
        [
            ({"name": "", "email": "a@b.example"}, "name", "required"),
            ({"name": "X", "email": "nonsense"}, "email", "valid email"),
            ({"name": "X", "email": "ADA@example.com"}, "email", "already"),
        ],
    )
    def test_bad_input_is_refused_and_kept(self, admin_client, ada, data, field, words):
        User.objects.filter(pk=ada.pk).update(email="ada@example.com")
        response = admin_client.post(reverse("accounts:person-new"), data)
        assert response.status_code == 422
        assert words in str(response.context["form"].errors[field])
        assert data["email"] in response.content.decode()
        assert User.objects.count() == 1

    def test_a_client_gets_no_site_role(self, admin_client):
        organisation = factories.make_organisation()
        data = {"name": "X", "email": "x@example.org", "organisation": organisation.pk, "site_role": "admin"}
        response = admin_client.post(reverse("accounts:person-new"), data)
        assert response.status_code == 422
        assert "site_role" in response.context["form"].errors

    def test_a_mail_to_somebody_deactivated_meanwhile_is_not_sent(self, admin_client, ada):
        user = User.objects.invite(email="x@example.org", name="X", by=ada)
        user.deactivate(by=ada)
        outbox.drain()
        assert not mail.outbox

    def test_names_are_escaped_in_the_mail(self, admin_client, ada):
        User.objects.invite(email="x@example.org", name="<b>X</b>", by=ada)
        outbox.drain()
        html = mail.outbox[0].alternatives[0].content
        assert "&lt;b&gt;" in html
        assert "<b>X" not in html


class TestDeactivating:
    def test_it_ends_access_and_is_undone(self, admin_client, ada):
        bob = factories.make_user("Bob")
        url = reverse("accounts:person-access", args=[bob.pk])
        admin_client.post(url, {"active": "0"})
        bob.refresh_from_db()
        assert not bob.is_active
        admin_client.post(url, {"active": "1"})
        bob.refresh_from_db()
        assert bob.is_active

    def test_nobody_deactivates_themselves(self, admin_client, ada):
        admin_client.post(reverse("accounts:person-access", args=[ada.pk]), {"active": "0"})
        ada.refresh_from_db()
        assert ada.is_active

    def test_the_last_administrator_stays_one(self, admin_client, ada):
        data = {"name": ada.name, "email": ada.email, "site_role": ""}
        response = admin_client.post(reverse("accounts:person", args=[ada.pk]), data)
        assert response.status_code == 422
        ada.refresh_from_db()
        assert ada.site_role == Role.ADMIN


@pytest.mark.django_db(transaction=True)
def test_two_administrators_can_not_demote_each_other_at_once():
    pair = [factories.make_user("Ada", site_role=Role.ADMIN), factories.make_user("Ben", site_role=Role.ADMIN)]
    start, refused = threading.Barrier(2), []

    def demote(user, by):
        try:
            start.wait(10)
            user.deactivate(by=by)
        except ValidationError:
            refused.append(user)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=args) for args in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(site_role=Role.ADMIN, is_active=True).count() == 1
    assert len(refused) == 1


@pytest.mark.django_db
class TestPages:
    def test_the_list_filters_and_costs_the_same_for_3_and_60(self, admin_client, django_assert_max_num_queries):
        organisation = factories.make_organisation()
        for number in range(60):
            email = f"p{number}@example.com"  # the search looks there too
            factories.make_user(f"Person {number}", email=email, organisation=organisation if number % 2 else None)
        with django_assert_max_num_queries(20):
            response = admin_client.get(reverse("accounts:people"))
        assert len(response.context["page"].rows) == 50
        response = admin_client.get(reverse("accounts:people"), {"organisation": organisation.pk, "q": "person 37"})
        assert [row.name for row in response.context["page"].rows] == ["Person 37"]

    @pytest.mark.parametrize(("name", "model"), [("organisation", Organisation), ("department", Department)])
    def test_named_things_are_added_and_renamed(self, admin_client, name, model):
        url = reverse(f"accounts:{name}-list")
        assert admin_client.post(url, {"name": "North"}).status_code == 302
        assert admin_client.post(url, {"name": "North"}).status_code == 422
        thing = model.objects.get()
        admin_client.post(reverse(f"accounts:{name}", args=[thing.pk]), {"name": "South"})
        assert model.objects.get().name == "South"

    def test_a_profile_changes_ones_own_name_and_nothing_else(self, client):
        bob = factories.make_user("Bob")
        client.force_login(bob)
        client.post(reverse("accounts:profile"), {"name": "Robert", "site_role": "admin", "email": "x@y.example"})
        bob.refresh_from_db()
        assert (bob.name, bob.site_role) == ("Robert", "")
        assert bob.email.startswith("bob")

    @pytest.mark.parametrize(
        ("asked", "there"), [("/accounts/profile/", "/accounts/profile/"), ("//evil.example/", "/")]
    )
    def test_the_theme_is_a_cookie_and_leads_back(self, client, asked, there):
        response = client.post(reverse("accounts:theme"), {"theme": "dark", "next": asked})
        assert response.cookies["theme"].value == "dark"
        assert response["Location"] == there
        client.post(reverse("accounts:theme"), {"theme": "pink"})
        assert client.cookies["theme"].value == ""
