from django.urls import path

from delivery.releases import calendar, views

product_urls = [  # /products/<code>/
    path("releases/", views.release_list, name="release-list"),
    path("releases/calendar/", calendar.product_calendar, name="product-release-calendar"),
    path("releases/new/", views.release_new, name="release-new"),
    path("releases/<int:pk>/", views.release_detail, name="release-detail"),
    path("releases/<int:pk>/notes/", views.release_notes, name="release-notes"),
    path("releases/<int:pk>/steps/<slug:what>/", views.release_move, name="release-move"),
    path("releases/<int:pk>/items/", views.release_items, name="release-items"),
    path("releases/<int:pk>/items/<int:item>/removal/", views.release_item_removal, name="release-item-removal"),
    path("releases/<int:pk>/checks/", views.release_checks, name="release-checks"),
    path("releases/<int:pk>/checks/<int:check>/", views.release_check, name="release-check"),
    path("releases/<int:pk>/override/", views.release_override, name="release-override"),
]
urlpatterns = [
    path("releases/", calendar.release_calendar, name="release-calendar"),
    path("releases/freezes/new/", views.freeze_new, name="freeze-new"),
    path("releases/freezes/<int:pk>/end/", views.freeze_end, name="freeze-end"),
]
