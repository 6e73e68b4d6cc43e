"""Titles and colours of the admin, for django-unfold."""

from typing import Any

# The light end is the site's warm paper and ink, the dark end its ink-blue night.
COLORS = {
    "base": {
        "50": "#faf6ee",
        "100": "#f2ebdd",
        "200": "#e0d6c5",
        "300": "#cfc6b8",
        "400": "#9a9eac",
        "500": "#6f6457",
        "600": "#5b5147",
        "700": "#2e3a55",
        "800": "#202b43",
        "900": "#1a2337",
        "950": "#131a2a",
    },
    "primary": {
        "50": "#fdf2ee",
        "100": "#fbe0d7",
        "200": "#f7c3b3",
        "300": "#f7a48b",
        "400": "#ff8360",
        "500": "#e0532f",
        "600": "#bf3415",
        "700": "#a02a10",
        "800": "#83240f",
        "900": "#6c2212",
        "950": "#3b0e06",
    },
    "font": {
        "subtle-light": "#6f6457",
        "subtle-dark": "#9a9eac",
        "default-light": "#5b5147",
        "default-dark": "#cfc6b8",
        "important-light": "#221c16",
        "important-dark": "#ece6da",
    },
}


def unfold(site_name: str) -> dict[str, Any]:
    return {
        "SITE_TITLE": site_name,
        "SITE_HEADER": site_name,
        "SITE_ICON": "site_web.admin_site.icon_url",
        "SITE_FAVICONS": [
            {"rel": "icon", "type": "image/svg+xml", "href": "site_web.admin_site.icon_url"}
        ],
        "STYLES": ["site_web.admin_site.stylesheet_url"],
        "SCRIPTS": ["site_web.admin_site.script_url"],
        "DASHBOARD_CALLBACK": "site_web.admin_site.dashboard_context",
        "SIDEBAR": {"show_search": True, "navigation": "site_web.admin_site.sidebar_groups"},
        "BORDER_RADIUS": "3px",
        "COLORS": COLORS,
    }
