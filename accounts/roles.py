"""Roles: what an account may do in the admin, as one choice for the user's page.

A role is a group with the right to open the admin. The groups Curator, Mail editor and Operator are
made by a migration and changed by migrations alone; an administrator may make others.
"""

from django.contrib.auth.models import Group

from accounts.models import User

KEPT_BY_MIGRATIONS = ("Curator", "Mail editor", "Operator")
READER, ADMINISTRATOR, MIXED = "reader", "administrator", "mixed"


def choices(user: User | None) -> list[tuple[str, str]]:
    """Choices of a form field. MIXED only for a user who has more than one role can say."""
    mixed = [(MIXED, "As it is: several groups or single permissions")]
    return [
        (READER, "Reader: no admin"),
        *[(str(group.pk), group.name) for group in Group.objects.order_by("name")],
        (ADMINISTRATOR, "Administrator: everything, also roles"),
        *(mixed if user and current_role(user) == MIXED else []),
    ]


def current_role(user: User) -> str:
    """One of `choices`; the key of a group for a user with one group."""
    if user.is_superuser and user.is_staff:
        return ADMINISTRATOR
    groups = list(user.groups.all()[:2])
    if user.is_superuser or user.user_permissions.exists() or len(groups) > 1:
        return MIXED
    if user.is_staff != bool(groups):
        return MIXED
    return str(groups[0].pk) if groups else READER


def give(user: User, role: str) -> None:
    """Replace all rights of a saved user by this role; MIXED leaves them as they are."""
    if role == MIXED:
        return
    user.is_superuser = role == ADMINISTRATOR
    user.is_staff = role != READER
    user.save(update_fields=["is_superuser", "is_staff"])
    user.groups.set([] if role in {READER, ADMINISTRATOR} else [int(role)])
    user.user_permissions.clear()


def is_privileged(user: User) -> bool:
    """Whether the account has any right in the admin, in force or not."""
    return current_role(user) != READER
