"""Imports every feature's handlers, so that the registry knows them."""

from jobs import platform_mail, replies, runs, senders, sending, suppression

__all__ = ["platform_mail", "replies", "runs", "senders", "sending", "suppression"]
