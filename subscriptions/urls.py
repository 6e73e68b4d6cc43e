"""The addresses of subscriptions. Fixed words stand before tokens."""

from django.urls import path

from subscriptions.views import personal_data, preferences, subscribing

app_name = "subscriptions"
urlpatterns = [
    path("subscribe", subscribing.subscribe, name="subscribe"),
    path("subscriptions", preferences.mine, name="mine"),
    path("subscriptions/<str:token>", preferences.preferences, name="preferences"),
    path("subscriptions/<str:token>/confirm", subscribing.confirm, name="confirm"),
    path("subscriptions/<str:token>/unsubscribe", preferences.unsubscribe, name="unsubscribe"),
    path("subscriptions/<str:token>/data", personal_data.data, name="data"),
    path("subscriptions/<str:token>/forget", personal_data.forget, name="forget"),
    path("accounts/data/", personal_data.account_data, name="account_data"),
    path("accounts/delete/", personal_data.forget_account, name="forget_account"),
]
