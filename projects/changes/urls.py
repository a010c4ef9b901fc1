"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.changes import item_views as items
from projects.changes import views

project_urls = [
    path("changes/", views.change_list, name="change-list"),
    path("changes/new/", views.change_new, name="change-new"),
    path("changes/export.<slug:kind>", views.change_export, name="change-export"),
    path("changes/budget-baselines/", views.budget_baselines, name="budget-baselines"),
    path("changes/<int:number>/", views.change_detail, name="change-detail"),
    path("changes/<int:number>/edit/", views.change_edit, name="change-edit"),
    path("changes/<int:number>/submission/", views.change_submission, name="change-submission"),
    path("changes/<int:number>/assessment/", views.change_assessment, name="change-assessment"),
    path("changes/<int:number>/impact/", views.change_impact, name="change-impact"),
    path("changes/<int:number>/decision/", views.change_decision, name="change-decision"),
    path("changes/<int:number>/withdrawal/", views.change_withdrawal, name="change-withdrawal"),
    path("changes/<int:number>/implementation/", views.change_implementation, name="change-implementation"),
    path("changes/<int:number>/funding/", items.funding, name="change-funding"),
    path("changes/<int:number>/budget/new/", items.money_item_new, name="change-money-new"),
    path("changes/<int:number>/requirements/<slug:action>/", items.requirement_item_new, name="change-requirement-new"),
    path("changes/<int:number>/tasks/<slug:action>/", items.task_item_new, name="change-task-new"),
    path("changes/<int:number>/<slug:what>/<int:pk>/removal/", items.item_removal, name="change-item-removal"),
]
