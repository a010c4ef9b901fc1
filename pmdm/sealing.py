"""What is kept so that the database, or a backup, alone tells nothing: sealed with the site's secret.

Older secrets still open what they sealed, as with Django's own signatures.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


def seal(purpose: str, text: str) -> str:
    """The text, sealed for a purpose; what was sealed for another one does not open."""
    return box(purpose).encrypt(text.encode()).decode()


def unseal(purpose: str, sealed: str) -> str:
    """The text; '' where it is nothing that this site sealed for this purpose."""
    try:
        return box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def box(purpose: str) -> MultiFernet:
    """What seals and opens for a purpose; the first key seals."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (hashlib.sha256(purpose.encode() + force_bytes(key)).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
