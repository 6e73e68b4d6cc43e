"""Our own account page; allauth's are beside it, under the same /accounts/."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [path("profile/", views.profile, name="profile")]
