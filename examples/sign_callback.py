"""Signing a callback as Standard Webhooks say, with Python's standard library only.

The same as the library `standardwebhooks`: Webhook(message["callback_secret"]).sign(id, now, body.decode()).

    body = json.dumps({"idx": 0, "status": "done"}).encode()
    headers = signed_headers(message["callback_secret"], body, f'{message["idempotency_prefix"]}:0')
    urllib.request.urlopen(urllib.request.Request(message["callback_url"], body, headers))

Sign the bytes that are sent, and sign again for each try: a signature is good for five minutes. The id stays the same for
all tries of one callback, and is another one for another callback.
"""

import base64
import hashlib
import hmac
import time


def signed_headers(callback_secret, body, message_id, now=None):
    """The headers of a signed callback. `body`: bytes; `now`: seconds since the Unix epoch, the clock's when left out."""
    key = base64.b64decode(callback_secret.removeprefix("whsec_"))
    timestamp = str(int(time.time() if now is None else now))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "s3-example-gpu-worker/1.0",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
