from django.urls import path

from delivery.past import views

product_urls = [  # /products/<code>/
    path("past/<slug:register>/", views.past, name="past"),
    path("past/<slug:register>.csv", views.past_export, name="past-export"),
]
