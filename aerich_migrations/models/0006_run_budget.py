"""Runs can't spend more than their budgets."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

from aerich_migrations.tables import secured

CREDIT_BUDGET = f"""
CREATE TABLE credit_budget (
    workspace_id uuid NOT NULL REFERENCES workspace (id),
    run_id uuid NOT NULL,
    committed bigint NOT NULL DEFAULT 0 CHECK (committed >= 0),
    cap bigint NOT NULL,
    PRIMARY KEY (workspace_id, run_id),
    FOREIGN KEY (workspace_id, run_id) REFERENCES run (workspace_id, id),
    CHECK (committed <= cap)
);
{secured("credit_budget")}
"""
# A run that went beyond its budget while nothing kept it from that is given what it has used up already.
RAISE_OVERSPENT = """
UPDATE run r SET budget_credits = used.credits
FROM (SELECT workspace_id, run_id, sum(amount)::bigint AS credits FROM ledger_entry
      WHERE account IN ('HELD', 'CONSUMED') AND run_id IS NOT NULL GROUP BY workspace_id, run_id) used
WHERE (r.workspace_id, r.id) = (used.workspace_id, used.run_id) AND used.credits > r.budget_credits;
"""
COUNT_COMMITTED = """
INSERT INTO credit_budget (workspace_id, run_id, committed, cap)
SELECT r.workspace_id, r.id, sum(e.amount)::bigint, r.budget_credits
FROM ledger_entry e JOIN run r ON (r.workspace_id, r.id) = (e.workspace_id, e.run_id)
WHERE e.account IN ('HELD', 'CONSUMED') GROUP BY r.workspace_id, r.id, r.budget_credits;
"""


class Migration(migrations.Migration):
    """What a run has committed of its budget."""

    dependencies = [("models", "0005_credits_privacy")]
    operations = [RunSQL(sql) for sql in (CREDIT_BUDGET, RAISE_OVERSPENT, COUNT_COMMITTED)]
