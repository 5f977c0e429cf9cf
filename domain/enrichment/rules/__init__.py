"""The pure rules of enrichment: facts, evidence, choosing a value, the waterfall, e-mail verdicts."""
