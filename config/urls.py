"""Every URL of the site; the papers' and the subscriptions' own are in their `urls` modules."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from site_web.admin_site import open_policy
from site_web.healthz import healthz
from site_web.manifest import manifest
from site_web.metrics import metrics
from site_web.robots import robots

# The admin's own login page has no rate limits; allauth's has.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
open_policy(admin.site)

handler400 = "papers.api.responses.bad_request"
urlpatterns = [
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
