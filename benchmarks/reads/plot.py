"""The results as a picture: for each question one bar per variant, requests/s relative to the floor, logarithmic."""

import math
from xml.sax.saxutils import escape

from benchmarks.reads.report import Results

_WIDTH, _LEFT, _RIGHT = 860, 270, 70
_BAR, _GAP, _GROUP = 14, 4, 26
_LEAST, _MOST = 0.01, 2.0
_COLOURS = {"plera": "#0b6e4f", "floor": "#8a8f98"}
_OTHER = "#c58b3c"


def as_svg(results: Results) -> str:
    """Draw it; wider is faster."""
    parts, y = [], 66
    for question in results.questions:
        parts.append(_text(10, y, f"{question.name}: {question.title}", weight="bold"))
        y += 8
        for variant, _, relative in results.cells(question):
            parts.append(_bar(y, variant.name, variant.title, relative["rate"]))
            y += _BAR + _GAP
        y += _GROUP
    lines = [_line(mark, y - _GROUP + 4) for mark in (0.01, 0.1, 1.0)]
    title = _text(10, 24, "Requests/s relative to hand-written SQL (1 = the floor; logarithmic)", size=15)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" font-family="system-ui, sans-serif">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{title}\n'
        + "\n".join((*lines, *parts))
        + "\n</svg>\n"
    )


def _x(value: float) -> float:
    share = math.log(max(value, _LEAST) / _LEAST) / math.log(_MOST / _LEAST)
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(share, 1)


def _bar(y: int, name: str, title: str, value: float) -> str:
    width = max(_x(value) - _LEFT, 1)
    fill = _COLOURS.get(name, _OTHER)
    return (
        _text(_LEFT - 8, y + _BAR - 3, title, anchor="end")
        + f'<rect x="{_LEFT}" y="{y}" width="{width:.1f}" height="{_BAR}" fill="{fill}"/>'
        + _text(_LEFT + width + 6, y + _BAR - 3, f"{value:.2f}")
    )


def _line(mark: float, bottom: int) -> str:
    x = _x(mark)
    line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="36" y2="{bottom}" stroke="#ddd"/>'
    return line + _text(x, 42, f"{mark:g}", anchor="middle")


def _text(
    x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", weight: str = "normal"
) -> str:
    return (
        f'<text x="{x:.0f}" y="{y}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="#222">'
        f"{escape(text)}</text>"
    )
