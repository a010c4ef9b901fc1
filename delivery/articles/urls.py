from django.urls import path

from delivery.articles import views

product_urls = [  # /products/<code>/
    path("articles/", views.article_list, name="article-list"),
    path("articles/new/", views.article_new, name="article-new"),
    path("articles/<int:number>/", views.article_detail, name="article-detail"),
    path("articles/<int:number>/vote/", views.article_vote, name="article-vote"),
    path("articles/<int:number>/review/", views.article_review, name="article-review"),
    path("articles/<int:number>/states/<slug:state>/", views.article_state, name="article-state"),
]
