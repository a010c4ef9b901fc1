"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.control import views

project_urls = [
    path("schedule/control/", views.control, name="control"),
    path("schedule/control/milestones/", views.milestone_trend, name="milestone-trend"),
]
