from django.urls import path

from handover.followon import views

urlpatterns = [
    path("products/<slug:code>/follow-on/", views.follow_on, name="follow-on"),
    path("products/<slug:code>/complaints/<int:number>/need/", views.need, name="need"),
]
