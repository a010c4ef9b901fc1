"""Addresses below /projects/<code>/ about its end."""

from django.urls import path

from projects.closing import cancel_views, views

project_urls = [
    path("closure/", views.closure, name="closure"),
    path("closure/report/", views.closure_report, name="closure-report"),
    path("closure/preview/", views.closure_preview, name="closure-preview"),
    path("closure/decisions/<slug:kind>/", views.closure_decisions, name="closure-decisions"),
    path("closure/submission/", views.closure_submission, name="closure-submission"),
    path("closure/withdrawal/", views.closure_withdrawal, name="closure-withdrawal"),
    path("closure/authorisation/", views.closure_authorisation, name="closure-authorisation"),
    path("cancellation/", cancel_views.cancellation, name="cancellation"),
    path("cancellation/acceptance/", cancel_views.acceptance, name="cancellation-acceptance"),
    path("cancellation/salvage/", cancel_views.salvage, name="salvage"),
    path("cancellation/salvage/<int:number>/taken/", cancel_views.salvage_taken, name="salvage-taken"),
    path("cancellation/salvage/<int:number>/removal/", cancel_views.salvage_removal, name="salvage-removal"),
]
