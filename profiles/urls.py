"""The addresses of profiles."""

from django.urls import path

from profiles.views import claim, own_profile, reader

app_name = "profiles"
urlpatterns = [
    path("accounts/profile/", own_profile.own_profile, name="own_profile"),
    path("readers/<str:handle>", reader.reader, name="reader"),
    path("authors/claim", claim.claim, name="claim"),
    path("claims/<str:token>", claim.confirm, name="confirm_claim"),
    path("me/claims", claim.claims, name="claims"),
    path("me/claims/<int:pk>/<slug:what>", claim.change, name="change_claim"),
]
