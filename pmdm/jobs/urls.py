from django.urls import path

from pmdm.jobs import views

app_name = "jobs"
urlpatterns = [
    path("failed/", views.failed, name="failed"),
    path("failed/<int:pk>/retry/", views.retry, name="retry"),
    path("work/<int:pk>/", views.work, name="work"),
]
