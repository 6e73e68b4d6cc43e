"""The page of the account with a reader's API tokens: make one, see it once, revoke it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from papers.web.for_readers import for_readers
from reader_api.forms import TokenForm
from reader_api.models import ApiToken
from reader_api.models.api_token import MAX_TOKENS

TOO_MANY = f"You have {MAX_TOKENS} tokens, which is the most. Revoke one first."


@for_readers
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def tokens(request: HttpRequest) -> HttpResponse:
    """A POST makes a token and shows it, this once: only its hash is stored."""
    assert isinstance(request.user, User)
    form, token = TokenForm(request.POST or None), ""
    own = ApiToken.objects.of_reader(request.user)
    if request.method == "POST" and form.is_valid():
        if own.count() >= MAX_TOKENS:
            form.add_error(None, TOO_MANY)
        else:
            token = ApiToken.objects.issue(request.user, **form.cleaned_data)
            form = TokenForm()
    context = {"form": form, "token": token, "tokens": own.all()}
    return render(request, "reader_api/tokens.html", context)


@for_readers
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a token of one's own. Again changes nothing."""
    assert isinstance(request.user, User)
    if ApiToken.objects.of_reader(request.user).filter(pk=pk).delete()[0]:
        messages.info(request, "The token is revoked: programs that use it are refused.")
    return redirect("reader_api:tokens")
