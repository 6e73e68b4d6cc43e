"""The time zones that forms accept, those that they offer, and times in them in words."""

from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

REGIONS = ["Africa", "America", "Antarctica", "Arctic", "Asia"]
REGIONS += ["Atlantic", "Australia", "Europe", "Indian", "Pacific"]
# For browsers without JavaScript. In the names of zones the sign is turned round: Etc/GMT-2 is
# two hours ahead of UTC.
UTC_OFFSETS = [
    ("UTC", "the same as UTC"),
    *((f"Etc/GMT-{hours}", f"{hours} h ahead of UTC") for hours in range(1, 6)),
    ("Asia/Kolkata", "5½ h ahead of UTC"),
    *((f"Etc/GMT-{hours}", f"{hours} h ahead of UTC") for hours in range(6, 15)),
    *((f"Etc/GMT+{hours}", f"{hours} h behind UTC") for hours in range(1, 13)),
]


@cache
def accepted_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def offered_zones() -> frozenset[str]:
    return frozenset({"UTC"} | {zone for _, zones in zone_choices()[1:] for zone, _ in zones})


@cache
def zone_choices() -> list[Any]:
    """Choices of a Django form field: UTC, then a group of zones for each region."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(accepted_zones()):
        region, _, place = zone.partition("/")
        if region in REGIONS:
            regions.setdefault(region, []).append((zone, place.replace("_", " ")))
    return [("UTC", "UTC"), *regions.items()]


def zone_in_words(zone: str) -> str:
    """Without the underscores and the inverted sign of its name: `America/New York`, `UTC+2`."""
    if zone.startswith(("Etc/GMT+", "Etc/GMT-")):
        return "UTC" + zone.removeprefix("Etc/GMT").translate(str.maketrans("+-", "-+"))
    return zone.replace("_", " ")


def moment_in_words(moment: datetime, zone: ZoneInfo) -> str:
    """As `Saturday 15 March at 07:00 (Europe/Berlin)`."""
    local = moment.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B} at {local:%H:%M} ({zone_in_words(zone.key)})"
