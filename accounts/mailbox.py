"""One mailbox behind many addresses: who may get only so many mails is a mailbox."""

SAME_PROVIDER = {"googlemail.com": "gmail.com"}


def mailbox(address: str) -> str:
    """`a.da+moss@gmail.com` is `ada@gmail.com`. For limits alone, never to write to.

    Some providers tell dots apart; there the limit is a little stricter than it need be.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    local = local.partition("+")[0].replace(".", "") or local
    return f"{local}@{SAME_PROVIDER.get(domain, domain)}"
