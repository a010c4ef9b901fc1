from django.urls import path

from delivery.mail import views

product_urls = [  # /products/<code>/
    path("mail/", views.mail_list, name="mail-list"),
    path("mail/address/", views.mailbox, name="mailbox"),
    path("mail/<int:pk>/", views.mail_detail, name="mail-detail"),
    path("mail/<int:pk>/decision/", views.mail_decision, name="mail-decision"),
    path("mail/<int:pk>/original.eml", views.mail_original, name="mail-original"),
    path("issues/<int:number>/attachments/<str:key>/", views.attachment, name="mail-attachment"),
]
