"""A line chart as SVG, without a library: some series over the same steps, with the value at each point."""

from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT = 640, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 600, 60, 260
_MIDDLE = (_LEFT + _RIGHT) // 2
_FONT = 'font-family="sans-serif" font-size="12"'
_CENTRED = 'text-anchor="middle"'
_COLOURS = ("#0072b2", "#d55e00", "#009e73")
"""Of Okabe and Ito: people who do not see all colours tell them apart."""


def line_chart(
    title: str, steps: Sequence[str], axis: str, series: Mapping[str, Sequence[float]]
) -> str:
    """Return a chart whose vertical axis begins at 0 and is that of all series.

    Args:
        title: says what is shown.
        steps: the labels of the horizontal axis, at equal distances.
        axis: says what they are.
        series: the values at the steps, by name.

    """
    most = max(map(max, series.values()))
    across = (_RIGHT - _LEFT) / (len(steps) - 1)

    def place(n: int, value: float) -> tuple[float, float]:
        return _LEFT + n * across, _BOTTOM - (_BOTTOM - _TOP) * value / most

    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_FONT}>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="22" font-size="15" fill="#222222">{escape(title)}</text>',
        f'<path d="M{_LEFT} {_BOTTOM}H{_RIGHT}" stroke="#888888" fill="none"/>',
        f'<text x="{_MIDDLE}" y="{_BOTTOM + 40}" {_CENTRED} fill="#222222">{escape(axis)}</text>',
    ]
    for n, step in enumerate(steps):
        x, _ = place(n, 0)
        rows.append(
            f'<text x="{x:.0f}" y="{_BOTTOM + 18}" text-anchor="middle" fill="#222222">{escape(step)}</text>'
        )
    for place_in_key, (name, values) in enumerate(series.items()):
        colour = _COLOURS[place_in_key]
        points = [place(n, value) for n, value in enumerate(values)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        rows.append(f'<path d="M{path}" stroke="{colour}" stroke-width="2" fill="none"/>')
        rows.append(
            f'<text x="{_LEFT + 290 * place_in_key}" y="42" fill="{colour}">{escape(name)}</text>'
        )
        for (x, y), value in zip(points, values, strict=True):
            shown = f"{value:.1f}" if value < 10 else f"{value:.0f}"  # noqa: PLR2004 - digits
            rows.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            rows.append(
                f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle" fill="{colour}">{shown}</text>'
            )
    return "\n".join([*rows, "</svg>", ""])
