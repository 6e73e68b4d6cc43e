"""URL patterns of subscriptions. Fixed words come before tokens."""

from django.urls import path

from subscriptions.views import (
    digests,
    hooks,
    notification_mails,
    personal_data,
    preferences,
    reader_sections,
    subscribing,
)

app_name = "subscriptions"
urlpatterns = [
    path("subscribe", subscribing.subscribe, name="subscribe"),
    path("digests", digests.index, name="digests"),
    path("digests/view/<str:token>", digests.view, name="view"),
    path("digests/<str:frequency>/<str:period>", digests.issue, name="issue"),
    path("feeds/digests.<feed:form>", digests.feed, name="feed"),
    path("hooks/mail/<slug:provider>", hooks.mail, name="hook"),
    path("subscriptions", preferences.mine, name="mine"),
    path("subscriptions/section", reader_sections.add, name="add_section"),
    path("subscriptions/<str:token>", preferences.preferences, name="preferences"),
    path("subscriptions/<str:token>/confirm", subscribing.confirm, name="confirm"),
    path("subscriptions/<str:token>/unsubscribe", preferences.unsubscribe, name="unsubscribe"),
    path(
        "subscriptions/<str:token>/stop-notifications",
        notification_mails.stop,
        name="stop_notifications",
    ),
    path("subscriptions/<str:token>/data", personal_data.data, name="data"),
    path("subscriptions/<str:token>/forget", personal_data.forget, name="forget"),
    path("accounts/data/", personal_data.account_data, name="account_data"),
    path("accounts/delete/", personal_data.forget_account, name="forget_account"),
]
