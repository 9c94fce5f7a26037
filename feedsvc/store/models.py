"""What was learned of the site: models in the store, what they were learned from, how good they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, delete, insert, inspect, select

from feedsvc.store.database import reading, writing
from feedsvc.store.schema import models


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A model: when it was learned, the share of articles that it judged right in cross-validation, the
    articles of each kind it was learned from, and its payload."""

    name: str
    learned: datetime
    accuracy: float
    counts: Mapping[str, int]
    payload: bytes = field(repr=False)


class Models:
    """The models of a store; every method is one transaction and may raise StoreError. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, model: Learned) -> None:
        """Keeps `model` in the place of the one of its name."""
        row = {
            "name": model.name,
            "learned": model.learned,
            "accuracy": model.accuracy,
            "counts": dict(model.counts),
            "payload": model.payload,
        }
        with writing(self._engine) as connection:
            connection.execute(delete(models).where(models.c.name == model.name))
            connection.execute(insert(models), row)

    def get(self, name: str) -> Learned | None:
        """The model of this name."""
        with reading(self._engine) as connection:
            if not inspect(connection).has_table(models.name):
                return None  # a store that is older than models, and that nobody has migrated yet
            row = connection.execute(select(models).where(models.c.name == name)).mappings().first()
            return None if row is None else Learned(**row)

    def learned(self, name: str) -> datetime | None:
        """When the model of this name was learned; None: there is none. Cheap."""
        with reading(self._engine) as connection:
            found: datetime | None = connection.execute(
                select(models.c.learned).where(models.c.name == name)
            ).scalar()
            return found

    def forget(self, name: str) -> bool:
        """Removes the model of this name; whether there was one."""
        with writing(self._engine) as connection:
            return connection.execute(delete(models).where(models.c.name == name)).rowcount > 0
