"""robots.txt by RFC 9309: groups, longest match, ``*`` and ``$``; plus the customary crawl-delay."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

SIZE_MAX = 500 * 1024
_LINES_MAX = 5000


@dataclass(frozen=True, slots=True)
class Rule:
    """One Allow or Disallow line."""

    allows: bool
    path: str


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site asks of our crawler.

    Args:
        delay_s: seconds between requests, 0 if none are asked for.
    """

    rules: tuple[Rule, ...] = ()
    delay_s: float = 0.0

    def allows(self, path: str) -> bool:
        """Tell whether ``path`` (with its query) may be fetched; of equally long matches Allow wins."""
        wanted = _normalise(path or "/")
        best = max(
            (rule for rule in self.rules if _matches(rule.path, wanted)),
            key=lambda rule: (len(rule.path), rule.allows),
            default=Rule(True, ""),
        )
        return best.allows


ALLOW_ALL = Robots()
REFUSE_ALL = Robots(rules=(Rule(False, "/"),))


def parse_robots(text: str, *, product: str) -> Robots:
    """Return the rules of the group for ``product`` (compared without case), else of ``*``.

    Lines that make no sense are passed over; several groups for one crawler count together.
    """
    own, general = _Group(), _Group()
    current: tuple[_Group, ...] = ()
    in_header = False
    for line in text.lstrip("\ufeff").splitlines()[:_LINES_MAX]:
        key, separator, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not separator:
            continue
        if key == "user-agent":
            named = _groups_named(value, own, general, product=product)
            current, in_header = (current + named if in_header else named), True
            continue
        in_header = False
        for group in current:
            group.add(key, value)
    return (own if own.named else general).freeze()


class _Group:
    def __init__(self) -> None:
        self.named = False
        self._rules: list[Rule] = []
        self._delay_s = 0.0

    def add(self, key: str, value: str) -> None:
        if key in ("allow", "disallow") and value:
            self._rules.append(Rule(key == "allow", _normalise(value)))
        elif key == "crawl-delay":
            self._delay_s = _seconds(value)

    def freeze(self) -> Robots:
        return Robots(tuple(self._rules), self._delay_s)


def _groups_named(value: str, own: _Group, general: _Group, *, product: str) -> tuple[_Group, ...]:
    if value == "*":
        return (general,)
    if value.partition("/")[0].strip().lower() == product.lower():
        own.named = True
        return (own,)
    return ()


def _seconds(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        return 0.0
    return number if 0 <= number < 86_400 else 0.0


def _normalise(path: str) -> str:
    return quote(unquote(path), safe="/*$?=&:;@!,()'+~%-._")


def _matches(pattern: str, path: str) -> bool:
    anchored = pattern.endswith("$")
    parts = pattern.removesuffix("$").split("*")
    if not path.startswith(parts[0]):
        return False
    at = len(parts[0])
    middle, last = parts[1:-1], parts[-1]
    for part in middle:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if len(parts) == 1:
        return not anchored or at == len(path)
    return path.endswith(last) and len(path) - len(last) >= at if anchored else path.find(last, at) >= 0
