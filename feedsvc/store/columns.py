"""Drafts -> columns of articles and bodies."""

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import RowMapping

from feedsvc.model import Draft, Enclosure, Facet, Keyword, Tagging


def facts(draft: Draft) -> dict[str, Any]:
    """The columns of an article that its draft decides."""
    return {
        "title": draft.title,
        "link": draft.link,
        "author": draft.author,
        "category": draft.tagging.category,
        "tags": [k.word for k in draft.tagging.keywords],
        "regions": list(draft.tagging.regions),
    }


def body(draft: Draft) -> dict[str, Any]:
    return {
        "html": draft.html,
        "summary": draft.summary,
        "enclosures": [asdict(e) for e in draft.enclosures],
        "rights": draft.rights,
        "keywords": [[k.word, k.weight] for k in draft.tagging.keywords],
    }


def postings(source: str, row: dict[str, Any] | RowMapping) -> set[str]:
    """What an article belongs to, as "facet:value" strings; a region stands for itself alone."""
    found = {f"{Facet.SOURCE}:{source}"}
    found.update(f"{Facet.TAG}:{tag}" for tag in row["tags"])
    found.update(f"{Facet.REGION}:{region}" for region in row["regions"])
    if row["category"]:
        found.add(f"{Facet.CATEGORY}:{row['category']}")
    if row["author"]:
        found.add(f"{Facet.AUTHOR}:{row['author']}")
    return found


def completed(draft: Draft, row: RowMapping, current: RowMapping) -> Draft:
    """`draft` with what the store knows where it has no body but the article has one.

    A source that turns from full text to headlines, or a page that lists the headline of an article beside
    it, takes nothing back: body and tags stay, and a bare headline changes the title neither.
    """
    if draft.html or not row["bodied"]:
        return draft
    bare = not (draft.guid or draft.link or draft.slot)
    return replace(
        draft,
        title=row["title"] if bare else draft.title,
        html=current["html"],
        summary=current["summary"],
        enclosures=draft.enclosures or tuple(Enclosure(**e) for e in current["enclosures"]),
        rights=draft.rights or current["rights"],
        tagging=Tagging(
            keywords=tuple(Keyword(word=w, weight=x) for w, x in current["keywords"]),
            category=row["category"],
            regions=tuple(row["regions"]),
        ),
        words=None,
        fingerprint=None,
    )
