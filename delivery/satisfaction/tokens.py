"""Tokens of survey links: derived, not stored.

A token is an HMAC of the invitation's random nonce under a key derived from SECRET_KEY: 256 bits, and the database
alone (a backup, a dump) opens no survey. Generating it when the mail is sent was left: a worker that dies between the
mail server's yes and its own commit sends again, and the link in the first mail would be dead. Derived, both mails
carry the same link. Links are found by the stored hash, so those already sent outlive a change of SECRET_KEY.
"""

import base64
import hashlib

from django.utils.crypto import salted_hmac

PURPOSE = "delivery.satisfaction.invitation"


def token_for(nonce: str) -> str:
    """The token of the invitation with this nonce; the same nonce gives the same token."""
    digest = salted_hmac(PURPOSE, nonce, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """What is stored and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()
