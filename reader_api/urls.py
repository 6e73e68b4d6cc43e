"""The addresses of reader api."""

from django.urls import URLPattern

app_name = "reader_api"
urlpatterns: list[URLPattern] = []
