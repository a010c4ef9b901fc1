from django.urls import path

from delivery.products.agreements import views

product_urls = [  # /products/<code>/
    path("record/contracts/", views.agreement_list, name="agreement-list"),
    path("record/contracts/new/", views.agreement_new, name="agreement-new"),
    path("record/contracts/<int:pk>/", views.agreement_detail, name="agreement-detail"),
    path("record/contracts/<int:pk>/end/", views.agreement_end, name="agreement-end"),
]
