from django.urls import path

from projects.lessons import views

site_urls = [  # /projects/
    path("lessons/", views.all_lessons, name="lessons"),
    path("lessons/export.csv", views.all_lessons_export, name="lessons-export"),
    path("lessons/<int:pk>/", views.lesson, name="lesson"),
]
project_urls = [  # /projects/<code>/
    path("lessons/", views.lesson_list, name="lesson-list"),
    path("lessons/export.csv", views.lesson_export, name="lesson-export"),
    path("lessons/new/", views.lesson_new, name="lesson-new"),
    path("lessons/offers/", views.lesson_offers, name="lesson-offers"),
    path("lessons/offers/<int:pk>/verdict/", views.lesson_verdict, name="lesson-verdict"),
    path("lessons/offers/<int:pk>/risk/", views.lesson_risk, name="lesson-risk"),
    path("lessons/offers/<int:pk>/task/", views.lesson_task, name="lesson-task"),
    path("lessons/<int:number>/", views.lesson_detail, name="lesson-detail"),
    path("lessons/<int:number>/edit/", views.lesson_edit, name="lesson-edit"),
    path("lessons/<int:number>/publication/", views.lesson_publication, name="lesson-publication"),
    path("lessons/<int:number>/withdrawal/", views.lesson_withdrawal, name="lesson-withdrawal"),
]
