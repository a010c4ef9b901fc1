from django.urls import path

from delivery.issues.aids import views

product_urls = [  # /products/<code>/
    path("aids/", views.aid_list, name="aid-list"),
    path("aids/answers/<int:pk>/removal/", views.answer_removal, name="answer-removal"),
    path("aids/checklists/<int:pk>/removal/", views.checklist_removal, name="checklist-removal"),
    path("issues/<int:number>/checklist/", views.issue_checklist, name="issue-checklist"),
]
