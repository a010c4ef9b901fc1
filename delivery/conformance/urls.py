from django.urls import path

from delivery.conformance import views

product_urls = [  # /products/<code>/
    path("requirements/", views.requirement_list, name="requirement-list"),
    path("requirements/<int:number>/", views.requirement_detail, name="requirement-detail"),
]
