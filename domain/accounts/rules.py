"""What a name and an address of an account may look like, and how long links live."""

from datetime import timedelta
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from domain.errors import Conflict, Invalid, LimitReached, Unauthenticated
from domain.hidden_characters import has_hidden

NAME_LENGTH_MAX = 200


class LinkPurpose(StrEnum):
    """What a one-time link does."""

    SETUP = "SETUP"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - a purpose


LINK_LIFETIME = {
    LinkPurpose.SETUP: timedelta(days=7),
    LinkPurpose.VERIFY_EMAIL: timedelta(days=2),
    LinkPurpose.RESET_PASSWORD: timedelta(hours=1),
}


class EmailTaken(Conflict):
    """Another account has this address."""

    code = "EMAIL_TAKEN"


class SignUpClosed(LimitReached):
    """This installation takes no new accounts by themselves."""

    code = "SIGN_UP_CLOSED"


class LinkInvalid(Invalid):
    """The link or code is wrong, used or too old."""

    code = "LINK_INVALID"


class SignInRefused(Unauthenticated):
    """The address and the password don't belong together; says the same for unknown addresses."""

    code = "SIGN_IN_REFUSED"


def parse_account_email(text: str) -> str:
    """Return the address in lower case; raises Invalid. No look-up of its domain."""
    try:
        return validate_email(
            text.strip(), check_deliverability=False, test_environment=True
        ).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid(f"not an e-mail address: {error}", field=("email",)) from None


def parse_name(text: str, *, field: str = "name") -> str:
    """Return a display name: one line of 1 to 200 characters, none of them a control, bidi or zero-width one."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= NAME_LENGTH_MAX:
        raise Invalid(f"{field} has 1 to {NAME_LENGTH_MAX} characters", field=(field,))
    if has_hidden(text.strip()):
        raise Invalid(f"{field} is one line without invisible characters", field=(field,))
    return name
