"""What privacy does about what happens elsewhere: a mail that invokes a right opens a request."""

from domain.privacy.tasks import OpenPrivacyRequest
from domain.replies.events import PrivacyRequested
from domain.work import Work, reacts_to


@reacts_to(PrivacyRequested)
async def open_privacy_request(work: Work, event: PrivacyRequested) -> None:
    """Leave it to a task, because hashing the address needs the installation's key."""
    await work.enqueue(OpenPrivacyRequest(reply_id=event.subject_id, wanted=event.wanted))
