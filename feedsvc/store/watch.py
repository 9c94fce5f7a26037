"""Whether the store was written to, told in some microseconds."""

import sqlite3

from feedsvc.errors import StoreError
from feedsvc.store import database


class Watch:
    """Tells whether the store has been written to, in some microseconds. For one thread."""

    def __init__(self, url: str) -> None:
        path = database.path_of(url)
        self._place = str(path)
        self._seen = -1
        try:
            self._raw = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False
            )
        except sqlite3.Error as exc:
            raise StoreError(f"{path}: cannot be opened ({exc})") from exc

    def moved(self) -> bool:
        """Whether anything was committed by anybody since the last call; True at the first."""
        try:
            (version,) = self._raw.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as exc:
            raise StoreError(f"{self._place}: cannot be read ({exc})") from exc
        moved = version != self._seen
        self._seen = version
        return bool(moved)

    def close(self) -> None:
        """Closes its connection."""
        self._raw.close()
