from django.urls import path

from delivery.complaints import views

product_urls = [  # /products/<code>/; a complaint has the number of its issue
    path("complaints/", views.complaint_list, name="complaint-list"),
    path("complaints/<int:number>/", views.complaint, name="complaint"),
    path("complaints/<int:number>/acknowledgement/", views.acknowledgement, name="complaint-acknowledgement"),
    path("complaints/<int:number>/verdict/", views.verdict, name="complaint-verdict"),
    path("complaints/<int:number>/remedy/", views.remedy, name="complaint-remedy"),
    path("complaints/<int:number>/word/", views.word, name="complaint-word"),
]
