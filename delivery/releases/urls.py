from django.urls import path

from delivery.releases import views

product_urls = [  # /products/<code>/
    path("releases/", views.release_list, name="release-list"),
    path("releases/new/", views.release_new, name="release-new"),
    path("releases/<int:pk>/", views.release_detail, name="release-detail"),
]
