"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.scope import views

project_urls = [
    path("requirements/", views.requirement_list, name="requirement-list"),
    path("requirements/new/", views.requirement_new, name="requirement-new"),
    path("requirements/<int:number>/", views.requirement_detail, name="requirement-detail"),
    path("requirements/<int:number>/edit/", views.requirement_edit, name="requirement-edit"),
    path("requirements/<int:number>/state/", views.requirement_state, name="requirement-state"),
    path("requirements/<int:number>/approval/", views.requirement_approval, name="requirement-approval"),
    path("requirements/<int:number>/verification/", views.requirement_verification, name="requirement-verification"),
    path("requirements/<int:number>/criteria/", views.criterion_new, name="criterion-new"),
    path("requirements/<int:number>/criteria/<int:pk>/check/", views.criterion_check, name="criterion-check"),
    path("requirements/<int:number>/criteria/<int:pk>/removal/", views.criterion_removal, name="criterion-removal"),
    path("scope-baseline/", views.scope_baseline, name="scope-baseline"),
]
