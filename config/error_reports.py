"""Reports of errors to a Sentry-like service, for sites that set SENTRY_DSN."""

from typing import Any

from config.environment import setting_error
from config.log_lines import scrub


def send_to(dsn: str) -> None:
    """Start to report; nothing where `dsn` is empty. Ends the process where the package is missing.

    A report holds no mail address, token, form, cookie or address of a reader.
    """
    if not dsn:
        return
    try:
        import sentry_sdk
    except ImportError:
        raise setting_error("SENTRY_DSN", "first `pip install sentry-sdk`") from None
    sentry_sdk.init(
        dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=lambda event, hint: scrubbed_report(event),
        before_breadcrumb=lambda crumb, hint: scrubbed_report(crumb),
    )


def scrubbed_report(value: Any) -> Any:
    """The same report with every text in it scrubbed."""
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {key: scrubbed_report(each) for key, each in value.items()}
    return [scrubbed_report(each) for each in value] if isinstance(value, list) else value
