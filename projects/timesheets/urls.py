"""Addresses below /projects/ and /projects/<code>/."""

from django.urls import path

from projects.timesheets import approval_views, views

site_urls = [  # /projects/
    path("timesheet/", views.timesheet, name="timesheet"),
    path("timesheet/export.<slug:kind>", views.timesheet_export, name="timesheet-export"),
]
project_urls = [
    path("time/approvals/", approval_views.approvals, name="timesheet-approvals"),
    path("time/export.<slug:kind>", approval_views.time_export, name="time-export"),
]
