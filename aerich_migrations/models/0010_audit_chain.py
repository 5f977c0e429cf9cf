"""The hashes of new audit entries, computed where the hash before them stands, so that appending asks for nothing."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

# A hash covers '["WORKSPACE",SEQ,what is covered of the entry,"the hash before, in hex"]'.
AUDIT_CHAIN = """
CREATE FUNCTION audit_chain(hash bytea, workspace_id uuid, seq bigint, entries text[]) RETURNS bytea[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    hashes bytea[] := ARRAY[hash];
    entry text;
BEGIN
    FOREACH entry IN ARRAY entries LOOP
        seq := seq + 1;
        hash := sha256(convert_to(format('["%s",%s,%s,"%s"]', workspace_id, seq, entry, encode(hash, 'hex')), 'UTF8'));
        hashes := hashes || hash;
    END LOOP;
    RETURN hashes;
END $$;
COMMENT ON FUNCTION audit_chain IS 'the hash of a chain''s end, number seq, and those of further entries';
"""


class Migration(migrations.Migration):
    """The function."""

    dependencies = [("models", "0009_row_counts")]
    operations = [RunSQL(AUDIT_CHAIN)]
