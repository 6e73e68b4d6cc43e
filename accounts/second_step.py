"""Two-step sign-in by allauth.mfa: who must set it up, and how its parts are called."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings

SECOND_STEPS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


def must_be_set_up(user: Any) -> bool:
    """Whether the admin stays closed to this member of the staff until they have a second step."""
    needed = settings.ADMIN_NEEDS_SECOND_STEP and user.is_active and user.is_staff
    return bool(needed) and not is_mfa_enabled(user, SECOND_STEPS)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong or too old. Please enter the one shown now.",
        "cannot_generate_recovery_codes": "First add an app or a passkey.",
    }

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": settings.SITE_NAME}
