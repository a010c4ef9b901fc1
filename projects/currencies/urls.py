"""Addresses below /projects/."""

from django.urls import path

from projects.currencies import views

site_urls = [
    path("exchange-rates/", views.rate_list, name="rate-list"),
    path("exchange-rates/import/", views.rate_import, name="rate-import"),
    path("exchange-rates/import/<int:pk>/", views.rate_import_check, name="rate-import-check"),
    path("exchange-rates/<int:pk>/removal/", views.rate_removal, name="rate-removal"),
]
