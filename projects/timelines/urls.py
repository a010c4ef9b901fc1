"""Addresses below /projects/<code>/ and below /projects/ itself."""

from django.urls import path

from projects.timelines import views

project_urls = [path("schedule/milestones/", views.milestones, name="milestones")]
site_urls = [path("timeline/", views.timeline, name="timeline")]
