"""Where and when a lead may be written to: its time zone, and the window with its country's holidays."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from domain.errors import Invalid
from domain.sending.calendars import HolidayCalendar, parse_calendar
from domain.sending.windows import DEFAULT_WINDOW, SendingWindow, parse_window
from domain.sending.zones import ZoneClues, infer_zone

PLACE_COLUMNS = """
    w.default_time_zone, w.sending_window AS workspace_window, s.sending_window AS sender_window,
    l.time_zone AS lead_zone, l.phone AS lead_phone, l.country AS lead_country,
    c.country AS company_country, c.region AS company_region
"""
"""What ``zone_of`` and ``window_of`` read, from workspace w, sender s, lead l and company c."""


def zone_of(row: Any) -> ZoneInfo:
    """Return the lead's time zone."""
    return _infer(
        ZoneClues(
            workspace_zone=row["default_time_zone"],
            explicit=row["lead_zone"],
            company_country=row["company_country"],
            company_region=row["company_region"],
            phone=row["lead_phone"],
            country=row["lead_country"],
        )
    )


def window_of(row: Any) -> SendingWindow:
    """Return the sender's window, else the workspace's, else Monday to Friday, with the holidays of the lead's country.

    A window that names a calendar of its own keeps it.
    """
    data = row["sender_window"] or row["workspace_window"]
    window = _parse(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)) if data else DEFAULT_WINDOW
    country = row["lead_country"] or row["company_country"]
    if window.holidays is None and country:
        return replace(window, holidays=_calendar(country))
    return window


async def load_calendars(rows: Iterable[Any], *, today: date) -> None:
    """Read the holidays of the rows' countries in a thread: the first time takes seconds."""
    countries = {row["lead_country"] or row["company_country"] for row in rows} - {None}
    for country in countries - _loaded:
        calendar = await asyncio.to_thread(_calendar, country)
        if calendar is not None:
            await asyncio.to_thread(calendar.has, today)
        _loaded.add(country)


_loaded: set[str] = set()


@lru_cache(maxsize=10_000)
def _infer(clues: ZoneClues) -> ZoneInfo:
    return infer_zone(clues).zone


@lru_cache(maxsize=1_000)
def _parse(data: bytes) -> SendingWindow:
    return parse_window(**orjson.loads(data))


@lru_cache(maxsize=300)
def _calendar(country: str) -> HolidayCalendar | None:
    try:
        return parse_calendar(country=country.upper())
    except Invalid:
        return None  # nobody has written down this country's holidays
