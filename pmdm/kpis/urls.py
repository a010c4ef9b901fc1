from django.urls import path

from pmdm.kpis import views

app_name = "kpis"
urlpatterns = [
    path("", views.portfolio, name="portfolio"),
    path("thresholds/", views.thresholds, name="thresholds"),
]
