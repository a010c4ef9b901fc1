from django.urls import path

from pmdm.ui import views

app_name = "ui"
urlpatterns = [
    path("", views.guide, name="guide"),
    path("form/", views.guide_form, name="guide-form"),
]
