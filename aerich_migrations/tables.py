"""SQL that every table shares. Frozen: a migration's text must not change after it was released."""

from collections.abc import Mapping

CURRENT_WORKSPACE = "(SELECT nullif(current_setting('app.workspace_id', true), '')::uuid)"


def tenant_table(
    name: str,
    columns: str,
    *,
    refs: Mapping[str, str] | None = None,
    checks: tuple[str, ...] = (),
    system_reads: tuple[str, ...] = (),
) -> str:
    """Return the SQL of one table that belongs to workspaces.

    It gets ``id``, ``workspace_id``, ``created_at``, ``updated_at`` and ``version``, the unique key
    ``(workspace_id, id)`` that children refer to, the tenant policy and the grants.

    Args:
        name: the table.
        columns: its own columns, as SQL, separated by commas.
        refs: column -> parent table; each becomes a composite foreign key with an index, so that a child
            can't belong to another workspace than its parent.
        checks: further table constraints.
        system_reads: columns that the role ``plera_system`` may read across workspaces.
    """
    constraints = ["UNIQUE (workspace_id, id)", *checks]
    constraints += [
        f"CONSTRAINT {name}_{column}_fkey FOREIGN KEY (workspace_id, {column})"
        f" REFERENCES {parent} (workspace_id, id)"
        for column, parent in (refs or {}).items()
    ]
    separator = ",\n    "
    body = f"""
CREATE TABLE {name} (
    id uuid PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace (id),
    {columns.strip().rstrip(",")},
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    version integer NOT NULL DEFAULT 1,
    {separator.join(constraints)}
);
CREATE TRIGGER {name}_touch BEFORE UPDATE ON {name} FOR EACH ROW EXECUTE FUNCTION touch();
"""
    indexes = "".join(f"CREATE INDEX ON {name} (workspace_id, {column});\n" for column in refs or {})
    return body + indexes + secured(name, system_reads=system_reads)


def secured(
    name: str, *, key: str = "workspace_id", append_only: bool = False, system_reads: tuple[str, ...] = ()
) -> str:
    """Return the row-level security and the grants of a table whose tenant column is ``key``."""
    verbs = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    sql = f"""
ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {name} TO plera_app
    USING ({key} = {CURRENT_WORKSPACE}) WITH CHECK ({key} = {CURRENT_WORKSPACE});
CREATE POLICY owner ON {name} TO plera_owner USING (true) WITH CHECK (true);
GRANT {verbs} ON {name} TO plera_app;
"""
    if system_reads:
        sql += f"CREATE POLICY system ON {name} FOR SELECT TO plera_system USING (true);\n"
        sql += f"GRANT SELECT ({', '.join(system_reads)}) ON {name} TO plera_system;\n"
    return sql


def platform_table(name: str, columns: str) -> str:
    """Return the SQL of a table that belongs to no workspace; only ``plera_system`` works on it."""
    return f"""
CREATE TABLE {name} (
    id uuid PRIMARY KEY,
    {columns.strip().rstrip(",")},
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    version integer NOT NULL DEFAULT 1
);
CREATE TRIGGER {name}_touch BEFORE UPDATE ON {name} FOR EACH ROW EXECUTE FUNCTION touch();
GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO plera_system;
"""


def counted(name: str) -> str:
    """Return the SQL that keeps the number of a table's rows in ``row_count``, beginning with those it has.

    Making a trigger waits for the table's writers and holds new ones off until the migration has ended, so that none
    is counted twice or not at all.
    """
    return f"""
CREATE TRIGGER {name}_added AFTER INSERT ON {name} REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_rows();
CREATE TRIGGER {name}_removed AFTER DELETE ON {name} REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_rows();
INSERT INTO row_count (workspace_id, relation, delta)
SELECT workspace_id, '{name}', count(*) FROM {name} GROUP BY workspace_id;
"""  # noqa: S608 - written by us
