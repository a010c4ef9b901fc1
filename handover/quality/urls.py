from django.urls import path

from handover.quality import views

urlpatterns = [path("projects/<slug:code>/handover/<int:number>/quality/", views.quality, name="quality")]
