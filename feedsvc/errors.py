"""Every error of feedsvc, as one tree; each message is a sentence an operator can act on.

FeedsvcError
├── ConfigError                 a setting is wrong: file, key, what was found, what is allowed
├── StoreError                  the store cannot be used
│   ├── ForeignStoreError       the database belongs to another program
│   ├── NewerStoreError         the database was written by a newer feedsvc
│   ├── BusyStoreError          another program holds the database locked
│   ├── LeaseLostError          the source's lease went to somebody else meanwhile
│   └── ConflictError           what is pushed contradicts what is kept
├── FetchError                  nothing usable came from a URL
│   ├── RefusedUrlError         the URL, or where it leads, may not be fetched
│   ├── DeadlineError           the whole fetch took longer than allowed
│   ├── TooLargeError           the body, decoded, is larger than allowed
│   ├── ForbiddenError          the robots.txt of the site says that it may not be fetched
│   ├── RedirectError           redirects go in circles, too far, or nowhere
│   └── StatusError             the server answered something other than 200 or 304
├── ReadError                   bytes arrived but are not what their kind says
│   └── ChildError              the child process that read them was ended: time, memory
│       └── ChildLostError      it ended, or never ran, for no reason known to lie in what it read
└── AddressError                a feed address cannot be read
    └── UnknownError            it names a category, region, source or format that does not exist
"""

from datetime import timedelta


class FeedsvcError(Exception):
    """The root; never raised itself."""


class ConfigError(FeedsvcError):
    """A setting is wrong. `str()` is one line: where, what was found, what is allowed."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class StoreError(FeedsvcError):
    """The store cannot be used."""


class ForeignStoreError(StoreError):
    """The database belongs to another program."""


class NewerStoreError(StoreError):
    """The database was written by a newer feedsvc."""


class BusyStoreError(StoreError):
    """Another program holds the database locked."""


class LeaseLostError(StoreError):
    """The lease of a source went to somebody else before its articles were saved."""


class ConflictError(StoreError):
    """What is pushed contradicts what is kept; nothing was saved."""


class FetchError(FeedsvcError):
    """Nothing usable came from a URL. `retry_after` is what the server asked for, if it did."""

    def __init__(self, url: str, problem: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(f"{url}: {problem}")
        self.url = url
        self.problem = problem
        self.retry_after = retry_after


class RefusedUrlError(FetchError):
    """The URL, or the address it leads to, may not be fetched."""


class DeadlineError(FetchError):
    """The whole fetch, headers and redirects included, took longer than allowed."""


class TooLargeError(FetchError):
    """The body, decoded, is larger than allowed."""


class ForbiddenError(FetchError):
    """The robots.txt of the site says that the URL may not be fetched, or could not be asked."""


class RedirectError(FetchError):
    """Redirects go in circles, too far, or nowhere."""


class StatusError(FetchError):
    """The server answered something other than 200 or 304."""

    def __init__(self, url: str, status: int, *, retry_after: timedelta | None = None) -> None:
        super().__init__(url, f"answered {status}", retry_after=retry_after)
        self.status = status


class ReadError(FeedsvcError):
    """Bytes arrived but are not what their kind of source says."""


class ChildError(ReadError):
    """The child process that read a document was ended: over its time or memory, or it crashed."""


class ChildLostError(ChildError):
    """The child ended, or never ran, for no reason known to lie in the document: another may read it."""


class AddressError(FeedsvcError):
    """A feed address cannot be read (HTTP 400)."""


class UnknownError(AddressError):
    """An address names a category, region, source, format or option that does not exist (HTTP 404)."""
