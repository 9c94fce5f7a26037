"""The group `feedsvc` and its commands."""

import click

import feedsvc
from feedsvc.cli import checking, documents, learning, refreshing, serving


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(feedsvc.__version__, prog_name="feedsvc")
def main() -> None:
    """Publishes Chinese news as RSS, Atom and JSON feeds by category, keyword, region and source.

    Try it: «feedsvc serve» shows a demo site on http://127.0.0.1:8000. Then «feedsvc init» writes a
    configuration to start from, «feedsvc check» says what is wrong with it, and «feedsvc serve» runs it.
    """


for command in (
    serving.serve,
    refreshing.refresh,
    checking.check,
    checking.status,
    documents.tag,
    learning.learn,
    documents.extract,
    documents.ingest,
    checking.init,
):
    main.add_command(command)
