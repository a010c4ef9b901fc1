from django.apps import AppConfig


class ChartsConfig(AppConfig):
    name = "pmdm.charts"
    label = "charts"
