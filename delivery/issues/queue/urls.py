from django.urls import path

from delivery.issues.queue import views

urlpatterns = [  # /products/
    path("issues/", views.queue, name="queue"),
    path("issues/new/", views.queue_new, name="queue-new"),
    path("issues/views/", views.view_keep, name="saved-view-keep"),
    path("issues/views/<int:pk>/", views.view, name="saved-view"),
    path("issues/edits/", views.bulk_edit, name="bulk-edit"),
    path("issues/edits/<int:pk>/", views.bulk_done, name="bulk-edit-done"),
]
