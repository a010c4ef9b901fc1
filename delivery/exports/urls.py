from django.urls import path

from delivery.exports.views import all_list_export, list_export

urlpatterns = [path("lists/<slug:name>.<slug:kind>", all_list_export, name="all-list-export")]  # /products/
product_urls = [path("lists/<slug:name>.<slug:kind>", list_export, name="list-export")]  # /products/<code>/
