from django.urls import path

from delivery.products.landscape import views

product_urls = [  # /products/<code>/
    path("record/environments/new/", views.environment_new, name="environment-new"),
    path("record/environments/<int:pk>/", views.environment_detail, name="environment-detail"),
    path("record/environments/<int:pk>/deployments/", views.environment_deployments, name="environment-deployments"),
    path("record/components/", views.component_list, name="component-list"),
    path("record/components/new/", views.component_new, name="component-new"),
    path("record/components/<int:pk>/", views.component_detail, name="component-detail"),
    path("record/components/<int:pk>/removal/", views.component_removal, name="component-removal"),
    path("record/components/<int:pk>/needs/", views.component_dependencies, name="component-needs"),
    path("record/components/<int:pk>/needs/<int:link>/removal/", views.dependency_removal, name="dependency-removal"),
]
