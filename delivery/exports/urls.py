from django.urls import path

from delivery.exports.views import list_export

product_urls = [path("lists/<slug:name>.<slug:kind>", list_export, name="list-export")]  # /products/<code>/
