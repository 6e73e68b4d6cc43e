"""Makes our admin site the one of `django.contrib.admin`."""

from django.contrib.admin.apps import AdminConfig


class SiteAdminConfig(AdminConfig):
    default_site = "site_web.admin_site.CurationAdminSite"
