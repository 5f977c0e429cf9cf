"""The send protocol for one claimed delivery, from the first reversible byte to what became of it.

Claim (``claiming``), prepare, gate and hand-off in one transaction (``handing_over``), the last line, outcome
(``recording``). Whatever is left open by a crash in between is found by ``reconciling``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from tortoise.exceptions import DBConnectionError

from domain.errors import Invalid, NotConfigured, ProviderUnavailable
from domain.ports import Ports
from domain.senders.ports import AuthenticationFailed, Transmission, TransmissionRefused
from domain.sending.claiming import Claim, renew_lease
from domain.sending.filing import file_away
from domain.sending.grouping import Grouped
from domain.sending.handing_over import hand_over
from domain.sending.recording import record_results
from domain.sending.results import Result, ResultKind, result_of
from domain.tenancy import AWAY

log = structlog.get_logger(__name__)

DATABASE_TROUBLE: Final = (*AWAY, DBConnectionError)
_RECORD_DELAYS_S: Final = (0.2, 0.5, 1, 2, 4, 8, 15, 30)


class Dispatcher:
    """Sends claimed deliveries of one workspace; hand-offs and outcomes that coincide share a transaction.

    Args:
        ports: the outside world.
        workspace_id: whose deliveries.
        clock: gives the present.
    """

    def __init__(self, *, ports: Ports, workspace_id: UUID, clock: Callable[[], datetime]) -> None:
        self._ports = ports
        self._workspace_id = workspace_id
        self._clock = clock
        self._hand_offs = Grouped[Claim, bool](self._hand_over)
        self._results = Grouped[Result, bool](self._record)

    async def dispatch(self, claim: Claim) -> None:
        """Send a claimed delivery unless the gate refuses, and write down what became of it."""
        result = await self._attempt(claim)
        if result is None:
            return
        counted = await self._keep(result)
        if counted and result.kind is ResultKind.ACCEPTED:
            await file_away(claim, ports=self._ports, clock=self._clock)

    async def _attempt(self, claim: Claim) -> Result | None:
        """Return the result, or None when the gate or somebody else has already written it down."""
        try:
            return await self._transmit(claim)
        except TransmissionRefused as refused:
            return _result(claim, ResultKind.REFUSED, refused.refusal.text, refusal=refused.refusal)
        except AuthenticationFailed as error:
            return _result(claim, ResultKind.LOGIN_REFUSED, f"{error.reason}: {error.message}")
        except ProviderUnavailable as error:
            return _result(claim, ResultKind.TROUBLE, error.message)
        except NotConfigured as error:
            return _result(claim, ResultKind.SENDER_UNUSABLE, error.message)
        except Invalid as error:
            # Plain Invalid is about the message; what derives from it is about the server's address.
            kind = ResultKind.IMPOSSIBLE if type(error) is Invalid else ResultKind.SENDER_UNUSABLE
            return _result(claim, kind, error.message)

    async def _transmit(self, claim: Claim) -> Result | None:
        mail, loop = claim.composed.mail, asyncio.get_running_loop()
        async with self._leased(claim), self._ports.mailbox.transmission(claim.account, mail) as transmission:
            began = loop.time()
            try:
                may_leave = await self._hand_offs.submit(claim)
            except DATABASE_TROUBLE as error:  # it may have been committed all the same
                return _result(claim, ResultKind.TAKEN_BACK, f"the database was lost: {type(error).__name__}")
            if not may_leave:
                return None
            if loop.time() - began > self._ports.sending.final_timeout_s / 2:
                # This process stood still: by the time it writes, others may take the message for lost.
                return _result(claim, ResultKind.TAKEN_BACK, "too late to write the last line")
            return await self._finish(claim, transmission)

    async def _finish(self, claim: Claim, transmission: Transmission) -> Result:
        outcome = await transmission.finish(timeout_s=self._ports.sending.final_timeout_s)
        return result_of(outcome, delivery_id=claim.delivery_id, epoch=claim.epoch)

    async def _keep(self, result: Result) -> bool:
        """Write a result down, outlasting a database that is away for a minute; the reconciler does the rest."""
        for delay_s in _RECORD_DELAYS_S:
            try:
                return await self._results.submit(result)
            except DATABASE_TROUBLE:
                log.warning("result_not_recorded", delivery_id=str(result.delivery_id), retry_s=delay_s)
                await asyncio.sleep(delay_s)
        return await self._results.submit(result)

    @asynccontextmanager
    async def _leased(self, claim: Claim) -> AsyncIterator[None]:
        """Renew the lease while slow servers are talked to; the hand-off ends that by itself."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(self._ports.sending.lease_s / 3)
                try:
                    if not await renew_lease(claim, ports=self._ports, now=self._clock()):
                        return
                except DATABASE_TROUBLE:
                    log.warning("lease_not_renewed", delivery_id=str(claim.delivery_id))

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()

    async def _hand_over(self, claims: Sequence[Claim]) -> Sequence[bool]:
        return await hand_over(claims, ports=self._ports, now=self._clock())

    async def _record(self, results: Sequence[Result]) -> Sequence[bool]:
        return await record_results(self._workspace_id, results, ports=self._ports, now=self._clock())


def _result(claim: Claim, kind: ResultKind, detail: str, **more: object) -> Result:
    return Result(
        delivery_id=claim.delivery_id,
        epoch=claim.epoch,
        kind=kind,
        detail=detail[:500],
        **more,  # type: ignore[arg-type]
    )
