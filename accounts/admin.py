"""Accounts in the admin: users, groups, mail addresses and the log of changes."""

from typing import Any

from allauth.account.admin import EmailAddressAdmin as AllauthEmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.admin import AuthenticatorAdmin as AllauthAuthenticatorAdmin
from allauth.mfa.models import Authenticator
from allauth.socialaccount.admin import SocialAccountAdmin as AllauthSocialAccountAdmin
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.admin import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from accounts import roles
from accounts.admin_base import CountedDeletionMixin, ReadOnlyAdmin, visible_by_model
from accounts.curator_notes import CuratorNotesMixin
from accounts.invitations import InvitationMixin
from accounts.models import CuratorNote, User


class UserRoleForm(UserChangeForm):
    role = forms.ChoiceField(
        label="Role",
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="What this person may do in the admin.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Missing where it is shown as text: to those who may not give roles.
        if field := self.fields.get("role"):
            assert isinstance(field, forms.ChoiceField)
            field.choices = roles.choices(self.instance)
            self.initial["role"] = roles.current_role(self.instance)


@admin.register(User)
class UserAdmin(CountedDeletionMixin, CuratorNotesMixin, InvitationMixin, DjangoUserAdmin):  # type: ignore[type-arg]
    """Only administrators give roles, change accounts that have one, addresses and passwords.

    So nobody gains rights that they lack, also not by signing in as somebody else.
    """

    form = UserRoleForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ["-date_joined"]
    list_display = ["email", "name", "handle", "is_staff", "is_active", "date_joined", "last_login"]
    list_filter = ["is_staff", "is_active", "is_trusted", "groups"]
    search_fields = ["email", "name", "handle"]
    actions = ["trust", "trust_no_longer"]
    readonly_fields = ["date_joined", "last_login", "visited_at", "previous_visit_at"]
    fieldsets = [
        (None, {"fields": ["email", "name", "handle", "password"]}),
        ("Rights", {"fields": ["is_active", "is_trusted", "role"]}),
        ("When", {"fields": ["date_joined", "last_login", "visited_at", "previous_visit_at"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "password1", "password2"]})]

    @admin.display(description="Role")
    def role(self, user: User) -> str:
        return dict(roles.choices(user))[roles.current_role(user)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or request.user.is_superuser:
            return fieldsets
        return [(None, {"fields": ["email", "name", "handle"]}), *fieldsets[1:]]

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = [] if request.user.is_superuser else ["role", "email"]
        if obj == request.user:  # so that an administrator is always left
            fixed = ["role", "is_active"]
        return [*self.readonly_fields, *fixed]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_change(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj) and _may_change(request, obj)
        return may and obj != request.user

    # --- Actions on chosen rows: for curators, who may not change an account otherwise ---

    def has_trust_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.trust_user")

    @admin.action(description="Trust with papers", permissions=["trust"])
    def trust(self, request: HttpRequest, users: "QuerySet[User]") -> None:
        """What they add goes to today's page."""
        self._set_trust(request, users, trusted=True)

    @admin.action(description="No longer trust with papers", permissions=["trust"])
    def trust_no_longer(self, request: HttpRequest, users: "QuerySet[User]") -> None:
        self._set_trust(request, users, trusted=False)

    def _set_trust(self, request: HttpRequest, users: "QuerySet[User]", *, trusted: bool) -> None:
        summary = "Trusted with papers" if trusted else "No longer trusted with papers"
        changed = list(users.exclude(is_trusted=trusted))
        User.objects.filter(pk__in=[user.pk for user in changed]).update(is_trusted=trusted)
        for user in changed:
            self.log_change(request, user, summary)
        count = f"{len(changed)} account{'' if len(changed) == 1 else 's'}"
        self.message_user(request, f"{summary}: {count}.", messages.SUCCESS)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "role" in form.changed_data:
            roles.give(form.instance, form.cleaned_data["role"])


def _may_change(request: HttpRequest, user: User | None) -> bool:
    """Whether the account has no rights, or who changes it has all of them."""
    return bool(request.user.is_superuser or user is None or not roles.is_privileged(user))


# Registered by their packages, whose admin modules are imported above; again below in our theme.
admin.site.unregister([Group, EmailAddress, Authenticator, SocialAccount])
# Keys of providers come from the environment, tokens are not stored, sessions are their owner's.
admin.site.unregister([SocialApp, SocialToken, UserSession])


class AdministratorsOnlyMixin(ModelAdmin):
    """For rows that give rights: only administrators add, change or delete them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Group)
class GroupAdmin(AdministratorsOnlyMixin, DjangoGroupAdmin, ModelAdmin):
    """The groups that migrations keep are only shown; for other rights make another group."""

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Group]":
        groups: QuerySet[Group] = super().get_queryset(request)
        return groups.prefetch_related("permissions__content_type")  # named where only shown

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_own_group(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_own_group(obj)


def _is_own_group(group: Group | None) -> bool:
    return group is None or group.name not in roles.KEPT_BY_MIGRATIONS


@admin.register(EmailAddress)
class EmailAddressAdmin(AdministratorsOnlyMixin, AllauthEmailAddressAdmin, ModelAdmin):
    """Who reads a verified address can sign in to its account."""

    list_select_related = ["user"]
    autocomplete_fields = ["user"]
    raw_id_fields = ()

    @admin.action(description="Mark as verified", permissions=["change"])
    def make_verified(self, request: HttpRequest, queryset: Any) -> None:
        super().make_verified(request, queryset)


class AdministratorsOnlyRemoveMixin(AdministratorsOnlyMixin):
    """For rows that only their owner makes, and an administrator may look at and delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(Authenticator)
class AuthenticatorAdmin(AdministratorsOnlyRemoveMixin, AllauthAuthenticatorAdmin, ModelAdmin):
    """Apps, passkeys and recovery codes of two-step sign-in: deleted for who has lost them.

    The column `data`, which holds their secrets, is shown to nobody.
    """

    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    fields = ["user", "type", "created_at", "last_used_at"]


@admin.register(SocialAccount)
class SocialAccountAdmin(AdministratorsOnlyRemoveMixin, AllauthSocialAccountAdmin, ModelAdmin):
    """Accounts at ORCID, GitHub and Google that people sign in with."""

    list_select_related = ["user"]
    fields = ["user", "provider", "uid", "date_joined", "last_login"]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return ["uid", "user__email"]


@admin.register(CuratorNote)
class CuratorNoteAdmin(ReadOnlyAdmin):
    """Written where what they are about is shown; here they are found again, and deleted."""

    list_display = ["created_at", "author", "about", "text"]
    list_filter = ["content_type"]
    search_fields = ["text", "author__name"]
    list_select_related = ["author", "content_type"]
    fields = ["created_at", "author", "about", "text"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[CuratorNote]":
        notes: QuerySet[CuratorNote] = super().get_queryset(request)
        return visible_by_model(request, notes).prefetch_related("about")


@admin.register(LogEntry)
class LogEntryAdmin(ModelAdmin):
    """The log of what was done in the admin: read-only."""

    list_display = ["action_time", "user", "content_type", "object_repr", "summary"]
    list_filter = ["user", "content_type"]
    search_fields = ["object_repr", "change_message"]
    list_select_related = ["user", "content_type"]
    fields = ["action_time", "user", "content_type", "object_repr", "summary"]
    readonly_fields = ["summary"]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[LogEntry]":
        return visible_by_model(request, super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @admin.display(description="what")
    def summary(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()
