from django.urls import path

from delivery.satisfaction import public_views, views

product_urls = [  # /products/<code>/
    path("surveys/", views.survey_list, name="survey-list"),
    path("surveys/new/", views.survey_new, name="survey-new"),
    path("surveys/<int:pk>/", views.survey_detail, name="survey-detail"),
    path("surveys/<int:pk>/closure/", views.survey_closure, name="survey-closure"),
    path(
        "surveys/<int:pk>/invitations/<int:invitation>/revocation/",
        views.invitation_revocation,
        name="invitation-revocation",
    ),
]
public_urls = [path("s/<str:token>/", public_views.survey_answer, name="survey-answer")]
