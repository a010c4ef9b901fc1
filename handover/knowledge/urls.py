from django.urls import path

from handover.knowledge import views

urlpatterns = [
    # below /projects/<code>/handover/<number>/
    path("projects/<slug:code>/handover/<int:number>/knowledge/", views.knowledge, name="knowledge"),
    path("projects/<slug:code>/handover/<int:number>/knowledge/people/", views.learners, name="learners"),
    path(
        "projects/<slug:code>/handover/<int:number>/knowledge/people/<int:pk>/removal/",
        views.learner_removal,
        name="learner-removal",
    ),
    path("projects/<slug:code>/handover/<int:number>/knowledge/topics/new/", views.topic_new, name="topic-new"),
    path("projects/<slug:code>/handover/<int:number>/knowledge/topics/<int:pk>/", views.topic_edit, name="topic-edit"),
    path(
        "projects/<slug:code>/handover/<int:number>/knowledge/topics/<int:pk>/removal/",
        views.topic_removal,
        name="topic-removal",
    ),
    path(
        "projects/<slug:code>/handover/<int:number>/knowledge/topics/<int:pk>/proofs/<int:person>/",
        views.proof,
        name="topic-proof",
    ),
    path(
        "projects/<slug:code>/handover/<int:number>/knowledge/materials/new/", views.material_new, name="material-new"
    ),
    path(
        "projects/<slug:code>/handover/<int:number>/knowledge/materials/<int:pk>/removal/",
        views.material_removal,
        name="material-removal",
    ),
    path(
        "projects/<slug:code>/handover/<int:number>/knowledge/sessions/new/",
        views.session_new,
        name="training-session-new",
    ),
    # below /products/<code>/
    path("products/<slug:code>/knowledge/", views.product_knowledge, name="product-knowledge"),
    path(
        "products/<slug:code>/knowledge/topics/<int:pk>/proofs/<int:person>/",
        views.product_proof,
        name="product-topic-proof",
    ),
]
