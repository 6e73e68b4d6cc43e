"""Serves the pictures of papers, from whatever storage keeps them."""

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.http import conditional_page, require_safe

from papers.models import Picture

MAX_AGE = 365 * 86_400  # seconds: the address names the content, so that it never changes


@require_safe
@conditional_page
def picture(request: HttpRequest, size: str, digest: str) -> HttpResponse:
    """One size of a picture, as WebP; 404 also where its paper is hidden or its file is lost."""
    get_object_or_404(Picture.objects.public(), digest=digest)
    names = Picture.file_names(digest)
    try:
        with default_storage.open(names[size]) as file:
            content = file.read()
    except (KeyError, FileNotFoundError):
        raise Http404("There is no such picture.") from None
    headers = {"ETag": f'"{size}-{digest}"'}
    response = HttpResponse(content, content_type="image/webp", headers=headers)
    patch_cache_control(response, public=True, max_age=MAX_AGE, immutable=True)
    return response
