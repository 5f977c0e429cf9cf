"""What every client is asked to do, and what must come of it, whatever it is written in.

The scripts enter `ADDRESSES` in this order, read them back two a page, change the first one, change it again as if they
hadn't seen that, ask with a cursor of nobody's, and upload a file.
"""

from typing import Any

ADDRESSES = ["ada@example.com", "ben@example.com", "cyd@example.com"]

OUTCOME: dict[str, Any] = {
    "created": ADDRESSES,
    "pages": [ADDRESSES[:2], ADDRESSES[2:]],
    "changed": {"title": "Countess", "version": 2},
    "stale": {"__typename": "StaleVersionError", "code": "STALE_VERSION", "current": 2},
    "read": {"__typename": "Lead", "email": ADDRESSES[0], "title": "Countess", "version": 2},
    "refused": "CURSOR_INVALID",
}
UPLOADED = {"fileName": "leads.csv", "headers": ["Email", "Name"], "estimatedRowCount": 1}
"""What came of the file, for clients that have uploads."""
