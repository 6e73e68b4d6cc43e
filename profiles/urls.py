"""The addresses of profiles."""

from django.urls import path

from profiles.views import own_profile, reader

app_name = "profiles"
urlpatterns = [
    path("accounts/profile/", own_profile.own_profile, name="own_profile"),
    path("readers/<str:handle>", reader.reader, name="reader"),
]
