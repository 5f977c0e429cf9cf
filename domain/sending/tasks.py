"""Background work of sending. The delivery rows are the record; this task only rings."""

from dataclasses import dataclass

from domain.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDueDeliveries(Task):
    """Send what is due in the workspace now."""

    @property
    def unique_key(self) -> str | None:
        """One bell per workspace."""
        return "send-due-deliveries"
