"""Imports every feature's handlers, so that the registry knows them."""

from jobs import platform_mail

__all__ = ["platform_mail"]
