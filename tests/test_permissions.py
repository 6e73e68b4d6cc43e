"""Who may do what: every address of the site, and every action of the admin, for every role.

An address or an action without a row fails here. Add its row: who may use it is a decision.
"""

import re
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.http.response import HttpResponseBase
from django.template import Origin
from django.template.loaders.base import Loader as BaseLoader
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from accounts.models import CuratorNote, User
from comments.models import Comment
from library.models import ReadingList
from papers.models import (
    Alias,
    Backfill,
    EmbeddingJob,
    PaperTopic,
    Poll,
    Report,
    Source,
    Submission,
    Tombstone,
    Upvote,
    VoteRing,
)
from profiles.models import Claim
from subscriptions.models import MailEvent, Suppression
from tests.factories import MARCH_14, a_paper, a_topic, a_user
from tests.subscriptions.factories import FRIDAY_8AM, a_delivery, a_subscriber

pytestmark = pytest.mark.sweep

make_roles = import_module("subscriptions.migrations.0004_groups_of_roles").make_roles
list_rights = import_module("library.migrations.0003_curators_decide").give_rights

ROLES = ["anonymous", "reader", "staff", "curator", "mail editor", "operator", "superuser"]

# + the page is there · > redirect to sign in, or from there · - refused (401, 403)
# Reader: no role. Staff: may open the admin and has no other right.
ADDRESSES = """
#                                                        anon reader staff curator mail oper super
GET  /                                                      +    +     +      +     +    +    +
GET  papers                                                 +    +     +      +     +    +    +
GET  papers/date/<str:day>                                  +    +     +      +     +    +    +
GET  papers/week/<str:week>                                 +    +     +      +     +    +    +
GET  papers/month/<str:month>                               +    +     +      +     +    +    +
GET  papers/trending                                        +    +     +      +     +    +    +
GET  papers/<path:key>                                      +    +     +      +     +    +    +
GET  papers/<key:key>/card.png                              +    +     +      +     +    +    +
GET  pictures/<str:size>/<str:digest>.webp                  +    +     +      +     +    +    +
GET  papers/<key:key>.<form:form>                           +    +     +      +     +    +    +
POST papers/<key:key>/upvote                                >    +     +      +     +    +    +
POST papers/<key:key>/save                                  >    +     +      +     +    +    +
POST papers/<key:key>/unsave                                >    +     +      +     +    +    +
POST papers/<key:key>/report                                >    +     +      +     +    +    +
POST papers/<key:key>/unvote                                >    +     +      +     +    +    +
GET  abs/<path:spelling>                                    +    +     +      +     +    +    +
GET  html/<path:spelling>                                   +    +     +      +     +    +    +
GET  pdf/<path:spelling>                                    +    +     +      +     +    +    +
GET  search                                                 +    +     +      +     +    +    +
GET  authors                                                +    +     +      +     +    +    +
GET  topics                                                 +    +     +      +     +    +    +
GET  topics/<slug:slug>                                     +    +     +      +     +    +    +
# A reader without a confirmed address gets an email with a link.
GET  submit                                                 >    +     +      +     +    +    +
POST submit/confirm                                         >    +     +      +     +    +    +
GET  submit/by-hand                                         >    +     +      +     +    +    +
POST papers/<key:key>/comments                              >    +     +      +     +    +    +
GET  comments/<int:pk>                                      +    +     +      +     +    +    +
POST comments/<int:pk>/edit                                 >    +     +      +     +    +    +
POST comments/<int:pk>/delete                               >    +     +      +     +    +    +
POST comments/<int:pk>/upvote                               >    +     +      +     +    +    +
POST comments/<int:pk>/unvote                               >    +     +      +     +    +    +
POST comments/<int:pk>/report                               >    +     +      +     +    +    +
GET  me/comments                                            >    +     +      +     +    +    +
GET  comments                                               +    +     +      +     +    +    +
GET  feeds/comments.<feed:form>                             +    +     +      +     +    +    +
GET  feeds/papers/<key:key>/comments.<feed:form>            +    +     +      +     +    +    +
GET  me/submitted                                           >    +     +      +     +    +    +
POST papers/<key:key>/note                                  >    +     +      +     +    +    +
GET  me/lists                                               >    +     +      +     +    +    +
# A list is its owner's; to others it is a 404, unless it is public.
GET  lists/<slug:list_key>                                       +    +     +      +     +    +    +
GET  lists/<slug:list_key>.<feed:form>                           +    +     +      +     +    +    +
GET  lists/<slug:list_key>.<references:form>                     +    +     +      +     +    +    +
POST lists/<slug:list_key>/edit                                  >    +     +      +     +    +    +
POST lists/<slug:list_key>/report                                >    +     +      +     +    +    +
POST lists/<slug:list_key>/delete                                >    +     +      +     +    +    +
POST lists/<slug:list_key>/add                                   >    +     +      +     +    +    +
POST lists/<slug:list_key>/remove                                >    +     +      +     +    +    +
POST lists/<slug:list_key>/move                                  >    +     +      +     +    +    +
POST papers/<key:key>/unread                                >    +     +      +     +    +    +
GET  me                                                     +    +     +      +     +    +    +
GET  me/saved                                               >    +     +      +     +    +    +
GET  me/upvoted                                             >    +     +      +     +    +    +
GET  me/read                                                >    +     +      +     +    +    +
POST me/read/clear                                          >    +     +      +     +    +    +
GET  me/import                                              >    +     +      +     +    +    +
GET  me/export.json                                         >    +     +      +     +    +    +
GET  me/export.<references:form>                            >    +     +      +     +    +    +
GET  me/follows                                             >    +     +      +     +    +    +
GET  me/follows/papers                                      >    +     +      +     +    +    +
POST me/follows/follow                                      >    +     +      +     +    +    +
POST me/follows/<int:pk>/unfollow                           >    +     +      +     +    +    +
POST me/follows/mute                                        >    +     +      +     +    +    +
POST me/follows/<int:pk>/unmute                             >    +     +      +     +    +    +
POST me/follows/feeds/<slug:kind>/renew                     >    +     +      +     +    +    +
POST me/follows/feeds/<slug:kind>/revoke                    >    +     +      +     +    +    +
GET  papers/for-you                                         >    +     +      +     +    +    +
GET  me/interests                                           >    +     +      +     +    +    +
GET  me/interests/<int:interest_id>                         >    +     +      +     +    +    +
POST me/interests/<int:interest_id>/delete                  >    +     +      +     +    +    +
POST me/interests/<int:interest_id>/words/add               >    +     +      +     +    +    +
POST me/interests/<int:interest_id>/words/remove            >    +     +      +     +    +    +
POST me/interests/<int:interest_id>/words/forget            >    +     +      +     +    +    +
POST me/interests/<int:interest_id>/papers/<key:key>/for    >    +     +      +     +    +    +
POST me/interests/<int:interest_id>/papers/<key:key>/against >   +     +      +     +    +    +
POST me/interests/<int:interest_id>/papers/<key:key>/forget >    +     +      +     +    +    +
POST me/saved/from-browser                                  -    +     +      +     +    +    +
GET  me/notifications                                       >    +     +      +     +    +    +
POST me/notifications/read                                  >    +     +      +     +    +    +
POST me/notifications/email                                 >    +     +      +     +    +    +
GET  readers/<str:handle>                                   +    +     +      +     +    +    +
GET  authors/claim                                          >    +     +      +     +    +    +
GET  claims/<str:token>                                     >    +     +      +     +    +    +
GET  me/claims                                              >    +     +      +     +    +    +
POST me/claims/<int:pk>/<slug:what>                         >    +     +      +     +    +    +
GET  about                                                  +    +     +      +     +    +    +
GET  about/ranking                                          +    +     +      +     +    +    +
GET  status                                                 +    +     +      +     +    +    +
GET  log                                                    +    +     +      +     +    +    +
GET  sitemap.xml                                            +    +     +      +     +    +    +
GET  sitemap-<slug:section>.xml                             +    +     +      +     +    +    +
GET  feed                                                   +    +     +      +     +    +    +
GET  rss                                                    +    +     +      +     +    +    +
GET  atom.xml                                               +    +     +      +     +    +    +
GET  robots.txt                                             +    +     +      +     +    +    +
GET  site.webmanifest                                       +    +     +      +     +    +    +
GET  healthz                                                +    +     +      +     +    +    +
GET  metrics                                                -    -     +      +     +    +    +
GET  feed                                                   +    +     +      +     +    +    +
GET  atom.xml                                               +    +     +      +     +    +    +
GET  rss                                                    +    +     +      +     +    +    +
GET  feeds/daily.<feed:form>                                +    +     +      +     +    +    +
GET  feeds/day/<str:name>.<feed:form>                       +    +     +      +     +    +    +
GET  feeds/week/<str:name>.<feed:form>                      +    +     +      +     +    +    +
GET  feeds/month/<str:name>.<feed:form>                     +    +     +      +     +    +    +
GET  feeds/trending.<feed:form>                             +    +     +      +     +    +    +
GET  feeds/topics/<str:name>.<feed:form>                    +    +     +      +     +    +    +
GET  feeds/authors.<feed:form>                              +    +     +      +     +    +    +
GET  feeds/search.<feed:form>                               +    +     +      +     +    +    +
GET  feeds/log.<feed:form>                                  +    +     +      +     +    +    +
GET  feeds/digests.<feed:form>                              +    +     +      +     +    +    +
GET  api/docs                                               +    +     +      +     +    +    +
GET  api/openapi.json                                       +    +     +      +     +    +    +
GET  api/daily_papers                                       +    +     +      +     +    +    +
GET  api/papers                                             +    +     +      +     +    +    +
GET  api/papers/search                                      +    +     +      +     +    +    +
GET  api/papers/<path:id>                                   +    +     +      +     +    +    +
# A token instead of a session: without one 401, whoever is signed in.
GET  api/me/saves                                           -    -     -      -     -    -    -
PUT  api/me/saves/<path:id>                                 -    -     -      -     -    -    -
GET  api/me/upvotes                                         -    -     -      -     -    -    -
PUT  api/me/upvotes/<path:id>                               -    -     -      -     -    -    -
GET  api/me/notes                                           -    -     -      -     -    -    -
PUT  api/me/notes/<path:id>                                 -    -     -      -     -    -    -
POST api/me/lists                                           -    -     -      -     -    -    -
PUT  api/me/lists/<key>                                     -    -     -      -     -    -    -
PUT  api/me/lists/<key>/papers/<path:id>                    -    -     -      -     -    -    -
GET  api/                                                   +    +     +      +     +    +    +
GET  api/(?P<rest>[\\s\\S]+)                                 +    +     +      +     +    +    +
GET  subscribe                                              +    +     +      +     +    +    +
GET  digests                                                +    +     +      +     +    +    +
GET  digests/<str:frequency>/<str:period>                   +    +     +      +     +    +    +
# Whoever holds a mailed link, or the address of a private feed; a forged one is a 404.
GET  feeds/private/<str:token>.<feed:form>                  +    +     +      +     +    +    +
GET  digests/view/<str:token>                               +    +     +      +     +    +    +
GET  subscriptions/<str:token>                              +    +     +      +     +    +    +
GET  subscriptions/<str:token>/confirm                      +    +     +      +     +    +    +
GET  subscriptions/<str:token>/unsubscribe                  +    +     +      +     +    +    +
GET  subscriptions/<str:token>/stop-notifications           +    +     +      +     +    +    +
GET  subscriptions/<str:token>/data                         +    +     +      +     +    +    +
GET  subscriptions/<str:token>/forget                       +    +     +      +     +    +    +
# Programs that know HOOK_SECRET; without it in the settings a 404.
POST hooks/mail/<slug:provider>                             +    +     +      +     +    +    +
# A reader's own account.
GET  subscriptions                                          >    +     +      +     +    +    +
POST subscriptions/section                                   >    +     +      +     +    +    +
GET  accounts/data/                                         >    +     +      +     +    +    +
GET  accounts/delete/                                       >    >     >      >     >    >    >
GET  accounts/profile/                                      >    +     +      +     +    +    +
GET  accounts/tokens/                                       >    +     +      +     +    +    +
POST accounts/tokens/<int:pk>/revoke/                       >    +     +      +     +    +    +
GET  accounts/login/                                        +    +     +      +     +    +    +
GET  accounts/logout/                                       +    +     +      +     +    +    +
GET  accounts/inactive/                                     +    +     +      +     +    +    +
GET  accounts/signup/                                       +    +     +      +     +    +    +
GET  accounts/reauthenticate/                               >    +     +      +     +    +    +
GET  accounts/email/                                        >    +     +      +     +    +    +
GET  accounts/confirm-email/                                +    +     +      +     +    +    +
GET  accounts/confirm-email/(?P<key>[-:\\w]+)/              +    +     +      +     +    +    +
GET  accounts/password/change/                              >    +     +      +     +    +    +
GET  accounts/password/set/                                 >    +     +      +     +    +    +
GET  accounts/password/reset/                               +    +     +      +     +    +    +
GET  accounts/password/reset/done/                          +    +     +      +     +    +    +
GET  accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/  + + + + + + +
GET  accounts/password/reset/key/done/                      +    +     +      +     +    +    +
GET  accounts/login/code/                                   +    +     +      +     +    +    +
GET  accounts/login/code/confirm/                           >    +     +      +     +    +    +
# Two-step sign-in.
GET  accounts/2fa/                                          >    +     +      +     +    +    +
GET  accounts/2fa/authenticate/                             >    +     +      +     +    +    +
GET  accounts/2fa/reauthenticate/                           >    >     >      >     >    >    >
GET  accounts/2fa/totp/activate/                            >    >     >      >     >    >    >
GET  accounts/2fa/totp/deactivate/                          >    +     +      +     +    +    +
GET  accounts/2fa/recovery-codes/                           >    +     +      +     +    +    +
GET  accounts/2fa/recovery-codes/generate/                  >    >     >      >     >    >    >
GET  accounts/2fa/recovery-codes/download/                  >    +     +      +     +    +    +
GET  accounts/2fa/webauthn/                                 >    +     +      +     +    +    +
GET  accounts/2fa/webauthn/add/                             >    >     >      >     >    >    >
GET  accounts/2fa/webauthn/login/                           >    +     +      +     +    +    +
GET  accounts/2fa/webauthn/reauthenticate/                  >    >     >      >     >    >    >
GET  accounts/2fa/webauthn/keys/<int:pk>/remove/            >    >     >      >     >    >    >
GET  accounts/2fa/webauthn/keys/<int:pk>/edit/              >    >     >      >     >    >    >
# Sessions, and accounts at ORCID, GitHub and Google; a provider without its keys is a 404.
GET  accounts/sessions/                                     >    +     +      +     +    +    +
GET  accounts/3rdparty/                                     >    +     +      +     +    +    +
GET  accounts/3rdparty/signup/                              >    >     >      >     >    >    >
GET  accounts/3rdparty/login/cancelled/                     +    +     +      +     +    +    +
GET  accounts/3rdparty/login/error/                         -    -     -      -     -    -    -
GET  accounts/social/login/cancelled/                       >    >     >      >     >    >    >
GET  accounts/social/login/error/                           >    >     >      >     >    >    >
GET  accounts/social/signup/                                +    +     +      +     +    +    +
GET  accounts/social/connections/                           +    +     +      +     +    +    +
GET  accounts/github/login/                                 +    +     +      +     +    +    +
GET  accounts/github/login/callback/                        +    +     +      +     +    +    +
GET  accounts/oidc/(?P<provider_id>[^/]+)/login/            +    +     +      +     +    +    +
GET  accounts/oidc/(?P<provider_id>[^/]+)/login/callback/   +    +     +      +     +    +    +
# The admin: its pages for rows are in MODELS.
GET  admin                                                  +    +     +      +     +    +    +
GET  admin/                                                 >    >     +      +     +    +    +
GET  admin/overview/                                        >    >     +      +     +    +    +
GET  admin/desk/duplicates/                                 >    >     -      +     -    -    +
GET  admin/desk/digest/                                     >    >     -      +     +    +    +
POST admin/desk/act/                                        >    >     -      +     -    -    +
POST admin/desk/undo/                                       >    >     -      +     -    -    +
POST admin/desk/digest/pause/                               >    >     -      -     +    -    +
GET  admin/login/                                           >    -     +      +     +    +    +
GET  admin/logout/                                          +    +     +      +     +    +    +
GET  admin/search/                                          >    >     +      +     +    +    +
GET  admin/password_change/                                 >    >     +      +     +    +    +
GET  admin/password_change/done/                            >    >     +      +     +    +    +
GET  admin/jsi18n/                                          >    >     +      +     +    +    +
GET  admin/autocomplete/                                    >    >     -      +     +    +    +
GET  admin/r/<path:content_type_id>/<path:object_id>/       >    >     +      +     +    +    +
GET  admin/(?P<app_label>APPS)/                             >    >     +      +     +    +    +
GET  admin/(?P<url>.*)                                      >    >     +      +     +    +    +
GET  admin/accounts/user/<id>/password/                     >    >     -      -     -    -    +
GET  admin/papers/paper/remove_samples/                     >    >     -      +     -    -    +
POST admin/papers/topic/preview/                            >    >     -      +     -    -    +
GET  admin/papers/source/<path:object_id>/poll_this/        >    >     -      -     -    +    +
GET  admin/accounts/user/invite/                            >    >     -      -     -    -    +
GET  admin/accounts/user/<path:object_id>/notes/            >    >     -      +     -    +    +
GET  admin/papers/paper/<path:object_id>/notes/             >    >     -      +     +    +    +
GET  admin/papers/source/<path:object_id>/notes/            >    >     -      +     -    +    +
GET  admin/subscriptions/subscriber/<path:object_id>/notes/ >    >     -      -     +    -    +
GET  admin/subscriptions/issue/<int:pk>/account/            >    >     -      -     +    +    +
GET  admin/subscriptions/issue/<int:pk>/preview/            >    >     -      -     +    +    +
GET  admin/subscriptions/subscriber/why/                    >    >     -      -     +    -    +
GET  admin/subscriptions/delivery/deliverability/           >    >     -      -     +    +    +
"""

