"""For you: papers ranked by what each reader has chosen before."""

from django.apps import AppConfig


class InterestsConfig(AppConfig):
    name = "interests"

    def ready(self) -> None:
        from following.private_feeds import FeedKind, register_feed_kind
        from interests.feed import for_you_feed

        label = "The papers that fit your interests"
        register_feed_kind(FeedKind("for-you", label, for_you_feed))
