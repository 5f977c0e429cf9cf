"""Imports every feature's handlers, so that the registry knows them."""

from jobs import leads, platform_mail, privacy, replies, runs, senders, sending, sequences, suppression

__all__ = [
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
