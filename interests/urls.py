"""The addresses of *For you* and of interests."""

from django.urls import path

from interests.views import for_you, interest
from papers.web import url_converters  # noqa: F401  (registers `key`)

app_name = "interests"
urlpatterns = [
    path("papers/for-you", for_you.for_you, name="for_you"),
    path("me/interests", interest.interests, name="interests"),
    path("me/interests/<int:interest_id>", interest.interest, name="interest"),
    path("me/interests/<int:interest_id>/delete", interest.delete, name="delete"),
    *(
        path(
            f"me/interests/<int:interest_id>/words/{decision}",
            interest.decide_on_word,
            {"decision": decision},
            name=f"{decision}_word",
        )
        for decision in ("add", "remove", "forget")
    ),
    *(
        path(
            f"me/interests/<int:interest_id>/papers/<key:key>/{decision}",
            interest.decide_on_paper,
            {"decision": decision},
            name=f"paper_{decision}",
        )
        for decision in ("for", "against", "forget")
    ),
]
