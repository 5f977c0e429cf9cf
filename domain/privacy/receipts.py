"""The receipt of an erasure or objection: what was found, what went, what stays and why. Names nobody."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import orjson

from domain.privacy.models import PrivacyRequest, PrivacyTask
from domain.privacy.rules import KeepReason

_REASONS: Final = {
    KeepReason.SUPPRESSION: "kept as a keyed hash, so that you are not written to again",
    KeepReason.AUDIT: "kept to show who did what; holds hashes and ids, no text about you",
    KeepReason.LEGAL_OBLIGATION: "kept because the law asks for a record of requests",
    KeepReason.LEGAL_CLAIM: "kept to establish or defend legal claims",
    KeepReason.LEGAL_HOLD: "kept under a legal hold",
    KeepReason.NOT_PERSONAL: "kept because it no longer relates to you: counters, dates and states",
}


def receipt_of(request: PrivacyRequest, tasks: Sequence[PrivacyTask]) -> dict[str, Any]:
    """Return the receipt; ``contentHash`` is the SHA-256 of ``stores`` as compact JSON with sorted keys."""
    stores = [
        {
            "store": task.store,
            "action": task.action,
            "found": task.found_count,
            "changed": task.changed_count,
            "retained": (task.retained_reason or "").split(),
        }
        for task in sorted(tasks, key=lambda task: task.store)
    ]
    reasons = sorted({reason for task in tasks for reason in (task.retained_reason or "").split()})
    return {
        "schemaVersion": 1,
        "request": {
            "id": request.id,
            "kind": request.kind,
            "regime": request.regime,
            "openedAt": request.created_at,
            "verifiedAt": request.verified_at,
            "dueOn": request.due_on,
        },
        "stores": stores,
        "retained": {reason: _REASONS[KeepReason(reason)] for reason in reasons},
        "suppressed": True,
        "contentHash": hashlib.sha256(orjson.dumps(stores, option=orjson.OPT_SORT_KEYS)).hexdigest(),
    }
