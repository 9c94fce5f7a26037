"""What was found on a page, and by which rule."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A value, and the rule that found it, in words for the operator."""

    value: T
    rule: str
