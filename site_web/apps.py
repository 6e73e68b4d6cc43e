"""Makes our admin site the one of `django.contrib.admin`, and registers the checks of settings."""

from django.contrib.admin.apps import AdminConfig


class SiteAdminConfig(AdminConfig):
    default_site = "site_web.admin_site.CurationAdminSite"

    def ready(self) -> None:
        from site_web import deploy_checks  # reads the settings

        super().ready()
        deploy_checks.register_all()
