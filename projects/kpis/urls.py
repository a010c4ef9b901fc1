from django.urls import path

from projects.kpis import views

project_urls = [  # /projects/<code>/
    path("figures/", views.figure_list, name="figures"),
    path("figures/<slug:kpi>/", views.figure, name="figure"),
]
