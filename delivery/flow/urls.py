from django.urls import path

from delivery.flow import views

product_urls = [  # /products/<code>/
    path("flow/", views.flow, name="flow"),
    path("flow/<int:days>/", views.flow, name="flow-period"),
    path("flow/<int:days>/<slug:figure>/", views.flow_rows, name="flow-rows"),
]
