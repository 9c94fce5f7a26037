"""The tables of feedsvc.toml, their keys, types and defaults. The only module that imports pydantic."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import unquote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from feedsvc.config import rules
from feedsvc.config.given import Fault, shown, unknown
from feedsvc.config.lines import Key, follow

# A field's description is what an error line says after «allowed:».
_TEXT = "text on one line, not empty"
_TEXTS = "a list of texts, each on one line and not empty"
URL = "an absolute http:// or https:// URL"
_FILES = 'a list of files, such as ["words.txt"]'
_ID = "1 to 64 of a-z, 0-9, _ and -, the first of them a letter or digit"
_INTERVAL = 'a duration from "10s" to "30d"'
REGION = "a code (330400), a name (嘉兴市) or a path (浙江/嘉兴)"
_COUNT = "a whole number, 1 or more"
_PAUSE = 'a duration from "0s" to "60s"'

_T = TypeVar("_T", bound=BaseModel)

Text = Annotated[str, AfterValidator(rules.line)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
WebUrl = Annotated[str, AfterValidator(rules.web_url)]
Duration = Annotated[timedelta, BeforeValidator(rules.duration)]
Size = Annotated[int, BeforeValidator(rules.size)]
Files = Annotated[tuple[Annotated[Path, BeforeValidator(rules.file)], ...], Field(strict=False)]
Networks = Annotated[
    tuple[Annotated[IPv4Network | IPv6Network, BeforeValidator(rules.network)], ...], Field(strict=False)
]
Keys = Annotated[tuple[Annotated[SecretStr, BeforeValidator(rules.api_key)], ...], Field(strict=False)]
Interval = Annotated[Duration, Field(ge=timedelta(seconds=10), le=timedelta(days=30))]
Pause = Annotated[Duration, Field(ge=timedelta(0), le=timedelta(seconds=60))]
Medtops = Annotated[
    tuple[Annotated[str, AfterValidator(rules.matching(rules.IPTC))], ...], Field(strict=False)
]
Id = Annotated[str, AfterValidator(rules.matching(rules.ID))]


class Table(BaseModel):
    """A table of the file: its keys and no others, each of exactly its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Site(Table):
    """What the site says of itself. `base_url` has no slash at its end; `icon` and `logo` are absolute."""

    title: Text = Field("feedsvc", description=_TEXT)
    description: Text = Field("按栏目、关键词、地区和来源订阅的新闻", description=_TEXT)
    base_url: Annotated[str, AfterValidator(rules.base_url)] = Field("", description=f"{URL} without ? and #")
    language: Annotated[str, AfterValidator(rules.matching(rules.LANGUAGE))] = Field(
        "zh-CN", description='a language tag such as "zh-CN" or "zh-TW"'
    )
    authority: Annotated[str, AfterValidator(rules.matching(rules.AUTHORITY))] = Field(
        "", description='a domain name such as "example.org"'
    )
    contact: Annotated[str, AfterValidator(rules.matching(rules.CONTACT))] | None = Field(
        None, description="an e-mail address"
    )
    icon: Annotated[str, AfterValidator(rules.url_or_path)] | None = Field(
        None, description=f'{URL}, or a path below base_url such as "/static/icon.png"'
    )
    logo: Annotated[str, AfterValidator(rules.url_or_path)] | None = Field(
        None, description=f'{URL}, or a path below base_url such as "/static/logo.png"'
    )


class Server(Table):
    """Where and how the site is served; the keys for pushing never show in a repr."""

    host: Annotated[str, AfterValidator(rules.host)] = Field(
        "127.0.0.1", description="an IP address or a host name"
    )
    port: int = Field(8000, ge=1, le=65535, description="a whole number from 1 to 65535")
    workers: int = Field(2, ge=1, description=_COUNT)
    threads: int = Field(4, ge=1, description=_COUNT)
    api_keys: Keys = Field(
        (), repr=False, description="a list of keys, each 16 or more ASCII characters without spaces"
    )


class Store(Table):
    """Where articles last, and how long."""

    url: Annotated[str, AfterValidator(rules.store_url)] = Field("", description="sqlite:///FILE")
    retention: Duration = Field(
        timedelta(days=400),
        ge=timedelta(days=1),
        le=timedelta(days=36500),
        description='a duration from "1d" to "36500d"',
    )

    @property
    def file(self) -> Path:
        """The database file of `url`."""
        return Path(unquote(self.url.removeprefix("sqlite:///")))


class Catalog(Table):
    """What is held in memory: articles, bodies, bytes of feeds; `tail`: how often the store is read."""

    max_articles: int = Field(100_000, ge=1, description=_COUNT)
    bodies: int = Field(5000, ge=0, description="a whole number, 0 or more")
    cache: Size = Field(64 << 20, ge=1 << 20, description='a size such as "64MiB", "1MiB" or more')
    tail: Duration = Field(
        timedelta(milliseconds=100),
        ge=timedelta(milliseconds=10),
        le=timedelta(seconds=10),
        description='a duration from "10ms" to "10s"',
    )


class Refresh(Table):
    """How sources are read. `max_body` is decoded bytes; `proxy` may hold a password and never shows."""

    interval: Interval = Field(timedelta(minutes=15), description=_INTERVAL)
    jitter: float = Field(0.1, ge=0, le=1, description="a number from 0 to 1")
    concurrency: int = Field(8, ge=1, description=_COUNT)
    deadline: Duration = Field(
        timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=2),
        description='a duration from "1s" to "2m"',
    )
    delay: Pause = Field(timedelta(seconds=1), description=_PAUSE)
    max_body: Size = Field(15 << 20, ge=1 << 10, le=1 << 30, description='a size from "1KiB" to "1GiB"')
    children: int = Field(1, ge=1, description=_COUNT)
    allow_networks: Networks = Field((), description='a list of networks such as ["10.0.0.0/8", "fd00::/8"]')
    proxy: Annotated[str, AfterValidator(rules.proxy)] | None = Field(None, repr=False, description=URL)
    user_agent: Annotated[str, AfterValidator(rules.header_value)] = Field(
        "", description="printable ASCII on one line"
    )


