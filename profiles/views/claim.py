"""Claiming to be an author: by a linked ORCID account of that name, or by a link in an email."""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.linked_accounts import linked_orcid
from accounts.mail_errors import MAIL_ERRORS
from accounts.models import User
from papers.identifiers import fold_name
from papers.models import Paper
from papers.models.sort_orders import SortOrder
from papers.sources import clean
from papers.web.for_readers import for_readers
from profiles.claim_forms import AddressForm, AppealForm, AuthorPageForm
from profiles.models import Claim

SALT = "profiles.claim"
LINK_WORKS_FOR = 7 * 24 * 3600  # seconds
SENT = "We have sent a link to this address. Open it while you are signed in here."
NOT_SENT = "The email could not be sent. Please try again in a few minutes."
BAD_LINK = (
    "This link is not complete, or older than seven days. "
    "For a new one, withdraw your claim and make it again."
)
KNOWN = "You have claimed this name already."
TOO_MANY = "You have made too many claims. Try again tomorrow."


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """`?name=` as on the page of the author. A POST with `evidence=orcid`, or with `address`."""
    assert isinstance(request.user, User)
    name = clean.line(request.GET.get("name", ""))
    newest = Paper.objects.visible().by_author(name).sorted(SortOrder.NEW).first()
    if newest is None:
        raise Http404("No paper here is by an author of this name.")
    author, orcid = newest.spelling_of(name), linked_orcid(request.user)
    matches = orcid is not None and fold_name(orcid.name) == fold_name(author)
    form = AddressForm(request.POST if "address" in request.POST else None)
    if request.method == "POST":
        wanted = Claim(reader=request.user, author=author)
        if matches and orcid and request.POST.get("evidence") == "orcid":
            wanted.evidence, wanted.orcid = Claim.Evidence.ORCID, orcid.id
            wanted.proven_at = timezone.now()
            return _store(request, wanted)
        if form.is_valid():
            wanted.evidence, wanted.address = Claim.Evidence.EMAIL, form.cleaned_data["address"]
            return _store(request, wanted)
    context = {"author": author, "orcid": orcid, "matches": matches, "form": form}
    return render(request, "profiles/claim.html", context)


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link. Only a POST confirms, as programs open links in emails too."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LINK_WORKS_FOR)
    except signing.BadSignature:
        messages.error(request, BAD_LINK)
        return redirect("profiles:claims")
    own = get_object_or_404(Claim, pk=pk, reader=request.user)
    if request.method == "POST":
        own.prove()
        messages.info(request, "The address is confirmed. The editors will decide.")
        return redirect("profiles:claims")
    return render(request, "profiles/confirm_claim.html", {"claim": own, "token": token})


@for_readers
@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    return _own_claims(request)


@for_readers
@require_POST
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """`appeal` a refused claim, change the `page` of an accepted one, or `withdraw` any."""
    own = get_object_or_404(Claim, pk=pk, reader=request.user)
    if what == "withdraw":
        own.delete()
        messages.info(request, f"You no longer claim to be {own.author}.")
        return redirect("profiles:claims")
    is_appeal = what == "appeal"
    form = AppealForm(request.POST) if is_appeal else AuthorPageForm(own, request.POST)
    if not form.is_valid():
        return _own_claims(request, own, form)
    if is_appeal:
        lodged = own.lodge_appeal(form.cleaned_data["appeal"])
        messages.info(request, "The editors will decide again." if lodged else "Nothing changed.")
    elif own.state == Claim.State.ACCEPTED:
        Claim.objects.filter(pk=own.pk).update(**form.cleaned_data)
        messages.info(request, "The page of the author is changed.")
    return redirect("profiles:claims")


def _own_claims(
    request: HttpRequest,
    wrong: Claim | None = None,
    form: AppealForm | AuthorPageForm | None = None,
) -> HttpResponse:
    """All claims of the reader, each with its form; `wrong` is the one whose `form` has errors."""
    assert isinstance(request.user, User)
    rows = list(Claim.objects.of_reader(request.user))
    for row in rows:
        row.form = form if row == wrong else _form_of(row)
    return render(request, "profiles/claims.html", {"claims": rows})


def _form_of(own: Claim) -> AppealForm | AuthorPageForm | None:
    if own.state == Claim.State.ACCEPTED:
        return AuthorPageForm(own)
    return AppealForm(auto_id=f"claim-{own.pk}-%s") if own.may_be_appealed else None


def _store(request: HttpRequest, wanted: Claim) -> HttpResponse:
    if Claim.objects.is_limit_reached(wanted.reader, timezone.now()):
        messages.error(request, TOO_MANY)
        return redirect("profiles:claims")
    try:
        with transaction.atomic():
            wanted.save()
            said = _send_link(wanted) if wanted.address else "The editors will decide."
    except IntegrityError:
        said = KNOWN
    except MAIL_ERRORS:
        said = NOT_SENT
    messages.info(request, said)
    return redirect("profiles:claims")


def _send_link(wanted: Claim) -> str:
    path = reverse("profiles:confirm_claim", args=[signing.dumps(wanted.pk, salt=SALT)])
    context = {"author": wanted.author, "claim_url": f"{settings.SITE_URL}{path}"}
    get_adapter().send_mail("profiles/email/claim", wanted.address, context)
    return SENT
