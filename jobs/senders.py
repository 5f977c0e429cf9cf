"""Background work for senders."""

from domain.senders import verifying
from domain.senders.tasks import VerifySender
from jobs.registry import JobContext, job


@job(VerifySender, max_tries=3, timeout_s=200)
async def verify_sender(context: JobContext, task: VerifySender) -> None:
    """Check a mailbox; what is wrong with it stands on the sender, so only faults of ours are tried again."""
    await verifying.verify_sender(
        ports=context.ports, actor=context.actor, sender_id=task.sender_id, clock=context.clock
    )
