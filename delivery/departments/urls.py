from django.urls import path

from delivery.departments import views

product_urls = [  # /products/<code>/
    path("requests/", views.request_list, name="department-request-list"),
    path("requests/new/", views.request_new, name="department-request-new"),
    path("roadblocks/", views.roadblock_list, name="roadblock-list"),
    path("roadblocks/new/", views.roadblock_new, name="roadblock-new"),
    path("roadblocks/<int:number>/", views.roadblock_detail, name="roadblock"),
    path("roadblocks/<int:number>/<slug:step>/", views.roadblock_step, name="roadblock-step"),
]
urlpatterns = [  # /products/; also for people of the department who have no role on the product
    path("requests/", views.my_department, name="my-department"),
    path("requests/<int:pk>/", views.request_detail, name="department-request"),
    path("requests/<int:pk>/<slug:step>/", views.request_step, name="department-request-step"),
]
