from django.urls import path

from delivery.flow import views

urlpatterns = [  # /products/
    path("flow/", views.all_flow, name="all-flow"),
    path("flow/<int:days>/", views.all_flow, name="all-flow-period"),
    path("flow/<int:days>/<slug:figure>/", views.all_flow_rows, name="all-flow-rows"),
]
product_urls = [  # /products/<code>/
    path("flow/", views.flow, name="flow"),
    path("flow/<int:days>/", views.flow, name="flow-period"),
    path("flow/<int:days>/<slug:figure>/", views.flow_rows, name="flow-rows"),
]
