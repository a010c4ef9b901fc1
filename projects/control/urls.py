"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.control import estimate_views, quality, simulation_views, views

project_urls = [
    path("schedule/control/", views.control, name="control"),
    path("schedule/control/milestones/", views.milestone_trend, name="milestone-trend"),
    path("schedule/control/quality/", quality.schedule_quality, name="schedule-quality"),
    path("schedule/control/estimates/", estimate_views.estimate_list, name="estimate-list"),
    path("schedule/control/simulation/", simulation_views.simulation, name="simulation"),
    path("schedule/control/simulation/<int:number>/", simulation_views.simulation_detail, name="simulation-detail"),
]
