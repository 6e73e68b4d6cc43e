"""The addresses of the desk, which site_web.admin_site puts under `/admin/desk/`."""

from desk import digest_views, views

# Address, view, name.
PAGES = [
    ("act/", views.act, "desk_act"),
    ("undo/", views.undo_action, "desk_undo"),
    ("duplicates/", views.doubts, "desk_duplicates"),
    ("digest/", digest_views.digest, "desk_digest"),
    ("digest/pause/", digest_views.pause, "desk_pause"),
]
