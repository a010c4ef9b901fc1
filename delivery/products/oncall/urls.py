from django.urls import path

from delivery.products.oncall import views

product_urls = [  # /products/<code>/
    path("record/on-call/", views.on_call, name="on-call"),
    path("record/on-call/<int:pk>/", views.on_call_change, name="on-call-change"),
    path("record/on-call/<int:pk>/removal/", views.on_call_removal, name="on-call-removal"),
]
