"""Drafts -> articles in the database: recognised, compared, numbered, in one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, insert, select, tuple_, update

from feedsvc import dates, identity
from feedsvc.identity import Key, KeyKind, Known, Recognised
from feedsvc.model import Change, Draft, Saved, Source
from feedsvc.store import archives, columns, occurrences, stories
from feedsvc.store.occurrences import Words
from feedsvc.store.revisions import following
from feedsvc.store.schema import articles, bodies, keys

_CHUNK = 300  # values in one IN (...): well below the limit of any database


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of a batch: the article of each draft, in order; what was done to each article; counts."""

    ids: tuple[str, ...]
    changes: Mapping[str, Change]
    saved: Saved


def save_drafts(
    connection: Connection,
    source: Source,
    drafts: Sequence[Draft],
    now: datetime,
    *,
    held: Set[str] = frozenset(),
) -> Written:
    """Writes `drafts`, given in the order of their document, and says which articles they are.

    `held` are articles that other documents of the source still hold.
    """
    recognised = identity.recognise(
        source.id,
        drafts,
        known(connection, source.id, drafts),
        held=held,
        taken=lambda ident: exists(connection, ident),
    )
    return write(connection, source, recognised, now)


def write(
    connection: Connection,
    source: Source,
    recognised: Sequence[Recognised],
    now: datetime,
    *,
    whole: bool = False,
) -> Written:
    """Writes drafts as the articles that they are.

    `whole`: a draft is all of its article, and what it leaves out is gone; otherwise an article keeps what
    its source has stopped to say.
    """
    rows = _rows(connection, [r.id for r in recognised if not r.new])
    kept = [r for r in recognised if not r.repeat]
    changes: dict[str, Change] = {}
    words = Words(connection)
    # The last of the document is taken to be the oldest: it arrives first, so that numbers follow time.
    for place, one in reversed(list(enumerate(kept))):
        seen = now - timedelta(milliseconds=place)
        if one.new:
            _insert(connection, source, one, seen, now, words)
            changes[one.id] = Change.NEW
        else:
            edited = _edit(connection, one, rows[one.id], now, words, whole=whole)
            changes[one.id] = Change.EDITED if edited else Change.UNCHANGED
    words.save()
    _save_keys(connection, source.id, kept)
    counted = Counter(change.value for change in changes.values())
    return Written(ids=tuple(r.id for r in recognised), changes=changes, saved=Saved(**counted))


def withdraw(connection: Connection, ids: Iterable[str], now: datetime) -> int:
    """Takes articles back: out of every feed, their bodies gone, their ids kept. How many there were."""
    count = 0
    for ident, row in _rows(connection, list(ids)).items():
        if row["withdrawn"] is not None:
            continue
        connection.execute(
            update(articles)
            .where(articles.c.id == ident)
            .values(withdrawn=now, revision=following(connection), changed=now, bodied=False)
        )
        connection.execute(delete(bodies).where(bodies.c.id == ident))
        stories.stir(connection, ident, row["story"], now)
        count += 1
    return count


def known(connection: Connection, source: str, drafts: Sequence[Draft]) -> dict[Key, Known]:
    """Every key of `drafts` that leads to an article of the source, with that article."""
    wanted = sorted({(k.kind.value, k.value) for own in identity.keys_for(drafts) for k in own})
    found: dict[Key, Known] = {}
    for start in range(0, len(wanted), _CHUNK):
        query = (
            select(keys.c.kind, keys.c.value, articles)
            .join(articles, articles.c.id == keys.c.article)
            .where(keys.c.source == source)
            .where(tuple_(keys.c.kind, keys.c.value).in_(wanted[start : start + _CHUNK]))
        )
        for row in connection.execute(query).mappings():
            found[Key(KeyKind(row["kind"]), row["value"])] = Known(
                id=row["id"], digest=row["digest"], published=row["published"], bodied=row["bodied"]
            )
    return found


def _rows(connection: Connection, ids: Sequence[str]) -> dict[str, RowMapping]:
    found = {}
    for start in range(0, len(ids), _CHUNK):
        query = select(articles).where(articles.c.id.in_(ids[start : start + _CHUNK]))
        found.update({row["id"]: row for row in connection.execute(query).mappings()})
    return found


def reword(
    connection: Connection,
    row: RowMapping,
    said: tuple[str, ...],
    now: datetime,
    words: Words,
) -> None:
    """Makes `said` the words of the article `row`, with a revision of its own: searches change by it."""
    revision = following(connection)
    known = words.edited(row, revision, said, now)
    connection.execute(
        update(articles).where(articles.c.id == row["id"]).values(revision=revision, changed=now, **known)
    )
    stories.stir(connection, row["id"], row["story"], now)


