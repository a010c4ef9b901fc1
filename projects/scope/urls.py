"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.scope import version_views, views
from projects.scope.deliverables import views as deliverables
from projects.scope.testing import views as testing
from projects.scope.tracing import views as tracing

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
    path("deliverables/", deliverables.deliverable_list, name="deliverable-list"),
    path("deliverables/new/", deliverables.deliverable_new, name="deliverable-new"),
    path("deliverables/<int:number>/", deliverables.deliverable_detail, name="deliverable-detail"),
    path("deliverables/<int:number>/edit/", deliverables.deliverable_edit, name="deliverable-edit"),
    path("deliverables/<int:number>/submission/", deliverables.deliverable_submission, name="deliverable-submission"),
    path("deliverables/<int:number>/decision/", deliverables.deliverable_decision, name="deliverable-decision"),
    path("deliveries/new/", deliverables.delivery_new, name="delivery-new"),
    path("deliveries/<int:number>/", deliverables.delivery_detail, name="delivery-detail"),
    path("deliveries/<int:number>/submission/", deliverables.delivery_submission, name="delivery-submission"),
    path("deliveries/<int:number>/decision/", deliverables.delivery_decision, name="delivery-decision"),
    path("tests/", testing.test_list, name="test-list"),
    path("tests/cases/new/", testing.case_new, name="case-new"),
    path("tests/cases/<int:number>/", testing.case_detail, name="case-detail"),
    path("tests/cases/<int:number>/edit/", testing.case_edit, name="case-edit"),
    path("tests/sessions/new/", testing.session_new, name="session-new"),
    path("tests/sessions/<int:number>/", testing.session_detail, name="session-detail"),
    path("tests/sessions/<int:number>/closure/", testing.session_closure, name="session-closure"),
    path("tests/sessions/<int:number>/runs/<int:pk>/", testing.run_record, name="run-record"),
    path("traceability/", tracing.traceability, name="traceability"),
    path("traceability/export.<slug:kind>", tracing.traceability_export, name="traceability-export"),
    path("requirements/<int:number>/links/", tracing.link_new, name="trace-link-new"),
    path("requirements/<int:number>/links/<int:pk>/removal/", tracing.link_removal, name="trace-link-removal"),
    path("scope-baseline/", views.scope_baseline, name="scope-baseline"),
]
