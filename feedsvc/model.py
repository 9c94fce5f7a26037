"""The values that travel through feedsvc. Frozen, complete, without I/O; every time is aware."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What a source is read from. AUTO finds out by itself which of FEED, SITEMAP and PAGE its address is."""

    AUTO = "auto"
    FEED = "feed"
    PAGE = "page"
    SITEMAP = "sitemap"
    FOLDER = "folder"
    PUSH = "push"


class Publish(StrEnum):
    """How much of a source's articles feeds, pages and API give at most; title, author and link always."""

    FULL = "full"
    SUMMARY = "summary"
    TITLE = "title"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One configured source. `url` is what is fetched; for folders and pushing, the base of relative links.

    A push source is never fetched nor refreshed: what it holds is brought to it. `full_text`: the page of an
    article is read where a feed holds only a summary. `robots`: robots.txt is obeyed for pages. `delay` lies
    between two requests to one host.
    """

    id: str
    kind: Kind
    title: str
    url: str | None = None
    path: Path | None = None
    interval: timedelta = timedelta(minutes=15)
    enabled: bool = True
    category: str | None = None
    region: str | None = None
    author: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # may hold keys
    max_items: int | None = None
    full_text: bool = False
    selectors: "Selectors | None" = None
    robots: bool = True
    delay: timedelta = timedelta(seconds=1)
    publish: Publish = Publish.FULL

    @property
    def place(self) -> str:
        """What is fetched or read, for people: the URL or the folder's path."""
        return str(self.path) if self.kind is Kind.FOLDER else (self.url or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """CSS selectors that an operator gives where the rules fail; "" where they do not.

    `list` and `next` are for list pages, `title`, `date` and `body` for the pages of articles.
    """

    list: str = ""
    title: str = ""
    date: str = ""
    body: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a list, a sitemap or a feed shows of an article that stands on a page of its own.

    `url` is absolute; `title` plain text, "" where none is shown; `summary` plain text of a list, safe HTML
    of a feed; `changed` is when the page was touched last, as a sitemap says; `guid` and `author` are what a
    feed says.
    """

    url: str
    title: str = ""
    published: datetime | None = None
    changed: datetime | None = None
    summary: str | None = None
    guid: str | None = None
    author: str | None = None


class LinkState(StrEnum):
    """What became of a link: NEW not fetched yet, READ an article, BARREN none, FAILED to be tried again,
    GONE the page is no more (its article stays), PAST older than what was asked for, LIST a list itself."""

    NEW = "new"
    READ = "read"
    BARREN = "barren"
    FAILED = "failed"
    GONE = "gone"
    PAST = "past"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of a source as the store remembers it. `due` is when its page is fetched next, None for never;
    `checked` when it was last; `problem` a sentence about the last failure."""

    listed: Listed
    state: LinkState = LinkState.NEW
    first_seen: datetime
    checked: datetime | None = None
    due: datetime | None = None
    failures: int = 0
    problem: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A list of articles as it was read, in its order, and by which `rule`, in words for the operator.

    `next` is the page on which it goes on; `more` are further lists that it names (the parts of a sitemap
    index), the most promising first; `moved` is where the page only sends its reader.
    """

    links: tuple[Listed, ...]
    rule: str
    title: str | None = None
    next: str | None = None
    more: tuple[Listed, ...] = ()
    moved: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a source without a kind turned out to be: what to read, and why, in words for the operator."""

    kind: Kind
    url: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file that belongs to an article. `length` in bytes, None where nobody said."""

    url: str
    type: str
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """What a kind of source found in a document: decoded, but trusted in nothing.

    `title` is plain text. `html` and `summary` are unsafe HTML. `category` is the source's own word for its
    section, which may be one of ours. `slot` names the place in a folder that
    holds exactly this article (its file), so that a new title in the same file is an edit.
    """

    title: str = ""
    guid: str | None = None
    link: str | None = None
    html: str | None = None
    summary: str | None = None
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    keywords: tuple[str, ...] = ()
    category: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    rights: str | None = None
    base_url: str | None = None
    slot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one document of a source holds, as its kind reads it.

    `problems` are sentences about articles that had to be left out; `title` is the document's own name;
    `withdrawn` says which articles, by guid, are taken back.
    """

    articles: tuple[RawArticle, ...]
    title: str | None = None
    problems: tuple[str, ...] = ()
    withdrawn: "tuple[Tombstone, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A keyword with its weight, 0..1, the best of an article being 1."""

    word: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagging:
    """What an article is about. `keywords` best first; `category` a key; `regions` GB/T 2260 codes."""

    keywords: tuple[Keyword, ...] = ()
    category: str | None = None
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An article cleaned and tagged, not yet known to the store.

    `html` is safe HTML with absolute links, `summary` plain text, `title` never empty; both may be shown
    to anybody. `published` and `updated` are what the source said, unchecked against the clock. `words` are
    those that searches find it by (`queries.words`); None where nobody has looked for them. `fingerprint`
    is what it is recognised by in other sources (`duplicates`), None likewise.
    """

    title: str
    guid: str | None = None
    link: str | None = None
    html: str = ""
    summary: str = ""
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    enclosures: tuple[Enclosure, ...] = ()
    rights: str | None = None
    slot: str | None = None
    tagging: Tagging = Tagging()
    words: tuple[str, ...] | None = None
    fingerprint: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """An article as it is at `revision`, whose words nobody has looked for yet."""

    id: str
    revision: int
    title: str
    html: str
    summary: str
    author: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a catalog knows of an article: everything but its body.

    `id` is a UUID in its canonical text form; `urn` is the entry id of every feed. `seq` is the number of
    its arrival, `revision` that of its last change, both from one sequence. `changed` is when that last
    change was saved; `withdrawn` when it was taken back, None while it is published. `wording` is the
    revision with which its words came, None where searches do not know them. `story` is the id of the article
    of another source that told the same story first, None where none did.
    """

    id: str
    source: str
    seq: int
    revision: int
    title: str
    link: str | None
    author: str | None
    published: datetime
    updated: datetime
    first_seen: datetime
    changed: datetime
    category: str | None = None
    tags: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    withdrawn: datetime | None = None
    wording: int | None = None
    story: str | None = None

    @property
    def urn(self) -> str:
        """The entry id of every feed (RFC 4151's cousin: RFC 9562 as a URN)."""
        return f"urn:uuid:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The heavy part of an article: `html` safe and absolute (may be empty), `summary` plain text."""

    html: str = ""
    summary: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    rights: str | None = None
    keywords: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A news section: `iptc` are Media Topics codes (`medtop:…`), `gb` classes of GB/T 20093."""

    key: str
    label: str
    terms: tuple[str, ...] = ()
    iptc: tuple[str, ...] = ()
    gb: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """An administrative division: GB/T 2260 `code`; `level` 1 province, 2 prefecture, 3 county."""

    code: str
    name: str
    short: str
    level: int
    parent: str | None
    path: str
    former: tuple[str, ...] = ()


class Facet(StrEnum):
    """What a selection can ask of an article; the value is the word in an address. In canonical order."""

    CATEGORY = "category"
    TAG = "tag"
    REGION = "region"
    SOURCE = "source"
    AUTHOR = "author"
    SEARCH = "search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One pair of an address: an article fits if it has any of `values` (sorted) - none, if `excluded`."""

    facet: Facet
    values: tuple[str, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which articles a feed holds: those that fit every clause; all of them when there is none."""

    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What a feed address says: a selection and options. None means the site's own setting.

    `script` is hans or hant; None leaves every text as it came. `archive` is the number of an archive of the
    feed, 1 the oldest; None is the feed itself.
    """

    selection: Selection = Selection()
    limit: int | None = None
    content: str | None = None
    script: str | None = None
    archive: int | None = None


class Format(StrEnum):
    """The three formats of a feed; the value is the suffix of an address."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One category, tag or region of an entry: `value` as in addresses, `label` for people."""

    value: str
    label: str
    scheme: str
    iptc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another source's article of the same story: `id` is its entry's, `link` absolute, titles for people."""

    id: str
    link: str
    title: str
    source_id: str
    source_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article inside a feed, ready to be written: absolute links, legal text, safe HTML."""

    id: str
    link: str
    title: str
    published: datetime
    updated: datetime
    author: str
    summary: str
    html: str
    categories: tuple[Term, ...] = ()
    tags: tuple[Term, ...] = ()
    regions: tuple[Term, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    rights: str | None = None
    source_id: str
    source_title: str
    source_url: str
    revision: int
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A withdrawn article, for feeds that can say so (RFC 6721). `id` is its guid where a source says it."""

    id: str
    when: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Where a feed stands among its archives (RFC 5005): addresses by format, None where there is none.

    `current` is the feed itself, seen from an archive; `archived`: which entries this holds never changes.
    """

    current: Mapping[Format, str] | None = None
    previous: Mapping[Format, str] | None = None
    following: Mapping[Format, str] | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A selection ready to be written in any of the three formats; everything absolute and legal.

    `id` is the same in every format; `self_urls` maps each format to its own address; `home` is the HTML
    twin. `ttl` is the shortest interval of the sources it draws from. Equal feeds are equal bytes.
    """

    id: str
    title: str
    description: str
    language: str
    home: str
    self_urls: Mapping[Format, str]
    updated: datetime
    entries: tuple[Entry, ...]
    tombstones: tuple[Tombstone, ...] = ()
    author: str
    hubs: tuple[str, ...] = ()
    icon: str | None = None
    logo: str | None = None
    ttl: timedelta = timedelta(minutes=15)
    rights: str | None = None
    content: str = "full"
    generator: str = "feedsvc"
    generator_version: str = ""
    paging: Paging = Paging()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What tells that a file has changed: its size in bytes and modification time in nanoseconds."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """A file of a folder as it was read: where its drafts begin and end in its batch, or why it has none."""

    name: str
    stamp: Stamp
    first: int
    last: int
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one reading of a source brought, to be saved at once.

    `drafts` in the order of the document. `etag` and `last_modified` belong to exactly these drafts. For a
    folder `files` says which drafts came from which file. `withdrawn` names by guid what is taken back.
    `thin` are the places of drafts that hold only a summary, where that was asked for.
    """

    drafts: tuple[Draft, ...] = ()
    files: tuple[ReadFile, ...] = ()
    title: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    withdrawn: tuple[Tombstone, ...] = ()
    thin: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What is wrong with a pushed document: with its article number `index`, from 0, or with all of it."""

    detail: str
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A pushed document as it was read: drafts of one push source in their order; or flaws and no drafts."""

    source: str | None
    drafts: tuple[Draft, ...] = ()
    flaws: tuple[Flaw, ...] = ()


class Change(StrEnum):
    """What a draft has done to its article; the value is the word in the API."""

    NEW = "new"
    EDITED = "edited"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """How many articles a batch brought, changed, took back, or left as they were."""

    new: int = 0
    edited: int = 0
    unchanged: int = 0
    withdrawn: int = 0

    def __add__(self, other: "Saved") -> "Saved":
        return Saved(
            new=self.new + other.new,
            edited=self.edited + other.edited,
            unchanged=self.unchanged + other.unchanged,
            withdrawn=self.withdrawn + other.withdrawn,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers of a source. `cause` is a sentence about the last failure, None when well.

    `due` is when it is next refreshed; `failures` counts those in a row; `lease_until` is None when nobody
    refreshes it now. `finding` is what a source without a kind turned out to be.
    """

    id: str
    due: datetime
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    failures: int = 0
    cause: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    title: str | None = None
    finding: Finding | None = None