# v: the list, a row, its history · a: adds · c: changes · d: deletes. Everybody else: sign in.
MODELS = """
#                            staff curator mail oper super
accounts.user                -     v       -    vc   vacd
accounts.curatornote         -     vd      vd   vd   vd
auth.group                   -     -       -    -    vacd
account.emailaddress         -     -       -    v    vacd
mfa.authenticator            -     -       -    -    vd
socialaccount.socialaccount  -     -       -    -    vd
admin.logentry               -     -       -    v    v
papers.paper                 -     vacd    v    v    vacd
papers.topic                 -     vac     v    v    vacd
papers.papertopic            -     vacd    -    -    vacd
papers.alias                 -     vacd    -    -    vacd
papers.tombstone             -     vacd    -    -    vacd
papers.upvote                -     v       -    -    vd
papers.votering              -     v       -    -    v
papers.submission            -     v       -    -    vd
papers.report                -     v       -    -    vd
profiles.claim               -     vc      -    -    vcd
papers.embeddingjob          -     -       -    v    v
papers.source                -     v       -    vacd vacd
papers.poll                  -     v       -    vd   vd
papers.backfill              -     -       -    vacd vacd
comments.comment             -     v       -    -    vd
library.readinglist          -     v       -    -    vd
subscriptions.issue          -     -       vc   v    vc
subscriptions.delivery       -     -       v    -    v
subscriptions.mailevent      -     -       v    -    vd
subscriptions.subscriber     -     -       vcd  -    vacd
subscriptions.subscription   -     -       vacd -    vacd
subscriptions.suppression    -     -       vacd -    vacd
"""
MODEL_PAGES = {  # and the page of a row that forwards to its form
    "": "v",
    "add/": "a",
    "<path:object_id>/change/": "v",
    "<path:object_id>/history/": "v",
    "<path:object_id>/delete/": "d",
}