def exists(connection: Connection, ident: str) -> bool:
    """Whether there is an article of this id."""
    return connection.execute(select(articles.c.id).where(articles.c.id == ident)).first() is not None


def _insert(
    connection: Connection, source: Source, one: Recognised, seen: datetime, now: datetime, words: Words
) -> None:
    draft = one.draft
    published, updated = dates.settle(draft.published, draft.updated, seen)
    number = following(connection)
    story = stories.find(connection, source.id, draft.fingerprint, published)
    connection.execute(
        insert(articles).values(
            id=one.id,
            source=source.id,
            seq=number,
            revision=number,
            published=published,
            updated=updated,
            first_seen=seen,
            changed=now,
            left_at={},
            digest=identity.digest(draft),
            bodied=bool(draft.html),
            withdrawn=None,
            story=story,
            **columns.facts(draft),
            **words.arrived(number, draft),
        )
    )
    connection.execute(insert(bodies).values(id=one.id, **columns.body(draft)))
    joined = columns.postings(source.id, columns.facts(draft)) | {archives.ALL}
    archives.join(connection, number, number, sorted(joined))
    stories.remember(connection, number, draft.fingerprint, seen)
    if story is not None:
        stories.stir(connection, one.id, story, now)


def _edit(
    connection: Connection, one: Recognised, row: RowMapping, now: datetime, words: Words, *, whole: bool
) -> bool:
    """Writes what a draft changes of the article `row`; False where it changes nothing that anybody sees.

    The words alone change where they are found otherwise than before, or for the first time.
    """
    current = connection.execute(select(bodies).where(bodies.c.id == one.id)).mappings().first()
    draft = one.draft if whole or current is None else columns.completed(one.draft, row, current)
    facts = columns.facts(draft)
    if not whole:
        facts["author"] = facts["author"] or row["author"]
        facts["link"] = facts["link"] or row["link"]
    body = columns.body(draft)
    same = row["withdrawn"] is None and current is not None and all(current[k] == v for k, v in body.items())
    if same and all(row[k] == v for k, v in facts.items()):
        if draft.words is not None and occurrences.digest(draft.words) != row["words"]:
            reword(connection, row, draft.words, now, words)
        return False
    digest = identity.digest(draft)
    moment = row["updated"]
    if digest != row["digest"]:
        told = draft.updated.replace(microsecond=0) if draft.updated else None
        moment = told if told is not None and row["updated"] < told <= now else now
    before, after = columns.postings(row["source"], row), columns.postings(row["source"], facts)
    left = {k: v for k, v in row["left_at"].items() if k not in after}
    left.update(dict.fromkeys(sorted(before - after), int(now.timestamp())))
    revision = following(connection)
    archives.join(connection, row["seq"], revision, sorted(after - before))
    archives.leave(connection, row["seq"], revision, sorted(before - after))
    connection.execute(
        update(articles)
        .where(articles.c.id == one.id)
        .values(
            revision=revision,
            updated=moment,
            changed=now,
            digest=digest,
            bodied=bool(draft.html),
            left_at=left,
            withdrawn=None,
            **facts,
            **words.edited(row, revision, draft.words, now),
        )
    )
    connection.execute(delete(bodies).where(bodies.c.id == one.id))
    connection.execute(insert(bodies).values(id=one.id, **body))
    stories.edited(connection, row, draft.fingerprint)
    stories.stir(connection, one.id, row["story"], now)
    return True


def _save_keys(connection: Connection, source: str, kept: Sequence[Recognised]) -> None:
    """Makes every key of the drafts lead to their articles. A key that leads to another article already
    stays as it is, but for the slot: a file holds what it holds now."""
    rows = [
        {"source": source, "kind": k.kind.value, "value": k.value, "article": r.id}
        for r in kept
        for k in r.keys
    ]
    slots = [(r["kind"], r["value"]) for r in rows if r["kind"] == KeyKind.SLOT]
    for start in range(0, len(slots), _CHUNK):
        part = tuple_(keys.c.kind, keys.c.value).in_(slots[start : start + _CHUNK])
        connection.execute(delete(keys).where(keys.c.source == source).where(part))
    wanted = {(r["kind"], r["value"]): r for r in reversed(rows)}
    have: set[tuple[str, str]] = set()
    pairs = sorted(wanted)
    for start in range(0, len(pairs), _CHUNK):
        query = (
            select(keys.c.kind, keys.c.value)
            .where(keys.c.source == source)
            .where(tuple_(keys.c.kind, keys.c.value).in_(pairs[start : start + _CHUNK]))
        )
        have.update((kind, value) for kind, value in connection.execute(query))
    missing = [row for pair, row in wanted.items() if pair not in have]
    if missing:
        connection.execute(insert(keys), missing)
