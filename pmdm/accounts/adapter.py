"""allauth as we use it: no open sign-up, people are invited by an administrator; second factors kept encrypted."""

import base64
import hashlib

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False


class MFAAdapter(DefaultMFAAdapter):
    """Whoever reads the database or a backup alone has no second factor."""

    def encrypt(self, text):
        return _box().encrypt(str(text).encode()).decode()

    def decrypt(self, encrypted_text):
        return _box().decrypt(str(encrypted_text).encode()).decode()


def _box() -> MultiFernet:
    # The first key encrypts; older ones still open what they closed, as with Django's own signatures.
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(b"pmdm.accounts.mfa" + force_bytes(key)).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
