"""The tables of the store. What they hold is in `docs/design.md`; migrations make them."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as microseconds since 1970 UTC: one order and one meaning in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MICROSECOND


_UNREAD = text("words IS NULL AND withdrawn IS NULL")
_REPEATED = text("story IS NOT NULL")

metadata = MetaData()

# `left_at` maps what the article no longer belongs to ("tag:油价") to when it left: the feeds of those
# addresses changed at that moment too. `wording` is the revision with which its words came, NULL where they
# were never read; `words` is their digest, NULL where the article has others by now that are not read yet.
# `story` is the first article of its story, NULL where that is itself.
articles = Table(
    "articles",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False, unique=True),
    Column("revision", BigInteger, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("link", Text),
    Column("author", Text),
    Column("published", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
    Column("category", String(64)),
    Column("tags", JSON, nullable=False),
    Column("regions", JSON, nullable=False),
    Column("left_at", JSON, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("bodied", Boolean, nullable=False),
    Column("withdrawn", Moment),
    Column("wording", BigInteger),
    Column("words", String(16)),
    Column("story", String(36)),
    Index("articles_source", "source"),
    Index("articles_published", "published"),
    Index("articles_unread", "seq", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    Index("articles_story", "story", sqlite_where=_REPEATED, postgresql_where=_REPEATED),
)

bodies = Table(
    "bodies",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("html", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("enclosures", JSON, nullable=False),
    Column("rights", Text),
    Column("keywords", JSON, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("value", Text, primary_key=True),
    Column("article", String(36), nullable=False, index=True),
)

# Every term ("tag:油价", "region:330400"; "all:" for each article) by a short number.
terms = Table(
    "terms",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("term", Text, nullable=False, unique=True),
)

# When articles, by their `seq`, stood under which terms, in revisions: from `joined` until before `left`.
# Kept when articles are pruned, so that archives keep their numbers.
memberships = Table(
    "memberships",
    metadata,
    Column("term", Integer, primary_key=True, autoincrement=False),
    Column("joined", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("left", BigInteger),
    sqlite_with_rowid=False,
)

# Every word that articles have had, by a short number.
words = Table(
    "words",
    metadata,
    Column("word", Text, primary_key=True),
    Column("id", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# A wording, what an article said from revision `came` until before `left` (at `left_at`). Those that came
# with their article (`came` is its `seq`) and still hold have no row.
wordings = Table(
    "wordings",
    metadata,
    Column("came", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("left", BigInteger),
    Column("left_at", Moment),
    sqlite_with_rowid=False,
)

# Which wordings of a block of revisions have a word: their places in it, see `occurrences`.
occurrences = Table(
    "occurrences",
    metadata,
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("word", Integer, primary_key=True, autoincrement=False),
    Column("places", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# By what the articles of the last weeks are recognised in other sources (`feedsvc.duplicates`), by `seq`.
fingerprints = Table(
    "fingerprints",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("seen", Moment, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
)

# Numbers of which two articles that are alike share one.
bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

sources = Table(
    "sources",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("place", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("due", Moment, nullable=False),
    Column("last_attempt", Moment),
    Column("last_success", Moment),
    Column("failures", Integer, nullable=False),
    Column("cause", Text),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("title", Text),
    Column("finding", JSON),
)

# The pages that sources list, by their canonical address: what was shown of each, what became of it, and when
# it is fetched next (NULL: never).
links = Table(
    "links",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("published", Moment),
    Column("summary", Text),
    Column("guid", Text),
    Column("author", Text),
    Column("state", String(8), nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("place", Integer, nullable=False),
    Column("listed", Moment, nullable=False),
    Column("checked", Moment),
    Column("due", Moment),
    Column("failures", Integer, nullable=False),
    Column("problem", Text),
    Column("etag", Text),
    Column("last_modified", Text),
    Index("links_due", "source", "due"),
    sqlite_with_rowid=False,
)

# One row a file of a folder, or a document ingested by hand: its stamp, and the articles it holds.
files = Table(
    "files",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("articles", JSON, nullable=False),
    Column("problem", Text),
    Column("by_hand", Boolean, nullable=False),
)

# What subscribers asked of our own hub: to be verified, or `done`, which is kept for a while to be counted.
# `digest`: the topic's content when it was asked; `lease` in seconds. Ids are never given twice.
hub_requests = Table(
    "hub_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("mode", String(16), nullable=False),
    Column("topic", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("secret", Text),
    Column("lease", Integer, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("asked", Moment, nullable=False),
    Column("done", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

# Who is sent a topic until when: the digest of the content `sent` last and of the one `wanted`; `due`: when
# that is tried next, NULL where both are the same.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("secret", Text),
    Column("until", Moment, nullable=False),
    Column("sent", String(32), nullable=False),
    Column("wanted", String(32), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("due", Moment),
    UniqueConstraint("topic", "callback", name="subscriptions_topic_callback"),
    Index("subscriptions_due", "due"),
    Index("subscriptions_host", "host"),
    sqlite_autoincrement=True,
)

# What was last announced of every topic: the `mark` of its selection, the digest of its bytes where known.
topics = Table(
    "topics",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("mark", Text, nullable=False),
    Column("digest", String(32)),
)

# Topics of which public hubs are still to be told. All of a hub share `failures` and `due`.
pings = Table(
    "pings",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("queued", Moment, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("due", Moment, nullable=False),
)

# revision, words: the last number given to a change, to a word; born: when the store was made; pruned: when
# some were last removed.
counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# What was learned of the site, with the share of articles that it judges right.
models = Table(
    "models",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("learned", Moment, nullable=False),
    Column("accuracy", Float, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
    Column("since", Moment, nullable=False),
)
