from django.urls import path

from delivery.performance import public_views, views

product_urls = [  # /products/<code>/
    path("performance/", views.performance, name="performance"),
    path("incidents/", views.incident_list, name="incident-list"),
    path("incidents/new/", views.incident_new, name="incident-new"),
    path("incidents/<int:pk>/", views.incident_detail, name="incident-detail"),
    path("incidents/<int:pk>/end/", views.incident_end, name="incident-end"),
    path("incidents/<int:pk>/issue/", views.incident_issue, name="incident-issue"),
    path("alert-sources/", views.alert_sources, name="alert-source-list"),
    path("alert-sources/<int:pk>/revocation/", views.alert_source_revocation, name="alert-source-revocation"),
]
public_urls = [path("alerts/<str:token>/", public_views.alert_intake, name="alert-intake")]
