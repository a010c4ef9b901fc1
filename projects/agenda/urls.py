"""Addresses below /projects/<code>/, below /projects/ itself, and the public one."""

from django.urls import path

from projects.agenda import views

project_urls = [
    path("schedule/calendar/", views.calendar, name="calendar"),
    path("schedule/calendar/tasks/<int:uid>/", views.calendar_move, name="calendar-move"),
]
site_urls = [
    path("calendar/", views.my_calendar, name="my-calendar"),
    path("calendar/feeds/", views.feeds, name="feeds"),
    path("calendar/feeds/<int:pk>/revocation/", views.feed_revocation, name="feed-revocation"),
]
public_urls = [path("calendars/<str:token>.ics", views.calendar_feed, name="calendar-feed")]
