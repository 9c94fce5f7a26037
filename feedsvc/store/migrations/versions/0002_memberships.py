"""When articles stood under which terms: what archives are made of."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    terms = op.create_table(
        "terms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("term", sa.Text, nullable=False, unique=True),
    )
    memberships = op.create_table(
        "memberships",
        sa.Column("term", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("joined", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("left", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    # What is known of the past: an article stood under everything it stands under since it arrived, and left
    # what it left with its last change.
    connection = op.get_bind()
    numbers: dict[str, int] = {}
    columns = "seq, revision, source, category, author, tags, regions, left_at"
    rows = connection.execute(sa.text(f"SELECT {columns} FROM articles ORDER BY seq")).mappings().all()
    for row in rows:
        held = {"all:": None, f"source:{row['source']}": None}
        held |= {f"tag:{tag}": None for tag in _loaded(row["tags"])}
        held |= {f"region:{code}": None for code in _loaded(row["regions"])}
        held |= {f"{name}:{row[name]}": None for name in ("category", "author") if row[name]}
        held |= {term: row["revision"] for term in _loaded(row["left_at"]) if term not in held}
        made = []
        for term, left in held.items():
            if term not in numbers:
                numbers[term] = len(numbers) + 1
                connection.execute(terms.insert().values(id=numbers[term], term=term))
            made.append({"term": numbers[term], "joined": row["seq"], "seq": row["seq"], "left": left})
        connection.execute(memberships.insert(), made)


def _loaded(value: str) -> list[str]:
    """The members of a list, the keys of an object: columns of JSON are text to plain SQL."""
    return list(json.loads(value))
