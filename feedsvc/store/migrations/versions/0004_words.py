"""Which words articles have: what searches are answered from. Articles from before have none yet."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("wording", sa.BigInteger))
    op.add_column("articles", sa.Column("words", sa.String(16)))
    unread = sa.text("words IS NULL AND withdrawn IS NULL")
    op.create_index("articles_unread", "articles", ["seq"], sqlite_where=unread, postgresql_where=unread)
    op.create_table(
        "words",
        sa.Column("word", sa.Text, primary_key=True),
        sa.Column("id", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "wordings",
        sa.Column("came", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("left", sa.BigInteger),
        sa.Column("left_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "occurrences",
        sa.Column("block", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("word", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("places", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
