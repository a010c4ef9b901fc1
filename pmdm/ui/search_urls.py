from django.urls import path

from pmdm.ui.search_views import search

urlpatterns = [path("", search, name="search")]
