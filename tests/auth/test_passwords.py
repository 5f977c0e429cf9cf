import asyncio
import threading
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError

from auth.passwords import PasswordChecker, WeakPassword, check_password_rules
from tests.waiting import HANGS_S

EMAIL = "ada.lovelace@example.com"


def quick() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    "password",
    ["a walk by the sea", "zwölf Zeichen", "x9-" * 4 + "ABCDEF", "ab c" * 64, "🐎🔋📎✅" * 3],
)
def test_an_ordinary_long_password_is_accepted(password: str) -> None:
    check_password_rules(password, email=EMAIL)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "12 to 256"),
        ("elevenchars", "12 to 256"),
        ("abcd" * 64 + "e", "12 to 256"),
        # Eleven letters whose accents are typed apart count as eleven.
        ("e\u0301" * 6 + "abcde", "12 to 256"),
        ("password1234", "attacker"),
        ("PassWord1234", "attacker"),
        ("aaaaaaaaaaaaaaaa", "attacker"),
        ("abcabcabcabcabc", "attacker"),
        ("Ada.Lovelace@Example.com", "e-mail"),
        (" ada.lovelace@example.com ", "e-mail"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule_it_breaks(password: str, reason: str) -> None:
    with pytest.raises(WeakPassword, match=reason) as refused:
        check_password_rules(password, email=EMAIL)

    assert refused.value.field == ("password",)
    assert not password or password not in refused.value.message


async def test_the_right_password_verifies_and_others_do_not() -> None:
    checker = PasswordChecker(hasher=quick())
    stored = await checker.hash("a walk by the sea")

    assert await checker.verify("a walk by the sea", stored=stored)
    assert not await checker.verify("a walk by the Sea", stored=stored)
    assert not await checker.verify("", stored=stored)
    assert stored != await checker.hash("a walk by the sea")


async def test_one_password_typed_on_two_keyboards_is_one() -> None:
    checker = PasswordChecker(hasher=quick())

    assert await checker.verify("caf\u00e9 au lait", stored=await checker.hash("cafe\u0301 au lait"))


async def test_the_stored_hash_has_the_documented_strength() -> None:
    stored = await PasswordChecker().hash("a walk by the sea")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_an_unknown_user_costs_one_verification_and_fails() -> None:
    calls: list[str] = []

    class Recording(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes):  # type: ignore[no-untyped-def]  # noqa: A002
            calls.append(str(hash))
            return super().verify(hash, password)

    checker = PasswordChecker(hasher=Recording(time_cost=1, memory_cost=8, parallelism=1))

    assert not await checker.verify("anything at all", stored=None)
    assert not await checker.verify("x" * 1025, stored=await checker.hash("x" * 1024))
    assert len(calls) == 2
    assert calls[0] == calls[1]


async def test_a_password_with_a_lone_surrogate_is_wrong_and_harmless() -> None:
    checker = PasswordChecker(hasher=quick())

    assert not await checker.verify("\ud800" * 12, stored=await checker.hash("a walk by the sea"))


async def test_a_corrupt_stored_hash_is_an_error_and_not_a_wrong_password() -> None:
    with pytest.raises(InvalidHashError):
        await PasswordChecker(hasher=quick()).verify("a walk by the sea", stored="md5:abc")


async def test_a_hash_with_older_parameters_asks_to_be_renewed() -> None:
    old = await PasswordChecker(hasher=quick()).hash("a walk by the sea")
    checker = PasswordChecker()

    assert checker.needs_rehash(old)
    assert not checker.needs_rehash(await checker.hash("a walk by the sea"))


async def test_no_more_run_at_once_than_allowed_and_the_loop_stays_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running, most, gate, to_thread = 0, 0, threading.Event(), asyncio.to_thread

    async def counted(work: Callable[[str], str], password: str) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            return await to_thread(work, password)
        finally:
            running -= 1

    class Slow(PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            gate.wait(HANGS_S)
            return "hashed"

    gate.set()
    checker = PasswordChecker(concurrency=2, hasher=Slow(time_cost=1, memory_cost=8, parallelism=1))
    gate.clear()

    monkeypatch.setattr(asyncio, "to_thread", counted)
    hashing = [asyncio.create_task(checker.hash("a walk by the sea")) for _ in range(6)]
    await asyncio.sleep(0)  # all have come
    admitted = running
    gate.set()
    assert await asyncio.gather(*hashing) == ["hashed"] * 6
    assert (admitted, most) == (2, 2)
