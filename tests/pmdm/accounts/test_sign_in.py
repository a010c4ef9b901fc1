"""Sign-in by e-mail, second factors, and the pages of allauth as we offer them."""

import re

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.urls import reverse

from pmdm.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def alice():
    return User.objects.create_user("alice@example.org", PASSWORD, name="Alice Manager")


def sign_in(client, email="alice@example.org", password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def confirm(client):
    """Say the password once more, as the pages of second factors ask."""
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302


class TestSignIn:
    def test_by_e_mail_in_any_case(self, client, alice):
        assert sign_in(client, "Alice@Example.ORG").status_code == 302
        assert client.session["_auth_user_id"] == str(alice.pk)

    @pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
    def test_a_wrong_password_and_an_unknown_address_look_the_same(self, client, alice, email):
        response = sign_in(client, email, "wrong")
        assert "_auth_user_id" not in client.session
        errors = response.context["form"].non_field_errors()
        assert errors == ["The email address and/or password you specified are not correct."]

    def test_who_is_deactivated_does_not_come_in_and_is_put_out(self, client, alice):
        sign_in(client)
        User.objects.update(is_active=False)
        assert client.get(reverse("accounts:profile")).status_code == 302
        client.logout()
        sign_in(client)
        assert "_auth_user_id" not in client.session

    def test_signing_out_needs_a_post(self, client, alice):
        sign_in(client)
        client.get(reverse("account_logout"))
        assert "_auth_user_id" in client.session
        client.post(reverse("account_logout"))
        assert "_auth_user_id" not in client.session

    def test_it_leads_back_but_never_to_another_site(self, client, alice):
        url = reverse("account_login")
        data = {"login": "alice@example.org", "password": PASSWORD}
        assert client.post(url, {**data, "next": "/accounts/profile/"})["Location"] == "/accounts/profile/"
        client.logout()
        assert "evil" not in client.post(url, {**data, "next": "https://evil.example/"})["Location"]


class TestNobodySignsUp:
    @pytest.mark.parametrize(
        "name",
        ["account_signup", "account_email", "account_email_verification_sent", "account_set_password"],
    )
    def test_pages_we_do_not_offer_are_not_there(self, client, alice, name):
        for signed_in in (False, True):
            if signed_in:
                client.force_login(alice)
            assert client.get(reverse(name)).status_code == 404
            assert client.post(reverse(name), {"email": "x@example.org"}).status_code == 404


class TestPassword:
    def test_a_forgotten_password_is_set_by_a_link_that_works_once(self, client, alice):
        client.post(reverse("account_reset_password"), {"email": "alice@example.org"})
        [message] = mail.outbox
        link = re.search(r"http://\S+(/accounts/password/reset/key/\S+/)", message.body)[1]
        form_url = client.get(link)["Location"]
        response = client.post(form_url, {"password1": "a new long password", "password2": "a new long password"})
        assert response.status_code == 302
        assert sign_in(client, password="a new long password").status_code == 302
        client.logout()
        assert b"password1" not in client.get(link, follow=True).content

    def test_an_unknown_address_gets_no_mail_and_the_same_answer(self, client, alice):
        known = client.post(reverse("account_reset_password"), {"email": "alice@example.org"})
        unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})
        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        assert all("nobody@example.org" not in message.to for message in mail.outbox)

    def test_a_weak_one_is_refused_with_the_reason(self, client, alice):
        sign_in(client)
        data = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
        response = client.post(reverse("account_change_password"), data)
        assert b"at least 10 characters" in response.content

    def test_changing_it_keeps_one_signed_in(self, client, alice):
        sign_in(client)
        new = "an even better password"
        client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
        assert client.get(reverse("accounts:profile")).status_code == 200
        alice.refresh_from_db()
        assert alice.check_password(new)


class TestSecondFactor:
    @pytest.fixture
    def with_totp(self, alice):
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(alice, secret)
        return secret

    def test_an_authenticator_app_is_switched_on(self, client, alice):
        sign_in(client)
        assert client.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("account_reauthenticate"))
        confirm(client)
        client.get(reverse("mfa_activate_totp"))
        secret = client.session[totp.SECRET_SESSION_KEY]
        code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
        response = client.post(reverse("mfa_activate_totp"), {"code": code})
        assert response.status_code == 302
        kinds = set(Authenticator.objects.filter(user=alice).values_list("type", flat=True))
        assert kinds == {"totp", "recovery_codes"}

    def test_a_password_alone_is_then_not_enough(self, client, with_totp):
        assert sign_in(client)["Location"] == reverse("mfa_authenticate")
        assert client.get(reverse("accounts:profile")).status_code == 302
        assert client.get(reverse("mfa_authenticate")).status_code == 200
        code = totp.format_hotp_value(totp.hotp_value(with_totp, next(iter(totp.yield_hotp_counters_from_time()))))
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert client.get(reverse("accounts:profile")).status_code == 200

    def test_a_wrong_code_does_not_let_in(self, client, with_totp):
        sign_in(client)
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert client.get(reverse("accounts:profile")).status_code == 302

    def test_secrets_are_kept_encrypted(self, alice, with_totp):
        stored = Authenticator.objects.get(user=alice).data["secret"]
        assert with_totp not in stored
        assert get_adapter().decrypt(stored) == with_totp

    def test_a_new_key_of_the_site_still_opens_old_secrets(self, alice, with_totp, settings):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "x" * 60
        assert get_adapter().decrypt(Authenticator.objects.get(user=alice).data["secret"]) == with_totp


PAGES_FOR_ALL = ["account_login", "account_reset_password", "account_reset_password_done", "account_inactive"]
PAGES_SIGNED_IN = [
    "account_logout",
    "account_change_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_generate_recovery_codes",
    "account_reauthenticate",
    "accounts:profile",
]


def executable_inline_scripts(html):
    """Scripts that the policy would block: no src and no data type."""
    return [tag for tag in re.findall(r"<script\b[^>]*>", html) if "src=" not in tag and "application/json" not in tag]


@pytest.mark.parametrize("name", PAGES_FOR_ALL)
def test_pages_before_sign_in_are_ours_and_keep_the_policy(client, name):
    check_page(client.get(reverse(name)))


@pytest.mark.parametrize("name", PAGES_SIGNED_IN)
def test_pages_after_sign_in_are_ours_and_keep_the_policy(client, alice, name):
    sign_in(client)
    confirm(client)
    check_page(client.get(reverse(name)))


def check_page(response):
    html = response.content.decode()
    assert response.status_code == 200
    assert "css/tokens.css" in html, "our look"
    assert not executable_inline_scripts(html)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", html)
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
