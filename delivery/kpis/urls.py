from django.urls import path

from delivery.kpis import views

product_urls = [  # /products/<code>/
    path("figures/", views.figure_list, name="figures"),
    path("figures/<slug:kpi>/", views.figure, name="figure"),
]