# The action menu of a list, and who besides superusers has it.
ACTIONS = """
account.emailaddress         make_verified        -
accounts.user                trust                curator
accounts.user                trust_no_longer      curator
comments.comment             let_through          curator
comments.comment             hide_comments        curator
comments.comment             dismiss_reports      curator
comments.comment             mark_as_by_program   curator
comments.comment             unmark_as_by_program curator
library.readinglist          close                curator
library.readinglist          reopen               curator
library.readinglist          dismiss_reports      curator
papers.paper                 list_today           curator
papers.paper                 list_when_announced  curator
papers.paper                 list_on_a_day        curator
papers.paper                 queue                curator
papers.paper                 feature              curator
papers.paper                 unfeature            curator
papers.paper                 hide                 curator
papers.paper                 show                 curator
papers.paper                 merge                curator
papers.paper                 remove_picture       curator
papers.paper                 find_picture         curator
papers.report                accept               curator
profiles.claim               remove_picture       curator
papers.report                dismiss              curator
papers.source                poll_now             operator
papers.source                disable              operator
papers.topic                 apply                curator
papers.upvote                void                 curator
papers.votering              accept               curator
papers.votering              dismiss              curator
papers.votering              decide_again         curator
subscriptions.delivery       send_again           mail editor
subscriptions.issue          pause                mail editor
subscriptions.issue          resume               mail editor
subscriptions.subscriber     pause                mail editor
subscriptions.subscriber     resume               mail editor
subscriptions.subscriber     stop_mail            mail editor
subscriptions.subscriber     suppress             mail editor
subscriptions.subscriber     erase                mail editor
"""


