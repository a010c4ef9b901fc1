"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.scope import version_views, views

project_urls = [
    path("requirements/", views.requirement_list, name="requirement-list"),
    path("requirements/new/", views.requirement_new, name="requirement-new"),
    path("requirements/<int:number>/", views.requirement_detail, name="requirement-detail"),
    path("requirements/<int:number>/edit/", views.requirement_edit, name="requirement-edit"),
    path("requirements/<int:number>/state/", views.requirement_state, name="requirement-state"),
    path("requirements/<int:number>/approval/", views.requirement_approval, name="requirement-approval"),
    path("requirements/<int:number>/withdrawal/", views.requirement_withdrawal, name="requirement-withdrawal"),
    path("requirements/<int:number>/versions/new/", version_views.version_new, name="version-new"),
    path("requirements/<int:number>/versions/<int:version>/", version_views.version_detail, name="version-detail"),
    path("requirements/<int:number>/versions/<int:version>/edit/", version_views.version_edit, name="version-edit"),
    path(
        "requirements/<int:number>/versions/<int:version>/decision/",
        version_views.version_decision,
        name="version-decision",
    ),
    path(
        "requirements/<int:number>/versions/<int:version>/discard/",
        version_views.version_discard,
        name="version-discard",
    ),
    path("requirements/<int:number>/verification/", views.requirement_verification, name="requirement-verification"),
    path("requirements/<int:number>/criteria/", views.criterion_new, name="criterion-new"),
    path("requirements/<int:number>/criteria/<int:pk>/check/", views.criterion_check, name="criterion-check"),
    path("requirements/<int:number>/criteria/<int:pk>/removal/", views.criterion_removal, name="criterion-removal"),
    path("scope-baseline/", views.scope_baseline, name="scope-baseline"),
]
