"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.budget import time_views, views

project_urls = [
    path("budget/", views.budget, name="budget"),
    path("budget/phasing/", views.budget_phasing, name="budget-phasing"),
    path("budget/lines/new/", views.budget_line_new, name="budget-line-new"),
    path("budget/lines/<int:number>/", views.budget_line, name="budget-line"),
    path("budget/lines/<int:number>/removal/", views.budget_line_removal, name="budget-line-removal"),
    path("budget/expenses/", views.expense_list, name="expense-list"),
    path("budget/expenses/new/", views.expense_new, name="expense-new"),
    path("budget/expenses/<int:number>/", views.expense, name="expense-detail"),
    path("budget/expenses/<int:number>/removal/", views.expense_removal, name="expense-removal"),
    path("time/", time_views.time_list, name="time-list"),
    path("time/<int:entry_id>/", time_views.time_entry, name="time-entry"),
    path("time/<int:entry_id>/removal/", time_views.time_entry_removal, name="time-entry-removal"),
]
