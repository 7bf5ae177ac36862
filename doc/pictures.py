"""Small pictures for the notebooks: SVG that a notebook shows by itself.

heatmap, heatmaps, bars, lines and text return a Picture; str(picture) is its SVG. The colours go
from light to dark blue, which also the colour-blind tell apart; all stand on a white card, in dark
mode too.
"""

from html import escape

BLUES = (247, 251, 255), (8, 48, 107)
COLOURS = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"  # Okabe and Ito
STYLE = (
    "<style>text{font:12px sans-serif;fill:#1f2328}.t{font-weight:bold;font-size:14px}"
    ".e{text-anchor:end}.m{text-anchor:middle}.g{stroke:#d0d7de}</style>"
)


class Picture:
    """An SVG drawing of a width and a height in pixels."""

    def __init__(self, width, height, title, parts):
        self.title = title
        self.svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" style="max-width:100%" role="img"><title>{escape(title)}</title>'
            f'{STYLE}'
            f'<rect width="{width}" height="{height}" rx="6" fill="#ffffff"/>'
            + label(12, 22, title, "t")
            + "".join(parts)
            + "</svg>"
        )

    def _repr_svg_(self):
        return self.svg

    __str__ = _repr_svg_

    def __repr__(self):
        return f"Picture({self.title!r})"


def label(x, y, text, kind="", turn=0):
    where = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}"{where}>{escape(str(text))}</text>'


def shade(part):
    """The colour for a part of the largest value, 0 to 1."""
    part = min(max(part, 0.0), 1.0)
    return "rgb(%d,%d,%d)" % tuple(round(a + part * (b - a)) for a, b in zip(*BLUES))


def heatmap(rows, title, row_names=None, column_names=None, size=26):
    """A square for each number in rows; the largest magnitude is the darkest."""
    largest = max((abs(v) for row in rows for v in row), default=0.0) or 1.0
    left = 16 + 7 * max((len(str(name)) for name in row_names or [""]), default=0)
    top = 40 + (7 * max(len(str(name)) for name in column_names) if column_names else 0)
    parts = []
    for i, row in enumerate(rows):
        if row_names:
            parts.append(label(left - 6, top + (i + 0.65) * size, row_names[i], "e"))
        for j, value in enumerate(row):
            if value == 0.0:
                continue
            parts.append(
                f'<rect x="{left + j * size}" y="{top + i * size}" width="{size - 1}" height='
                f'"{size - 1}" fill="{shade(abs(value) / largest)}">'
                f"<title>{value:.3f}</title></rect>"
            )
    for j, name in enumerate(column_names or []):
        parts.append(label(left + (j + 0.6) * size, top - 6, name, "", -90))
    width = max(left + size * len(rows[0]) + 12, 8 * len(title) + 30)
    return Picture(width, top + size * len(rows) + 12, title, parts)


def heatmaps(grids, title, columns, size=4):
    """Small heatmaps in columns; grids: a name and its rows of weights, 0 to 1, for each."""
    side = 8 + size * max(len(rows) for rows in grids.values())
    parts = []
    for n, (name, rows) in enumerate(grids.items()):
        left, top = 12 + n % columns * side, 52 + n // columns * (side + 18)
        parts.append(label(left, top - 5, name))
        paths = {0: f"M{left} {top}h{side - 8}v{side - 8}h{8 - side}z"}  # one for each shade
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                square = f"M{left + j * size} {top + i * size}h{size}v{size}h-{size}z"
                level = round(8 * value)
                paths[level] = paths.get(level, "") + (square if level else "")
        for level, path in sorted(paths.items()):
            parts.append(f'<path fill="{shade(level / 8)}" d="{path}"/>')
    height = 40 + -(-len(grids) // columns) * (side + 18)
    return Picture(16 + columns * side, height, title, parts)


def bars(values, title, names, digits=3):
    """A bar to the right for each value, with its name before and its number behind it."""
    largest = max(map(abs, values)) or 1.0
    left = 16 + 7 * max(len(str(name)) for name in names)
    parts = []
    for i, (value, name) in enumerate(zip(values, names)):
        y = 38 + 20 * i
        parts.append(label(left - 6, y + 13, name, "e"))
        long = 300 * abs(value) / largest
        colour = COLOURS[value < 0]
        parts.append(
            f'<rect x="{left}" y="{y + 2}" width="{long:.1f}" height="15" fill="{colour}"/>'
        )
        parts.append(label(left + long + 5, y + 13, f"{value:.{digits}f}"))
    return Picture(max(left + 380, 8 * len(title) + 30), 48 + 20 * len(values), title, parts)


def lines(series, title, x_label, y_label):
    """series: a name and its list of (x, y) for each line."""
    points = [point for values in series.values() for point in values]
    (x0, x1), (y0, y1) = ((min(c), max(c)) for c in zip(*points))
    parts = [label(300, 312, x_label, "m"), label(16, 165, y_label, "m", -90)]

    def at(x, y):
        return 60 + 460 * (x - x0) / ((x1 - x0) or 1), 280 - 235 * (y - y0) / ((y1 - y0) or 1)

    for k in range(5):
        x, y = x0 + k * (x1 - x0) / 4, y0 + k * (y1 - y0) / 4
        px, py = at(x, y)
        parts.append(f'<line class="g" x1="60" x2="520" y1="{py:.1f}" y2="{py:.1f}"/>')
        parts += [label(54, py + 4, f"{y:.3g}", "e"), label(px, 296, f"{x:.3g}", "m")]
    for colour, (name, values) in zip(COLOURS, series.items()):
        path = " ".join("%.1f,%.1f" % at(x, y) for x, y in values)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        px, py = at(*values[-1])
        parts.append(label(px + 6, py + 4, name))
    return Picture(540 + 8 * max(map(len, series)), 325, title, parts)


def text(words, weights, title):
    """The words in a row, each on a ground as dark as its weight, up to the largest."""
    largest = max(weights) or 1.0
    x, y, parts = 12.0, 36, []
    for word, weight in zip(words, weights):
        width = 8 * max(len(word), 1) + 6
        if x + width > 700:
            x, y = 12.0, y + 28
        part = weight / largest
        parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="24" fill="{shade(part)}"/>')
        colour = "#ffffff" if part > 0.55 else "#1f2328"
        style = f"fill:{colour};font-family:monospace"
        parts.append(f'<text x="{x + 3}" y="{y + 16}" style="{style}">{escape(word)}</text>')
        x += width + 1
    return Picture(720, y + 38, title, parts)
