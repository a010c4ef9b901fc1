"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.risks.views import issues, risks

project_urls = [
    path("risks/", risks.risk_list, name="risk-list"),
    path("risks/new/", risks.risk_new, name="risk-new"),
    path("risks/<int:number>/", risks.risk_detail, name="risk-detail"),
    path("risks/<int:number>/edit/", risks.risk_edit, name="risk-edit"),
    path("risks/<int:number>/closure/", risks.risk_closure, name="risk-closure"),
    path("risks/<int:number>/occurrence/", risks.risk_occurrence, name="risk-occurrence"),
    path("risks/<int:number>/reopening/", risks.risk_reopening, name="risk-reopening"),
    path("issues/", issues.issue_list, name="issue-list"),
    path("issues/new/", issues.issue_new, name="issue-new"),
    path("issues/<int:number>/", issues.issue_detail, name="issue-detail"),
    path("issues/<int:number>/edit/", issues.issue_edit, name="issue-edit"),
    path("issues/<int:number>/start/", issues.issue_start, name="issue-start"),
    path("issues/<int:number>/closure/", issues.issue_closure, name="issue-closure"),
    path("issues/<int:number>/reopening/", issues.issue_reopening, name="issue-reopening"),
]