def rows(table: str) -> Iterator[list[str]]:
    for line in table.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split()


ADDRESS_ROWS = {address: (method, marks) for method, address, *marks in rows(ADDRESSES)}
MODEL_ROWS = {label: dict(zip(ROLES[2:], cells, strict=True)) for label, *cells in rows(MODELS)}


# --- Every address and every action has a row ---


def every_address(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern).strip("^$")
        if isinstance(pattern, URLPattern):
            yield re.sub(r"\((\?P<app_label>)[\w|]+\)", r"(\1APPS)", route) or "/"
        else:
            yield from every_address(pattern, route)


def model_addresses() -> set[str]:
    bases = [f"admin/{label.replace('.', '/')}/" for label in MODEL_ROWS]
    return {base + page for base in bases for page in [*MODEL_PAGES, "<path:object_id>/"]}


def test_every_address_has_a_row() -> None:
    addresses = list(every_address(get_resolver()))
    assert len(addresses) > 200
    assert set(addresses) == set(ADDRESS_ROWS) | model_addresses()


def test_every_model_of_the_admin_has_a_row() -> None:
    assert {model._meta.label_lower for model in admin.site._registry} == set(MODEL_ROWS)


def test_every_action_names_one_permission() -> None:
    """Of several Django asks for any, which reads like all of them."""
    for rows_admin in admin.site._registry.values():
        for function, name, _ in rows_admin._get_base_actions():  # type: ignore[attr-defined]
            permissions = getattr(function, "allowed_permissions", [])
            assert len(permissions) == 1, f"{rows_admin}: {name}"


