from django.urls import path

from handover.portal import views

urlpatterns = [
    path("portal/", views.portal, name="portal"),
    path("portal/clients/", views.clients, name="portal-clients"),
    path("portal/clients/<int:pk>/", views.as_client, name="portal-as"),
    path("products/<slug:code>/announcements/", views.announcements, name="announcements"),
    path("products/<slug:code>/announcements/<int:pk>/withdrawal/", views.withdrawal, name="announcement-withdrawal"),
]
