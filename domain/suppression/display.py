"""What of a suppressed identifier stays readable, so that people can find their way in the list."""

from domain.suppression.rules import OPERATOR_REASONS, SuppressionKind, SuppressionReason


def display_of(*, kind: SuppressionKind, folded: str, reason: SuppressionReason) -> str | None:
    """Return a domain or an id as it is, what names a person masked; nothing for objections and erasures.

    Args:
        folded: the spelling from ``keys.fold``.
    """
    if reason in OPERATOR_REASONS:
        return None
    match kind:
        case SuppressionKind.EMAIL:
            local, _, domain = folded.rpartition("@")
            return f"{local[0]}***@{domain}"
        case SuppressionKind.PHONE:
            return f"{folded[:3]}***{folded[-2:]}"
        case SuppressionKind.LINKEDIN:
            section, _, slug = folded.partition("/")
            return f"{section}/{slug[0]}***"
    return folded
