"""People in the admin: who may sign in, who may curate, and who did what."""

from typing import Any

from allauth.account.admin import EmailAddressAdmin as AllauthEmailAddressAdmin
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import CASCADE
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import User


class Counted(ModelAdmin):
    """Asks before deleting with counts of what goes along: thousands of votes have no names."""

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        counts = {str(self.opts.verbose_name_plural): len(objs)}
        for relation in self.opts.get_fields(include_hidden=True):
            if getattr(relation, "on_delete", None) is CASCADE and not relation.concrete:
                rows = relation.related_model._base_manager
                if count := rows.filter(**{f"{relation.field.name}__in": objs}).count():
                    counts[str(relation.related_model._meta.verbose_name_plural)] = count
        return [str(obj) for obj in objs], counts, set(), []


@admin.register(User)
class UserAdmin(Counted, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ["-date_joined"]
    list_display = ["email", "name", "is_staff", "is_active", "date_joined", "last_login"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email", "name"]
    readonly_fields = ["date_joined", "last_login", "visited_at", "previous_visit_at"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        ("May", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("When", {"fields": ["date_joined", "last_login", "visited_at", "previous_visit_at"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "password1", "password2"]})]


# Those of packages, in our theme. Imported above, so that they are registered by now.
admin.site.unregister([Group, EmailAddress])


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    pass


@admin.register(EmailAddress)
class EmailAddressAdmin(AllauthEmailAddressAdmin, ModelAdmin):
    list_select_related = ["user"]
    autocomplete_fields = ["user"]
    raw_id_fields = ()


@admin.register(LogEntry)
class LogEntryAdmin(ModelAdmin):
    """The desk's own journal: nobody writes in it by hand."""

    list_display = ["action_time", "user", "content_type", "object_repr", "said"]
    list_filter = ["user", "content_type"]
    search_fields = ["object_repr", "change_message"]
    list_select_related = ["user", "content_type"]
    fields = ["action_time", "user", "content_type", "object_repr", "said"]
    readonly_fields = ["said"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @admin.display(description="what")
    def said(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()
