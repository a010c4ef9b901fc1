from django.urls import path

from delivery.performance import alert_views, public_views, views

product_urls = [  # /products/<code>/
    path("performance/", views.performance, name="performance"),
    path("incidents/", views.incident_list, name="incident-list"),
    path("incidents/new/", views.incident_new, name="incident-new"),
    path("incidents/<int:pk>/", views.incident_detail, name="incident-detail"),
    path("incidents/<int:pk>/end/", views.incident_end, name="incident-end"),
    path("incidents/<int:pk>/issue/", views.incident_issue, name="incident-issue"),
    path("alert-sources/", alert_views.alert_sources, name="alert-source-list"),
    path("alert-sources/<int:pk>/rotation/", alert_views.alert_source_rotation, name="alert-source-rotation"),
    path("alert-sources/<int:pk>/key/", alert_views.alert_source_key, name="alert-source-key"),
    path("alert-sources/<int:pk>/revocation/", alert_views.alert_source_revocation, name="alert-source-revocation"),
    path("alert-messages/", alert_views.delivery_list, name="alert-delivery-list"),
    path("alert-messages/<int:pk>/", alert_views.delivery_detail, name="alert-delivery-detail"),
    path("alert-messages/<int:pk>/replay/", alert_views.delivery_replay, name="alert-delivery-replay"),
]
public_urls = [
    path("alerts/", public_views.alert_intake, name="alert-intake-by-header"),
    path("alerts/<str:token>/", public_views.alert_intake, name="alert-intake"),
]
