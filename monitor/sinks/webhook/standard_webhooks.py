"""Signs messages as specified by standardwebhooks.com, so that receivers can verify them with existing libraries."""

import base64
import hashlib
import hmac


def signed(key: bytes, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the headers of a signed message.

    Args:
        key: the shared secret.
        message_id: the same when the same message is sent again.
        seconds: the time of sending, since 1970: receivers refuse a message older than some minutes.
        body: the body of the message.

    """
    content = b"%s.%d.%s" % (message_id.encode(), seconds, body)
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
