"""Imports run one way, and each foreign library has one door."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "feedsvc"

# From the bottom to the top of the way of an article: a module may import what stands in a line above its
# own, or in its own line. A name covers the modules below it.
LAYERS = (
    {"feedsvc", "feedsvc.errors", "feedsvc.model", "feedsvc.text", "feedsvc.dates", "feedsvc.urls"},
    {"feedsvc.sizes", "feedsvc.identity", "feedsvc.queries", "feedsvc.script", "feedsvc.duplicates"},
    {"feedsvc.tagging"},
    {"feedsvc.config"},
    {"feedsvc.netguard", "feedsvc.wire", "feedsvc.httpfields", "feedsvc.fetch", "feedsvc.calling"},
    {"feedsvc.clean"},
    {"feedsvc.pages", "feedsvc.extract"},
    {"feedsvc.sources"},
    {"feedsvc.reading", "feedsvc.children"},
    {"feedsvc.store"},
    {"feedsvc.postings", "feedsvc.stories", "feedsvc.catalog", "feedsvc.searches", "feedsvc.tail"},
    {"feedsvc.visits"},
    {"feedsvc.lists", "feedsvc.following", "feedsvc.folders"},
    {"feedsvc.refresh", "feedsvc.wording"},
    {"feedsvc.scheduler", "feedsvc.duty"},
    {"feedsvc.feeds"},
    {"feedsvc.websub"},
    {"feedsvc.service", "feedsvc.taggers"},
    {"feedsvc.web"},
    {"feedsvc.wsgi"},
    {"feedsvc.cli", "feedsvc.__main__"},
)

# What the values at the bottom may import of ours: each other, nothing else.
BOTTOM = LAYERS[0]

# Each foreign library and the one module or package that imports it.
DOORS = {
    "alembic": "feedsvc.store",
    "apscheduler": "feedsvc.scheduler",
    "brotli": "feedsvc.web.renditions",
    "certifi": "feedsvc.fetch",
    "click": "feedsvc.cli",
    "feedgen": "feedsvc.feeds.generator",
    "feedparser": "feedsvc.sources.feed",
    "flask": "feedsvc.web",
    "frontmatter": "feedsvc.sources.markdown",
    "gunicorn": "feedsvc.web.server",
    "jinja2": "feedsvc.web",
    "ahocorasick_rs": "feedsvc.tagging.terms",
    "rensa": "feedsvc.duplicates",
    "rjieba": "feedsvc.tagging.segment",
    "markdown_it": "feedsvc.sources.markdown",
    "nh3": "feedsvc.clean",
    "opencc": "feedsvc.script",
    "pebble": "feedsvc.children",
    "protego": "feedsvc.sources.robots",
    "pydantic": "feedsvc.config",
    "pydantic_core": "feedsvc.config",
    "readability": "feedsvc.pages.body",
    "rich": "feedsvc.cli",
    "sqlalchemy": "feedsvc.store",
    "trafilatura": "feedsvc.pages.body",
    "urllib3": "feedsvc.fetch",
    "werkzeug": "feedsvc.web",
    "yaml": "feedsvc.sources.markdown",
}
# Used by several for what each does best; trees of XML and HTML are no business of one module.
OPEN = {"lxml"}
STANDARD = {*sys.stdlib_module_names, "_typeshed"}
# The values are one idea, and so are the tables, but one looks them up and does not read them in one sitting.
ALLOWED_LONG = {"feedsvc.model", "feedsvc.store.schema"}


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


def layer_of(module: str) -> int:
    best = (-1, -1)
    for number, layer in enumerate(LAYERS):
        for name in layer:
            if module == name or (module.startswith(f"{name}.") and name != "feedsvc"):
                best = max(best, (len(name), number))
    assert best[1] >= 0, f"{module} is in no layer"
    return best[1]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_nothing_above_it(module: str) -> None:
    own = layer_of(module)
    for other in imported(MODULES[module]):
        if other.split(".")[0] != "feedsvc":
            continue
        assert layer_of(other) <= own, f"{module} imports {other}"
        if module in BOTTOM:
            assert other in BOTTOM, f"{module} imports {other}"


@pytest.mark.parametrize("module", MODULES)
def test_a_foreign_library_has_one_door(module: str) -> None:
    for other in imported(MODULES[module]):
        library = other.split(".")[0]
        door = DOORS.get(library)
        if door is not None:
            assert module == door or module.startswith(f"{door}."), f"{module} imports {other}"


def test_every_foreign_library_is_named_here_and_used() -> None:
    used = {other.split(".")[0] for path in MODULES.values() for other in imported(path)}
    assert used - STANDARD - {"feedsvc"} == DOORS.keys() | OPEN


def test_no_file_is_longer_than_one_sitting() -> None:
    long = {m: n for m, p in MODULES.items() if (n := p.read_text("utf-8").count("\n")) > 300}
    assert long.keys() <= ALLOWED_LONG, long


def test_no_imports_go_in_circles() -> None:
    edges = {m: {o for o in imported(p) if o in MODULES and o != m} for m, p in MODULES.items()}
    seen: dict[str, int] = {}

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert seen.get(module) != 1, f"circle: {' -> '.join((*way, module))}"
        if module in seen:
            return
        seen[module] = 1
        for other in sorted(edges[module]):
            visit(other, (*way, module))
        seen[module] = 2

    for module in MODULES:
        visit(module, ())
