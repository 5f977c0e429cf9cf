"""A field that can't be null reads a column that can't be: else the two executors would differ over a null."""

import asyncpg

from schema.nodes import ENTITIES, entity_of

NULLABLE = """
SELECT attrelid::regclass::text, attname FROM pg_attribute
WHERE attnum > 0 AND NOT attnotnull AND NOT attisdropped AND attrelid IN (SELECT oid FROM pg_class WHERE relkind = 'r')
"""


async def test_required_fields_read_required_columns(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    nullable = {tuple(row) for row in await connection.fetch(NULLABLE)}
    await connection.close()
    entities = [entity_of(type_) for type_ in ENTITIES.values()]

    assert [
        (entity.table, name)
        for entity in entities
        for name in entity.required
        if (entity.table, name) in nullable
    ] == []
    assert "created_at" in entity_of(ENTITIES["lead"]).required
