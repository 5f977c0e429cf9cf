"""What repeats by the clock, beside the sweep of the task table."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from domain.ports import Ports
from jobs.platform_mail import send_platform_mail
from jobs.runner import Runner


def begin(
    runner: Runner,
    *,
    ports: Ports,
    clock: Callable[[], datetime],
    sweep_interval_s: float,
    poll_interval_s: float,
) -> None:
    """Start every repeated piece of work in this process; each is safe to run in several at once."""
    runner.every(sweep_interval_s, partial(send_platform_mail, ports, clock), name="send_platform_mail")
