"""The addresses of notifications."""

from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("me/notifications", views.notifications, name="notifications"),
    path("me/notifications/read", views.mark_read, name="mark_read"),
    path("me/notifications/email", views.choose_mail, name="choose_mail"),
]