# --- What each role gets ---


class EmptyTemplates(BaseLoader):
    """Every template is there and empty: to draw the admin takes far longer than to refuse it."""

    def get_template_sources(self, template_name: str) -> Iterator[Origin]:
        yield Origin(template_name, template_name, self)

    def get_contents(self, origin: Origin) -> str:
        return ""


@pytest.fixture
def empty_templates(settings: Settings) -> None:
    (engine,) = settings.TEMPLATES
    options = engine["OPTIONS"] | {"loaders": [f"{__name__}.EmptyTemplates"]}
    settings.TEMPLATES = [engine | {"APP_DIRS": False, "OPTIONS": options}]


@pytest.mark.django_db
@pytest.mark.usefixtures("empty_templates")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_its_rows_say(role: str) -> None:
    client, samples = client_of(role), Samples()
    place = ROLES.index(role)

    wrong = []
    for address, (method, marks) in ADDRESS_ROWS.items():
        if role not in {"anonymous", "superuser"} and set(marks) == {"+"}:
            continue  # open to those with the least and the most rights, so to all
        path = samples.path(address)
        if mark(client.generic(method, path)) != marks[place]:
            wrong.append(f"{method} {path}: not {marks[place]}")
    for label, letters in MODEL_ROWS.items():
        for page, letter in MODEL_PAGES.items():
            expected = ">" if place < 2 else "+" if letter in letters[role] else "-"
            path = samples.model_path(label, page)
            response = client.get(path)
            # Django sends whoever opens a row that is not theirs to the first page of the admin.
            found = "-" if response.headers.get("Location") == "/admin/" else mark(response)
            if found != expected:
                wrong.append(f"GET {path}: not {expected}")
            if page.endswith("change/") and expected == "+":
                may_change = response.context["has_change_permission"]
                if may_change != ("c" in letters[role]):
                    wrong.append(f"{path}: change {may_change}")

    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES[2:])
