"""A topic for a subscriber: the request that brings it, and what its answer means (WebSub, section 7)."""

import hashlib
import hmac
from enum import Enum

from feedsvc.calling import Call, Reply
from feedsvc.store.subscriptions import Subscription
from feedsvc.websub.publications import Edition
from feedsvc.websub.topics import links


class Outcome(Enum):
    """What became of a delivery."""

    DELIVERED = "delivered"
    OVER = "over"
    FAILED = "failed"


def delivery(subscription: Subscription, edition: Edition, hubs: tuple[str, ...]) -> Call:
    """The request that brings `edition`, signed where the subscriber gave a secret."""
    headers = {"Content-Type": edition.content_type, "Link": links(hubs, subscription.topic)}
    if subscription.secret is not None:
        headers["X-Hub-Signature"] = signature(subscription.secret, edition.body)
    return Call(url=subscription.callback, method="POST", body=edition.body, headers=headers)


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature (WebSub, section 7.1): HMAC with SHA-256, in hexadecimal."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def outcome(reply: Reply) -> Outcome:
    """2xx is success, 410 ends the subscription, everything else is a failure."""
    if reply.good:
        return Outcome.DELIVERED
    return Outcome.OVER if reply.status == 410 else Outcome.FAILED
