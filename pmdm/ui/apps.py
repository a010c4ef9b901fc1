from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "pmdm.ui"
    label = "ui"
