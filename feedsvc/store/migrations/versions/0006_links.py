"""Links of list pages and sitemaps; what sources without a kind turned out to be."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("published", sa.BigInteger),
        sa.Column("summary", sa.Text),
        sa.Column("guid", sa.Text),
        sa.Column("author", sa.Text),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("listed", sa.BigInteger, nullable=False),
        sa.Column("checked", sa.BigInteger),
        sa.Column("due", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("links_due", "links", ["source", "due"])
    op.add_column("sources", sa.Column("finding", sa.JSON))
