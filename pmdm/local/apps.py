"""The Django app that carries the commands of the local platform."""

from django.apps import AppConfig


class LocalConfig(AppConfig):
    name = "pmdm.local"
    label = "local"
