"""A run that failed says whether somebody may resume it."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

RUN_FAILURE = """
ALTER TABLE run ADD COLUMN is_retryable boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT run_failure_check CHECK (status <> 'FAILED' OR failure IS NOT NULL),
    ADD CONSTRAINT run_is_retryable_check CHECK (status = 'FAILED' OR NOT is_retryable);
"""


class Migration(migrations.Migration):
    """Why a run failed, and whether it may go on."""

    dependencies = [("models", "0006_run_budget")]
    operations = [RunSQL(RUN_FAILURE)]
