"""What happens on the way of a message to its recipient; the subject is the message."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domain.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvent(DomainEvent):
    """Base: which delivery of the message it is about."""

    subject_kind: ClassVar[str] = "message"
    delivery_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryScheduled(DeliveryEvent):
    """A message waits for its moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(DeliveryEvent):
    """The sender's provider has taken responsibility for the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFailed(DeliveryEvent):
    """The message will not be taken; ``meaning`` says whose fault it is (see ``smtp_codes.Meaning``)."""

    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryUnknown(DeliveryEvent):
    """The message may have left or not; it is being looked up and isn't sent again blindly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReviewNeeded(DeliveryEvent):
    """Looking the message up has failed for good; a person decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySuppressed(DeliveryEvent):
    """The recipient must not be contacted; nothing left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCancelled(DeliveryEvent):
    """The message is no longer to be sent; nothing left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDeferred(DeliveryEvent):
    """The message waits for longer than planned; ``gate`` names what it waits for."""

    gate: str
