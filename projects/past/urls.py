from django.urls import path

from projects.past import views

project_urls = [  # /projects/<code>/
    path("past/<slug:register>/", views.past, name="past"),
    path("past/<slug:register>/<int:key>/", views.past_record, name="past-record"),
    path("past/<slug:register>.csv", views.past_export, name="past-export"),
]
