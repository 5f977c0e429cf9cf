"""Imports every feature's handlers, so that the registry knows them."""

from jobs import (
    enrichment,
    leads,
    platform_mail,
    privacy,
    replies,
    runs,
    senders,
    sending,
    sequences,
    suppression,
)

__all__ = [
    "enrichment",
    "leads",
    "platform_mail",
    "privacy",
    "replies",
    "runs",
    "senders",
    "sending",
    "sequences",
    "suppression",
]
