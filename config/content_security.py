"""The content security policy: a page loads scripts, styles and pictures from this site alone."""

DIRECTIVES = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
}


def directives(form_hosts: list[str]) -> dict[str, list[str]]:
    """With hosts that a form of ours may lead to: those that readers sign in with."""
    return DIRECTIVES | {"form-action": ["'self'", *form_hosts]}
