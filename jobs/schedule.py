"""What repeats by the clock, beside the sweep of the task table."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from domain.ports import Ports
from jobs import credits as credit_jobs
from jobs.enrichment import SWEEP_EVERY_S, sweep_lost_calls
from jobs.leads import DELETE_EVERY_S, delete_old_files
from jobs.platform_mail import send_platform_mail
from jobs.replies import Mailboxes
from jobs.runner import Runner
from jobs.sending import pump_of
from jobs.upkeep import FOLD_EVERY_S, KEEP_UP_EVERY_S, fold_row_counts, keep_up


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
    runner.every(
        credit_jobs.EXPIRE_EVERY_S, partial(credit_jobs.expire_credits, clock), name="expire_credits"
    )
    runner.every(credit_jobs.CHECK_EVERY_S, partial(credit_jobs.check_credits, clock), name="check_credits")
    runner.every(SWEEP_EVERY_S, partial(sweep_lost_calls, clock), name="sweep_lost_calls")
    runner.every(DELETE_EVERY_S, partial(delete_old_files, ports, clock), name="delete_old_files")
    runner.every(KEEP_UP_EVERY_S, partial(keep_up, clock), name="keep_up")
    runner.every(FOLD_EVERY_S, fold_row_counts, name="fold_row_counts")
    pump = pump_of(ports, clock)
    runner.every(sweep_interval_s, pump.sweep, name="send_due_deliveries")
    runner.every(sweep_interval_s, pump.reconcile, name="reconcile_deliveries")
    mailboxes = Mailboxes(ports=ports, clock=clock, interval_s=poll_interval_s)
    runner.every(poll_interval_s, mailboxes.poll, name="poll_mailboxes")
    runner.every(poll_interval_s, mailboxes.listen, name="listen_to_mailboxes")
