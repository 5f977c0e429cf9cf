"""The workspace's sending window and limits."""

from uuid import UUID

import strawberry

from resolvers import sending
from schema.info import Info
from schema.mutations import answer, fields_of
from schema.windows import SendingWindowInput, read_window
from schema.workspaces import WorkspacePayload


@strawberry.input(description="Caps per rolling 24 hours; what is left out stays.")
class SendingLimitsInput:
    """The workspace's own caps, beside those of its senders."""

    conversations_per_day: int | None = strawberry.field(
        default=strawberry.UNSET, description="Messages of one sender that open a thread; 30 by default."
    )
    company_sends_per_day: int | None = strawberry.field(
        default=strawberry.UNSET, description="Messages to one company's domain; 3 by default."
    )
    domain_sends_per_day: int | None = strawberry.field(
        default=strawberry.UNSET, description="Messages from all senders of one domain; null is no cap."
    )
    risky_allowed: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether addresses whose check says risky may be written to."
    )


@strawberry.input(description="When the workspace's messages may leave, and how many.")
class SendingPolicyUpdateInput:
    """Arguments of `sendingPolicyUpdate`."""

    window: SendingWindowInput | None = strawberry.field(
        default=None, description="By the recipient's clock; left out, it stays."
    )
    limits: SendingLimitsInput | None = strawberry.field(default=None, description="Left out, they stay.")
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse if the workspace changed since."
    )


@strawberry.type
class SendingPolicyMutation:
    """Root fields about the policy."""

    @strawberry.mutation(description="Change when the workspace's messages may leave, and how many.")
    async def sending_policy_update(self, info: Info, input: SendingPolicyUpdateInput) -> WorkspacePayload:
        """Change it."""

        async def use_case() -> UUID:
            return await sending.update_sending_policy(
                info.context,
                window=read_window(input.window) if input.window is not None else None,
                limits=fields_of(input.limits) if input.limits is not None else None,
                expected_version=input.expected_version,
            )

        return await answer(info, WorkspacePayload, use_case())
