"""The page of a reader's API tokens; the endpoints are under /api/me/ (see apps.py)."""

from django.urls import path

from reader_api import views

app_name = "reader_api"
urlpatterns = [
    path("accounts/tokens/", views.tokens, name="tokens"),
    path("accounts/tokens/<int:pk>/revoke/", views.revoke, name="revoke"),
]
