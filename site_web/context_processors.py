"""Template variables for every page: name and address of the site, where links and forms lead."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject


def site(request: HttpRequest) -> dict[str, Any]:
    # Not one object named `site`: allauth's views have a variable of that name.
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "sign_in_url": reverse("account_login"),
        "contact_email": settings.CONTACT_EMAIL,
        "comments_are_on": settings.COMMENTS,
        # Where a form on a row leads back to. A row drawn anew for htmx leads where its page did.
        # Read only where there is such a form: the page that refuses a broken POST cannot read it.
        "next_page": SimpleLazyObject(lambda: request.POST.get("next") or request.get_full_path()),
    }
