from django.urls import path

from handover.story import views

urlpatterns = [
    path("stories/<slug:code>/", views.story, name="story"),
    path("stories/<slug:code>/requirements/<int:number>/", views.requirement_thread, name="thread"),
]
