from django.urls import path

from handover.signoff import views

urlpatterns = [
    # below /projects/<code>/handover/<number>/
    path("projects/<slug:code>/handover/<int:number>/signoff/", views.signoff, name="signoff"),
    path("projects/<slug:code>/handover/<int:number>/signoff/content.json", views.content_file, name="signed-content"),
    path(
        "projects/<slug:code>/handover/<int:number>/signoff/<int:pk>/removal/",
        views.signer_removal,
        name="signer-removal",
    ),
    path("projects/<slug:code>/handover/<int:number>/signoff/<int:pk>/delegate/", views.delegate, name="delegate"),
    path("projects/<slug:code>/handover/<int:number>/signoff/<int:pk>/signature/", views.signature, name="signature"),
]
