"""Static files as they are collected."""

import re

from django.conf import settings
from django.templatetags.static import static

SOURCES = settings.BASE_DIR / "static" / "css"


def test_style_sheet_holds_what_it_imports():
    collected = (settings.STATIC_ROOT / static("css/site.css").removeprefix("/static/")).read_text()
    imported = re.findall(r'@import "(.+)";', (SOURCES / "site.css").read_text())
    assert len(imported) > 3
    assert "@import" not in collected
    for name in imported:
        assert (SOURCES / name).read_text() in collected