class Feeds(Table):
    """What a feed holds unless its address says otherwise."""

    limit: int = Field(50, ge=1, le=200, description="a whole number from 1 to 200")
    archive_size: int = Field(100, ge=1, description=_COUNT)
    content: Literal["full", "summary", "title"] = Field("full", description='"full", "summary" or "title"')
    hubs: Annotated[tuple[WebUrl, ...], Field(strict=False)] = Field(
        (), description=f"a list of hubs, each {URL}"
    )
    hub: bool = Field(False, description="true or false")
    stories: bool = Field(True, description="true or false")


class Tagging(Table):
    """How articles are tagged. `aliases` maps what is written to the tag that is meant, `category_map` what
    sources and labelled articles call a category to the one that is meant."""

    max_keywords: int = Field(8, ge=1, le=50, description="a whole number from 1 to 50")
    dictionaries: Files = Field((), description=_FILES)
    stopwords: Files = Field((), description=_FILES)
    aliases: dict[Text, Text] = Field({}, description='a table such as {"新能源车" = "新能源汽车"}')
    blocked: Texts = Field((), description=_TEXTS)
    category_map: dict[Text, Text] = Field({}, description='a table such as {"股市" = "finance"}')


class CategoryForm(Table):
    """A category as written; None: not written."""

    key: Id = Field(description=_ID)
    label: Annotated[str, AfterValidator(rules.label)] = Field(description=f"{_TEXT}, without / and ,")
    terms: Texts = Field((), description=_TEXTS)
    iptc: Medtops | None = Field(None, description='a list of codes such as ["medtop:04000000"]')
    gb: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(strict=False)] | None = Field(
        None, description="a list of whole numbers, 1 or more"
    )


class SourceForm(Table):
    """A source as written: category, region and path not yet looked up; None: not written."""

    id: Id = Field(description=_ID)
    kind: Annotated[str, AfterValidator(rules.kind)] = Field("auto", description=", ".join(rules.KINDS))
    title: Text | None = Field(None, description=_TEXT)
    url: Annotated[str, AfterValidator(rules.url_or_path)] | None = Field(None, description=URL)
    path: Annotated[Path, BeforeValidator(rules.file)] | None = Field(None, description="a folder")
    interval: Interval | None = Field(None, description=_INTERVAL)
    enabled: bool = Field(True, description="true or false")
    category: Text | None = Field(None, description="the key or label of a category")
    region: Text | None = Field(None, description=REGION)
    author: Text | None = Field(None, description=_TEXT)
    headers: Annotated[dict[str, str], AfterValidator(rules.headers)] = Field(
        {}, repr=False, description='a table such as {Accept-Language = "zh-CN"}, in ASCII'
    )
    max_items: int | None = Field(None, ge=1, description=_COUNT)
    user_agent: Annotated[str, AfterValidator(rules.header_value)] | None = Field(
        None, description="printable ASCII on one line"
    )
    full_text: bool | None = Field(None, description="true or false")
    selectors: Annotated[dict[str, str], AfterValidator(rules.selectors)] | None = Field(
        None, description='a table of CSS selectors such as {list = "ul.news li", body = "#content"}'
    )
    robots: bool | None = Field(None, description="true or false")
    delay: Pause | None = Field(None, description=_PAUSE)
    publish: Literal["full", "summary", "title"] = Field("full", description='"full", "summary" or "title"')


SECTIONS: dict[str, type[Table]] = {
    "site": Site,
    "server": Server,
    "store": Store,
    "catalog": Catalog,
    "refresh": Refresh,
    "feeds": Feeds,
    "tagging": Tagging,
}


def keys() -> dict[str, dict[str, bool]]:
    """The keys of every section, and whether their value is text."""
    return {
        name: {key: isinstance(field.default, str | None) for key, field in table.model_fields.items()}
        for name, table in SECTIONS.items()
    }


def parsed(table: type[_T], written: object, path: Key, faults: list[Fault]) -> _T | None:
    """`written`, which stands at `path`, as a `table`; None if it has faults: they are added, one a place."""
    try:
        return table.model_validate(written)
    except ValidationError as exc:
        problems: dict[Key, str] = {}
        for error in exc.errors(include_url=False):
            place = tuple(part for part in error["loc"][:2] if part != "[key]")
            problems.setdefault((*path, *place), _problem(table, written, error))
        faults += [Fault(path=place, problem=problem) for place, problem in problems.items()]
        return None


def _problem(table: type[BaseModel], written: object, error: ErrorDetails) -> str:
    if not error["loc"]:
        return f"found {shown(error['input'])}; allowed: a table"
    fields = table.model_fields
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return unknown("setting", name, [key for key, field in fields.items() if field.description])
    if error["type"] == "missing":
        return f"missing; allowed: {fields[name].description}"
    refusal = error.get("ctx", {}).get("error")
    if isinstance(refusal, rules.Refusal):
        return str(refusal)
    if not fields[name].repr:
        return f"found a value that is not shown; allowed: {fields[name].description}"
    # The error holds what a duration or a size was read as; the operator knows what is written.
    found = error["input"] if "[key]" in error["loc"] else follow(written, error["loc"])[0]
    return f"found {shown(found)}; allowed: {fields[name].description}"
