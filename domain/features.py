"""Imports every feature's reactions and events, so that the registries know them.

The order is the pipeline's: a feature may call those above it and hears of those below through events.
"""

import importlib
from pathlib import Path

PIPELINE = (
    "accounts",
    "workspaces",
    "api_clients",
    "suppression",
    "credits",
    "companies",
    "leads",
    "enrichment",
    "senders",
    "sequences",
    "plays",
    "runs",
    "sending",
    "replies",
    "analytics",
    "privacy",
    "audit",
)


def load_features() -> None:
    """Import what registers itself: events, tasks and reactions of every feature that has them."""
    here = Path(__file__).parent
    for feature in PIPELINE:
        for part in ("events", "tasks", "reactions"):
            if (here / feature / f"{part}.py").exists():
                importlib.import_module(f"domain.{feature}.{part}")
