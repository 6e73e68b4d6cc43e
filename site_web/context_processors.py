"""What every page knows about the site."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def site(request: HttpRequest) -> dict[str, str]:
    # Plain names, as allauth's views have a `site` of their own.
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "sign_in_url": reverse("account_login"),
        "contact_email": settings.CONTACT_EMAIL,
    }
