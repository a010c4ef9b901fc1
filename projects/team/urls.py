"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.team import views

project_urls = [
    path("team/", views.team, name="team"),
    path("team/<int:membership_id>/", views.team_member, name="team-member"),
    path("team/<int:membership_id>/removal/", views.team_member_removal, name="team-member-removal"),
    path("team/rates/", views.team_rates, name="team-rates"),
    path("team/resources/<int:uid>/", views.team_resource, name="team-resource"),
]
