"""Who may write: the keys of the API, as bearer tokens (RFC 6750)."""

import hashlib
import hmac
from collections.abc import Iterable

from feedsvc.web.problems import Problem, Refused

_REALM = 'Bearer realm="feedsvc"'
_LONGEST = 1000  # characters of a header that are looked at; no key is that long


class Keys:
    """The keys that open the API; none open nothing."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._digests = [_digest(key) for key in keys]

    def check(self, authorization: str | None) -> None:
        """Refused (401, 403) unless the header `authorization` holds one of the keys.

        Takes the same time for every wrong key: digests are compared, all of them, and each as a whole.
        """
        if not self._digests:
            raise Refused(
                Problem(status=403, detail="pushing is switched off here: server.api_keys is empty")
            )
        scheme, _, given = (authorization or "")[:_LONGEST].strip().partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            raise _unauthorized("a key is needed: Authorization: Bearer KEY", _REALM)
        digest = _digest(given.strip())
        if sum([hmac.compare_digest(digest, known) for known in self._digests]) == 0:
            raise _unauthorized("the key is not one of server.api_keys", f'{_REALM}, error="invalid_token"')


def _unauthorized(detail: str, challenge: str) -> Refused:
    return Refused(Problem(status=401, detail=detail, headers={"WWW-Authenticate": challenge}))


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
