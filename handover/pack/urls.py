from django.urls import path

from handover.pack import views

urlpatterns = [
    path("projects/<slug:code>/handover/<int:number>/pack/", views.pack, name="pack"),
    path(
        "projects/<slug:code>/handover/<int:number>/pack/<int:pack_number>.zip.sha256",
        views.checksum,
        name="pack-checksum",
    ),
]
