"""Accounts in the admin: users, groups, mail addresses and the log of changes."""

from typing import Any

from allauth.account.admin import EmailAddressAdmin as AllauthEmailAddressAdmin
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.admin_base import CountedDeletionMixin
from accounts.models import User


@admin.register(User)
class UserAdmin(CountedDeletionMixin, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
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


# Registered by their packages, whose admin modules are imported above; again below in our theme.
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
    """The log of what was done in the admin: read-only."""

    list_display = ["action_time", "user", "content_type", "object_repr", "summary"]
    list_filter = ["user", "content_type"]
    search_fields = ["object_repr", "change_message"]
    list_select_related = ["user", "content_type"]
    fields = ["action_time", "user", "content_type", "object_repr", "summary"]
    readonly_fields = ["summary"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @admin.display(description="what")
    def summary(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()
