-- The change of a lead for peers that write through PostgreSQL: what Plera's use case does, but in one round trip. It
-- locks the lead, changes it, and writes an event and a chained audit entry under the workspace's head row.
CREATE FUNCTION restrict_lead(wanted_id uuid, wanted boolean) RETURNS lead LANGUAGE plpgsql AS $$
DECLARE
    changed lead;
    head log_head;
    moment timestamptz := clock_timestamp();
    new_hash bytea;
BEGIN
    SELECT * INTO changed FROM lead WHERE id = wanted_id FOR UPDATE;
    IF (changed.restricted_at IS NOT NULL) = wanted THEN
        RETURN changed;
    END IF;
    UPDATE lead SET restricted_at = CASE WHEN wanted THEN moment END WHERE id = wanted_id RETURNING * INTO changed;
    UPDATE log_head SET seq = seq + 1, audit_seq = audit_seq + 1 WHERE workspace_id = changed.workspace_id
    RETURNING * INTO head;
    INSERT INTO event (workspace_id, seq, type, subject_kind, subject_id, payload, occurred_at)
    VALUES (head.workspace_id, head.seq, 'LeadRestricted', 'lead', wanted_id,
            jsonb_build_object('restricted', wanted), moment);
    new_hash := sha256(head.audit_hash || convert_to(concat_ws('|', head.audit_seq, wanted_id, wanted, moment), 'UTF8'));
    INSERT INTO audit_event (workspace_id, seq, actor_kind, action, target_kind, target_id, detail, occurred_at,
                             prev_hash, hash)
    VALUES (head.workspace_id, head.audit_seq, 'API_TOKEN', 'lead.restrict', 'lead', wanted_id,
            jsonb_build_object('restricted', wanted), moment, head.audit_hash, new_hash);
    UPDATE log_head SET audit_hash = new_hash WHERE workspace_id = head.workspace_id;
    RETURN changed;
END $$;

-- Smart comments: PostGraphile sorts only by columns that an index begins with, unless it is told to.
COMMENT ON COLUMN lead.created_at IS '@behavior +orderBy';
COMMENT ON COLUMN message.created_at IS '@behavior +orderBy';
