"""Every URL of the site; the papers' and the subscriptions' own are in their `urls` modules."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from site_web.healthz import healthz
from site_web.manifest import manifest
from site_web.metrics import metrics
from site_web.robots import robots

handler400 = "site_web.wrong_address.bad_request"
handler500 = "papers.api.responses.server_error"
urlpatterns = [
    # Before the papers, whose last address takes any key.
    path("", include("library.urls")),
    path("", include("following.urls")),
    path("", include("interests.urls")),
    path("", include("comments.urls")),
    path("", include("profiles.urls")),
    path("", include("notifications.urls")),
    path("", include("reader_api.urls")),
    path("", include("papers.urls")),
    path("", include("subscriptions.urls")),
    path("healthz", healthz),
    path("metrics", metrics),
    path("robots.txt", robots),
    path("site.webmanifest", manifest, name="manifest"),
    path("accounts/", include("allauth.urls")),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
]
