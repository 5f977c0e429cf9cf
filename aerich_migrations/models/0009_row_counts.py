"""How many rows a workspace has of what it can have very many of, kept so that nobody has to count them."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from aerich_migrations.tables import counted, secured

# What each statement has added or removed. Nobody ever changes a row, so writers don't wait for each other, and a
# snapshot that sees a row sees its delta, too. The rows themselves are checked to be a workspace's; a foreign key would
# check it again.
ROW_COUNT = f"""
CREATE TABLE row_count (
    workspace_id uuid NOT NULL,
    relation text NOT NULL,
    delta bigint NOT NULL
);
CREATE INDEX row_count_of_relation ON row_count (workspace_id, relation);
{secured("row_count", system_reads=("workspace_id", "relation"))}
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO row_count (workspace_id, relation, delta)
    SELECT workspace_id, TG_TABLE_NAME, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END
    FROM changed GROUP BY workspace_id;
    RETURN NULL;
END $$;
"""
COUNTED = (
    "lead", "company", "suppression", "provider_call", "enrollment", "message", "delivery", "thread", "reply",
    "ledger_entry",
)


class Migration(migrations.Migration):
    """The table, what writes it, and what stands now."""

    dependencies = [("models", "0008_reading")]
    operations = [RunSQL(ROW_COUNT), *(RunSQL(counted(name)) for name in COUNTED)]
