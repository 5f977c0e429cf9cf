import pytest

from integrations.website.robots import ALLOW_ALL, REFUSE_ALL, parse_robots

FILE = """
\ufeffUser-agent: OtherBot
Disallow: /other

# the general group
user-agent: *
Disallow: /private   # comment
Allow: /private/open
Disallow: /*.pdf$
Disallow: /search?*q=
Disallow:
Crawl-delay: 2.5
nonsense
Sitemap: https://acme.example/sitemap.xml

User-Agent: plerabot
User-Agent: SecondBot
Disallow: /team
Crawl-delay: soon
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("", True),
        ("/private", False),
        ("/private/x", False),
        ("/%70rivate", False),
        ("/private/open/y", True),
        ("/a/b.pdf", False),
        ("/a/b.pdf?x", True),
        ("/search?a=1&q=2", False),
        ("/search?a=1", True),
        ("/other", True),
        ("/team", True),
    ],
)
def test_the_general_group_holds_for_whoever_isnt_named(path: str, allowed: bool) -> None:
    robots = parse_robots(FILE, product="AnyBot")
    assert robots.allows(path) is allowed
    assert robots.delay_s == 2.5


def test_a_named_group_replaces_the_general_one() -> None:
    robots = parse_robots(FILE, product="PleraBot")
    assert not robots.allows("/team")
    assert robots.allows("/private")
    assert robots.delay_s == 0


def test_groups_for_one_name_count_together_and_equal_matches_allow() -> None:
    text = "User-agent: PleraBot/2.0\nDisallow: /a\n\nUser-agent: plerabot\nDisallow: /b\nAllow: /b\n"
    robots = parse_robots(text, product="PleraBot")
    assert not robots.allows("/a")
    assert robots.allows("/b")


def test_an_empty_group_of_ones_own_allows_everything() -> None:
    text = "User-agent: PleraBot\nDisallow:\n\nUser-agent: *\nDisallow: /\n"
    assert parse_robots(text, product="PleraBot").allows("/x")
    assert not parse_robots(text, product="OtherBot").allows("/x")


@pytest.mark.parametrize("text", ["", "<html>not robots</html>", "Disallow: /\n", "\x00\xff:::"])
def test_a_file_without_groups_allows_everything(text: str) -> None:
    assert parse_robots(text, product="PleraBot") == ALLOW_ALL


def test_many_stars_are_matched_in_linear_time() -> None:
    robots = parse_robots("User-agent: *\nDisallow: /" + "a*" * 500 + "b$\n", product="PleraBot")
    assert robots.allows("/" + "a" * 5000)
    assert not robots.allows("/" + "a" * 5000 + "b")


def test_refuse_all_refuses_all() -> None:
    assert not REFUSE_ALL.allows("/")
    assert not REFUSE_ALL.allows("/x?y")