def test_each_role_has_the_actions_of_its_rows(role: str) -> None:
    request = RequestFactory().get("/admin/")
    request.user = user_of(role)

    found = set()
    for model, rows_admin in admin.site._registry.items():
        for name in rows_admin.get_actions(request):
            found.add(f"{model._meta.label_lower} {name}")

    expected = {
        f"{label} {name}"
        for label, name, *owner in rows(ACTIONS)
        if role in {" ".join(owner), "superuser"}
    }
    deletes = {f"{label} delete_selected" for label, row in MODEL_ROWS.items() if "d" in row[role]}
    assert found == expected | deletes


def mark(response: HttpResponseBase) -> str:
    assert response.status_code < 500
    if response.status_code in {401, 403}:
        return "-"
    whereto = response.headers.get("Location", "")
    return ">" if re.search(r"/login/|/reauthenticate/", whereto) else "+"


def make_all_roles() -> None:
    """As the migrations do; a test that empties the tables takes them along."""
    make_roles(apps, None)
    list_rights(apps, None)


def user_of(role: str) -> User:
    make_all_roles()
    user = a_user(password="moss")
    user.is_superuser, user.is_staff = role == "superuser", role != "reader"
    user.save()
    user.groups.set(Group.objects.filter(name__iexact=role))
    return user


