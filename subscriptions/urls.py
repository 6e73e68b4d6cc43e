"""The addresses of subscriptions."""

from django.urls import path

from subscriptions import views

app_name = "subscriptions"
urlpatterns = [
    path("subscribe", views.subscribe, name="subscribe"),
    path("subscriptions/<str:token>", views.preferences, name="preferences"),
    path("subscriptions/<str:token>/confirm", views.confirm, name="confirm"),
    path("subscriptions/<str:token>/unsubscribe", views.unsubscribe, name="unsubscribe"),
]
