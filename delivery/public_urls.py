"""Addresses without sign-in: a token in them is all that is asked."""

from delivery.performance.urls import public_urls as performance_urls
from delivery.satisfaction.urls import public_urls as satisfaction_urls

urlpatterns = [*satisfaction_urls, *performance_urls]
