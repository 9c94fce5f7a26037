"""What a public hub is told of topics that changed, as all of them take it (PubSubHubbub 0.3, 7.1)."""

from urllib.parse import urlencode

from feedsvc.calling import Call
from feedsvc.store.announcements import Round

BATCH = 50  # topics in a ping


def ping(round_: Round) -> Call:
    """The request that tells a hub of the topics of a round."""
    fields = [("hub.mode", "publish"), *(("hub.url", each.topic) for each in round_.pings)]
    return Call(
        url=round_.hub,
        method="POST",
        body=urlencode(fields).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