def client_of(role: str) -> Client:
    client = Client()
    if role != "anonymous":
        client.force_login(user_of(role))
    return client


class Samples:
    """A row of every model, and paths that lead to them."""

    def __init__(self) -> None:
        paper, topic, reader = a_paper(is_sample=True), a_topic("vision"), a_user(handle="ada")
        subscriber = a_subscriber()
        delivery = a_delivery(subscriber)
        source = Source.objects.create(name="Lab", url="http://127.0.0.1/feed")
        Suppression.objects.add("gone@example.org", Suppression.Reason.CURATOR)
        LogEntry.objects.log_actions(reader.pk, [paper], CHANGE, "Hidden")
        own_list = ReadingList.objects.create(owner=reader, title="Moss", is_public=True)
        made = [
            *(paper, topic, reader, subscriber, delivery, delivery.issue, source),
            *(Group.objects.create(name="Own"), LogEntry.objects.get(), Suppression.objects.get()),
            subscriber.subscriptions.get(),
            reader.emailaddress_set.create(email=reader.email),
            reader.authenticator_set.create(type="totp", data={}),
            reader.socialaccount_set.create(provider="orcid", uid="1"),
            PaperTopic.objects.create(paper=paper, topic=topic),
            Alias.objects.create(paper=paper, scheme="doi", value="10.1234/moss"),
            Upvote.objects.create(paper=paper, user=reader),
            VoteRing.objects.create(common=9, expected=0.1),
            Report.objects.create(paper=paper, reporter=reader, reason="spam"),
            Comment.objects.create(paper=paper, author=reader, text="Well."),
            own_list,
            Submission.objects.create(paper=paper, submitter=reader, title="On moss"),
            Claim.objects.create(reader=reader, author="Ada Quill", evidence="email"),
            Tombstone.objects.create(scheme="doi", value="10.1234/fern"),
            CuratorNote.objects.create(about=paper, author=reader, text="Seen before."),
            EmbeddingJob.objects.get_or_create(paper=paper)[0],
            Poll.objects.create(source=source),
            Backfill.objects.create(source=source, since=MARCH_14, until=MARCH_14),
            MailEvent.objects.create(
                provider="dsn", event_id="1", kind="sent", happened_at=FRIDAY_8AM
            ),
        ]
        self.keys = {row._meta.label_lower: row.pk for row in made}
        self.values = {
            "day": MARCH_14,
            "week": "2025-W11",
            "month": "2025-03",
            "key": paper.key,
            "path:key": paper.key,
            "list_key": own_list.key,
            "handle": "ada",
            "what": "withdraw",
            "spelling": paper.key,
            "id": paper.key,
            "form": "json",
            "size": "row",
            "digest": "0123",
            "slug": "vision",
            "section": "papers",
            "rest": "nothing",
            "token": "1-1:forged",
            "frequency": "daily",
            "period": "2025-03-14",
            "provider": "mailgun",
            "kind": "followed",
            "content_type_id": ContentType.objects.get_for_model(topic).pk,
            "uidb36": "1",
            "url": "nothing",
            "APPS": "papers",
            "app_label": "papers",
            "interest_id": 1,
            "pk": 1,
            "provider_id": "orcid",
        }
        self.names = {"day": MARCH_14, "week": "2025-W11", "month": "2025-03", "topics": "vision"}

    def path(self, address: str) -> str:
        """This address with the keys of our rows in place of its parameters."""
        model = re.match(r"admin/(\w+)/(\w+)/", address)
        row = self.keys.get(".".join(model.groups())) if model else None
        feed = re.match(r"feeds/(\w+)/", address)

        def value(match: re.Match[str]) -> str:
            name = next(filter(None, match.groups()))
            if row and name in {"object_id", "pk", "id"}:
                return str(row)
            if name == "object_id":
                return str(self.keys["papers.topic"])
            if name == "name" and feed:
                return str(self.names[feed[1]])
            return str(self.values[name])

        query = {
            "admin/search/": "?s=paper",
            "admin/autocomplete/": "?app_label=papers&model_name=papertopic&field_name=topic",
        }
        path = re.sub(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)", value, address)
        return f"/{path.strip('/') if path == '/' else path}{query.get(address, '')}"

    def model_path(self, label: str, page: str) -> str:
        base = f"/admin/{label.replace('.', '/')}/"
        return base + page.replace("<path:object_id>", str(self.keys[label]))
