from django.urls import path

from delivery.products.decommission import views

product_urls = [  # /products/<code>/
    path("record/decommissioning/", views.decommission, name="decommission"),
    path("record/decommissioning/end/", views.decommission_end, name="decommission-end"),
    path("record/decommissioning/<slug:kind>/", views.decommission_step, name="decommission-step"),
]
