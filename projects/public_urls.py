"""Addresses without sign-in: a token in them is all that is asked."""

from projects.agenda.urls import public_urls

urlpatterns = [*public_urls]
