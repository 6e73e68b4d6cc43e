"""Accepted claims of a name, for the page of that author."""

from collections.abc import Iterable

from django import template

from profiles.models import Claim

register = template.Library()


@register.simple_tag
def accepted_claims(name: str) -> Iterable[Claim]:
    return Claim.objects.of_author(name).accepted()
