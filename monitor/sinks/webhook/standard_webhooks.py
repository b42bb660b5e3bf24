"""Signs a message as standardwebhooks.com says, so that receivers need nothing of ours to check it."""

import base64
import hashlib
import hmac


def signed(key: bytes, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the headers of a message.

    Args:
        key: what both sides know.
        message_id: the same when the same message comes again.
        seconds: when it is sent, since 1970: a receiver refuses what is older than some minutes.
        body: the message.

    """
    told = b"%s.%d.%s" % (message_id.encode(), seconds, body)
    digest = hmac.new(key, told, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
