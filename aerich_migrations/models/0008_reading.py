"""What reads want: numbers that print as they were written, and an index for the newest messages of a lead."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

FLOATS = {"field_value": ("confidence",), "reply": ("match_score", "label_confidence"), "classification": ("confidence",)}
"""A ``real`` 0.9 reads as 0.8999999761581421; through ``numeric`` it becomes the ``double precision`` that was meant."""


class Migration(migrations.Migration):
    """Doubles, and the index."""

    dependencies = [("models", "0007_run_failure")]
    operations = [
        *(
            RunSQL(
                f"ALTER TABLE {table} ALTER COLUMN {column} TYPE double precision"
                f" USING {column}::numeric::double precision"
            )
            for table, columns in FLOATS.items()
            for column in columns
        ),
        RunSQL("CREATE INDEX message_by_lead ON message (workspace_id, lead_id, created_at DESC, id DESC)"),
        RunSQL("DROP INDEX message_workspace_id_lead_id_idx"),
    ]
