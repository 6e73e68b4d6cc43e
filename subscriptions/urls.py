"""The addresses of subscriptions."""

from django.http import HttpResponse
from django.urls import path

app_name = "subscriptions"
urlpatterns = [path("subscribe", lambda request: HttpResponse("soon"), name="subscribe")]
