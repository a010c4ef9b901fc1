"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.earned_value import views

project_urls = [
    path("budget/earned-value/", views.earned_value, name="earned-value"),
    path("budget/earned-value/export.csv", views.earned_value_export, name="earned-value-export"),
    path("budget/earned-value/rules/", views.earning_rules, name="earning-rules"),
    path("budget/earned-value/rules/<int:uid>/", views.earning_rule, name="earning-rule"),
]
