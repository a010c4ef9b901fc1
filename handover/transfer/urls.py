from django.urls import path

from handover.transfer import views

RECORD = "projects/<slug:code>/handover/<int:number>/"

urlpatterns = [
    path("handovers/", views.handover_list, name="list"),
    path("projects/<slug:code>/handover/", views.detail, name="detail"),
    path(RECORD, views.record, name="record"),
    path(f"{RECORD}details/", views.details, name="details"),
    path(f"{RECORD}submission/", views.submission, name="submission"),
    path(f"{RECORD}withdrawal/", views.withdrawal, name="withdrawal"),
    path(f"{RECORD}review/", views.review, name="review"),
    path(f"{RECORD}remarks/", views.remark, name="remarks"),
    path(f"{RECORD}remarks/<int:pk>/answer/", views.remark_answer, name="remark-answer"),
    path(f"{RECORD}refusal/", views.refusal, name="refusal"),
    path(f"{RECORD}acceptance/", views.acceptance, name="acceptance"),
    path(f"{RECORD}rounds/<int:round>/", views.round_, name="round"),
    path(f"{RECORD}conditions/<int:pk>/", views.condition, name="condition"),
]
