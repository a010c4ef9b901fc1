"""Project types, for the whole site."""

from django.urls import path

from projects.types import views

site_urls = [
    path("types/", views.type_list, name="types"),
    path("types/new/", views.type_new, name="type-new"),
    path("types/shipped/", views.type_shipped, name="type-shipped"),
    path("types/<slug:slug>/", views.type_detail, name="type"),
    path("types/<slug:slug>/edit/", views.type_edit, name="type-edit"),
    path("types/<slug:slug>/versions/<int:number>/", views.type_version, name="type-version"),
    path("types/<slug:slug>/draft/", views.type_draft, name="type-draft"),
    path("types/<slug:slug>/draft/publication/", views.type_publication, name="type-publication"),
    path("types/<slug:slug>/draft/discard/", views.type_discard, name="type-discard"),
    path("types/<slug:slug>/draft/<slug:section>/", views.type_section, name="type-section"),
]
