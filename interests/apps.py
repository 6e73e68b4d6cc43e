"""For you: papers ranked by what each reader has chosen before."""

from django.apps import AppConfig


class InterestsConfig(AppConfig):
    name = "interests"
