"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.sprints import views

project_urls = [
    path("schedule/sprints/", views.sprint_list, name="sprint-list"),
    path("schedule/sprints/new/", views.sprint_new, name="sprint-new"),
    path("schedule/sprints/<int:number>/", views.sprint, name="sprint"),
    path("schedule/sprints/<int:number>/edit/", views.sprint_edit, name="sprint-edit"),
    path("schedule/sprints/<int:number>/tasks/", views.sprint_tasks, name="sprint-tasks"),
    path("schedule/sprints/<int:number>/start/", views.sprint_start, name="sprint-start"),
    path("schedule/sprints/<int:number>/closure/", views.sprint_closure, name="sprint-closure"),
]
