from django.urls import path

from delivery.risks import views

product_urls = [  # /products/<code>/
    path("risks/", views.risk_list, name="risk-list"),
    path("risks/new/", views.risk_new, name="risk-new"),
    path("risks/<int:number>/", views.risk_detail, name="risk-detail"),
    path("risks/<int:number>/tests/", views.risk_test, name="risk-test"),
    path("risks/<int:number>/incidents/", views.risk_incident, name="risk-incident"),
    path("risks/<int:number>/incidents/<int:pk>/removal/", views.risk_incident_removal, name="risk-incident-removal"),
    path("risks/<int:number>/closure/", views.risk_closure, name="risk-closure"),
]
