"""Addresses below /projects/<code>/."""

from django.urls import path

from projects.recurrence import views

project_urls = [
    path("schedule/recurring/", views.recurrence_list, name="recurrence-list"),
    path("schedule/recurring/new/", views.recurrence_new, name="recurrence-new"),
    path("schedule/recurring/<int:pk>/", views.recurrence, name="recurrence"),
    path("schedule/recurring/<int:pk>/end/", views.recurrence_end, name="recurrence-end"),
]
