from django.urls import path

from delivery.products import files, views

product_urls = [  # /products/<code>/
    path("", views.product_detail, name="detail"),
    path("files/<str:key>/", files.file, name="file"),
    path("edit/", views.product_edit, name="edit"),
    path("stage/", views.stage, name="stage"),
    path("team/", views.team, name="team"),
    path("team/<int:pk>/removal/", views.member, name="member-removal"),
    path("service-levels/", views.service_levels, name="service-level-list"),
]
urlpatterns = [
    path("", views.product_list, name="list"),
    path("new/", views.product_new, name="new"),
]
