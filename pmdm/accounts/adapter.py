"""allauth as we use it: no open sign-up, people are invited by an administrator; second factors kept encrypted."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from pmdm.sealing import box

_PURPOSE = "pmdm.accounts.mfa"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False


class MFAAdapter(DefaultMFAAdapter):
    """Whoever reads the database or a backup alone has no second factor."""

    def encrypt(self, text):
        return box(_PURPOSE).encrypt(str(text).encode()).decode()

    def decrypt(self, encrypted_text):
        return box(_PURPOSE).decrypt(str(encrypted_text).encode()).decode()
