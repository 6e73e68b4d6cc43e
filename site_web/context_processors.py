"""Template variables for every page: the site's name and address, sign-in link, contact."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def site(request: HttpRequest) -> dict[str, Any]:
    # Not one object named `site`: allauth's views have a variable of that name.
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "sign_in_url": reverse("account_login"),
        "contact_email": settings.CONTACT_EMAIL,
        "comments_are_on": settings.COMMENTS,
    }
