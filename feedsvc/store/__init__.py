"""Articles and source state on disk. The only package that imports sqlalchemy and alembic."""

from feedsvc.store.store import Store

__all__ = ["Store"]
