"""Values for tests, made with as few words as a test needs."""

from datetime import UTC, datetime, timedelta

from feedsvc.model import Article, Draft, Keyword, Kind, Source, Tagging

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in China
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def source(ident: str = "paper", **fields: object) -> Source:
    """A feed source."""
    given: dict[str, object] = {
        "kind": Kind.FEED,
        "title": ident.title(),
        "url": f"https://{ident}.example/feed",
    }
    return Source(id=ident, **(given | fields))  # type: ignore[arg-type]


def draft(title: str = "县城通了新公交", **fields: object) -> Draft:
    """A draft with a title; `tags`, `category` and `regions` go into its tagging."""
    tagging = Tagging(
        keywords=tuple(Keyword(word=t, weight=1.0) for t in fields.pop("tags", ())),  # type: ignore[attr-defined]
        category=fields.pop("category", None),  # type: ignore[arg-type]
        regions=tuple(fields.pop("regions", ())),  # type: ignore[arg-type]
    )
    return Draft(title=title, tagging=tagging, **fields)  # type: ignore[arg-type]


def article(seq: int = 1, **fields: object) -> Article:
    """An article published `seq` minutes after NOW's day began; its id tells its number."""
    when = NOW + seq * MINUTE
    given: dict[str, object] = {
        "id": f"00000000-0000-5000-8000-{seq:012d}",
        "source": "paper",
        "seq": seq,
        "revision": seq,
        "title": f"第{seq}篇",
        "link": f"https://paper.example/{seq}",
        "author": None,
        "published": when,
        "updated": when,
        "first_seen": when,
        "changed": when,
    }
    return Article(**(given | fields))  # type: ignore[arg-type]
