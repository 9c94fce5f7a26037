"""The first schema: articles, bodies, keys, sources, files, counters, facts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, unique=True),
        sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("link", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("category", sa.String(64)),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("regions", sa.JSON, nullable=False),
        sa.Column("left_at", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("bodied", sa.Boolean, nullable=False),
        sa.Column("withdrawn", sa.BigInteger),
    )
    op.create_index("articles_source", "articles", ["source"])
    op.create_index("articles_published", "articles", ["published"])
    op.create_table(
        "bodies",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("html", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("enclosures", sa.JSON, nullable=False),
        sa.Column("rights", sa.Text),
        sa.Column("keywords", sa.JSON, nullable=False),
    )
    op.create_table(
        "keys",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("article", sa.String(36), nullable=False),
    )
    op.create_index("ix_keys_article", "keys", ["article"])
    op.create_table(
        "sources",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("reading", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("last_attempt", sa.BigInteger),
        sa.Column("last_success", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("lease_owner", sa.Text),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("title", sa.Text),
    )
    op.create_table(
        "files",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("mtime_ns", sa.BigInteger, nullable=False),
        sa.Column("articles", sa.JSON, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("by_hand", sa.Boolean, nullable=False),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
