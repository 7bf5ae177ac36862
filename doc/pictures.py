"""Small pictures for the notebooks, and functions that look inside a model.

heatmap, heatmaps, bars, lines and text return a Picture, which a notebook displays by itself;
str(picture) is its SVG. Blue is above zero and orange below; colour-blind readers can tell them
apart. The background is always white, even in dark mode. pieces, lens, switched_off and
changed_forward look inside a model.
"""

import base64
import inspect
import math
from array import array
from collections import defaultdict
from contextlib import contextmanager
from html import escape
from itertools import groupby

import llama2

BLUE, ORANGE, GREY = (8, 69, 148), (166, 54, 3), "#e4e7ea"
COLOURS = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"  # Okabe and Ito
STYLE = (
    "<style>text{font:12px sans-serif;fill:#1f2328}.t{font-weight:bold;font-size:14px}"
    ".w{font-family:monospace}.e{text-anchor:end}.m{text-anchor:middle}.s{fill:#59636e}"
    ".g{stroke:#e4e7ea}.z{stroke:#59636e}.f{fill:none;stroke:#8c959f}</style>"
)
LETTER = 7.3  # pixels: the width of a monospace letter


class Picture:
    """An SVG drawing of a width and a height in pixels."""

    def __init__(self, width, height, title, parts):
        self.title = title
        width = max(width, 8 * len(title) + 30)
        self.svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}"'
            f' width="{width:.0f}" style="max-width:100%" role="img"><title>{escape(title)}</title>'
            f'{STYLE}<rect width="{width:.0f}" height="{height:.0f}" rx="6" fill="#ffffff"/>'
            f'{label(12, 22, title, "t")}{"".join(parts)}</svg>')

    def _repr_html_(self):  # Jupyter shows an <svg> only in a trusted notebook
        data = base64.b64encode(self.svg.encode()).decode()
        return f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(self.title)}">'

    def __str__(self):
        return self.svg

    def __repr__(self):
        return f"Picture({self.title!r})"


def label(x, y, text, kind="", turn=0):
    where = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}"{where}>{escape(str(text))}</text>'


def rect(x, y, width, height, fill, more=""):
    size = f'width="{width:.1f}" height="{height:.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}"{more}/>'


def shade(part):
    """The colour for part, a value from -1 (orange) through 0 (white) to 1 (blue)."""
    to = ORANGE if part < 0.0 else BLUE
    return "#%02x%02x%02x" % tuple(round(255 - min(abs(part), 1.0) * (255 - b)) for b in to)


def scale(x, y, largest, signed, note=""):
    """The legend of a heatmap: a strip of its shades with numbers below it."""
    low = -1 if signed else 0
    steps = [low + (1 - low) * k / 24 for k in range(25)]
    parts = [rect(x + 6 * k, y, 6, 9, shade(part)) for k, part in enumerate(steps)]
    parts.append(f'<rect class="f" x="{x}" y="{y}" width="150" height="9"/>')
    parts.append(label(x, y + 22, f"{low * largest:.2g}", "s "))
    parts.append(label(x + 150, y + 22, f"{largest:.2g}", "s e"))
    if signed: parts.append(label(x + 75, y + 22, "0", "s m"))
    return parts + [label(x + 162, y + 9, note, "s")]


def heatmap(rows, title, row_names=None, column_names=None, size=26, axes=("", "")):
    """A cell for each number in rows, grey for None; axes: labels below and on the left."""
    tall = max(size, 16)  # room for a name
    values = [v for row in rows for v in row if v is not None]
    largest = max(map(abs, values), default=0.0) or 1.0
    left = 22 + 18 * bool(axes[1]) + LETTER * max(map(len, row_names or [""]))
    top = 42 + (LETTER * max(map(len, column_names)) if column_names else 0)
    wide, high = size * len(rows[0]), tall * len(rows)
    parts = []
    for i, row in enumerate(rows):
        if row_names:
            parts.append(label(left - 6, top + (i + 0.5) * tall + 4, row_names[i], "w e"))
        for j, value in enumerate(row):
            fill = GREY if value is None else shade(value / largest)
            parts.append(rect(left + j * size, top + i * tall, size, tall, fill))
    for j, name in enumerate(column_names or []):
        parts.append(label(left + (j + 0.5) * size + 4, top - 6, name, "w", -90))
    parts.append(f'<rect class="f" x="{left:.1f}" y="{top:.1f}" width="{wide}" height="{high}"/>')
    parts.append(label(left + wide / 2, top + high + 18, axes[0], "m"))
    parts.append(label(22, top + high / 2, axes[1], "m", -90))
    bottom = top + high + 10 + 18 * bool(axes[0])
    later = "grey: later tokens" if None in sum(map(list, rows), []) else ""
    parts += scale(left, bottom, largest, min(values) < 0.0, later)
    return Picture(max(left + wide + 14, left + 290), bottom + 34, title, parts)


def heatmaps(grids, title, columns, size, note, marks):
    """Small heatmaps of weights from 0 to 1, in columns; grids: {name: rows}.

    marks: {3: "name"} labels row and column 3, on the left and below, as the start of "name".
    """
    n = max(map(len, grids.values()))
    side, margin = size * n, 10 + 7 * max(map(len, marks.values()))
    starts = sorted(marks)
    middles = [(size * (a + b) / 2 + 4, marks[a]) for a, b in zip(starts, starts[1:] + [n])]
    parts = [label(12, 42, note, "s")]
    for i, (name, rows) in enumerate(grids.items()):
        left, top = 12 + margin + i % columns * (side + 14), 70 + i // columns * (side + 28)
        parts.append(label(left, top - 5, name))
        if i % columns == 0:
            parts += [label(left - 6, top + middle, text, "s e") for middle, text in middles]
        if i >= len(grids) - columns:
            parts += [label(left + middle, top + side + 6, text, "s e", -90)
                      for middle, text in middles]
        grid = "".join(f"M{left + size * at} {top}v{side}M{left} {top + size * at}h{side}"
                       for at in starts[1:])
        parts.append(f'<path class="g" d="{grid}"/>')
        paths = defaultdict(str)  # one for each shade
        for y, row in enumerate(rows):
            x = left
            for level, run in groupby(GREY if v is None else shade(round(16 * v) / 16) for v in row):
                width = size * len(list(run))
                paths[level] += f"M{x} {top + y * size}h{width}v{size}h-{width}z"
                x += width
        paths.pop("#ffffff", None)
        parts += [f'<path fill="{fill}" d="{path}"/>' for fill, path in sorted(paths.items())]
        parts.append(f'<rect class="f" x="{left}" y="{top}" width="{side}" height="{side}"/>')
    bottom = 70 + -(-len(grids) // columns) * (side + 28) - 12 + margin
    parts += scale(12, bottom, 1.0, False, "white: below 0.03; grey: later tokens")
    width = max(12 + margin + columns * (side + 14), 8 * len(note))
    return Picture(width, bottom + 34, title, parts)


def bars(values, title, names, digits=3, largest=None):
    """A bar for each value, starting at zero, with its name on the left and its number after it.

    largest: the value of a full-length bar, so that several pictures can share a scale.
    """
    signed = min(values) < 0.0
    largest = largest or max(map(abs, values)) or 1.0
    left = 18 + LETTER * max(len(str(name)) for name in names)
    zero, long = (left + 150, 150) if signed else (left, 300)
    bottom = 38 + 20 * len(values)
    parts = []
    for i, (value, name) in enumerate(zip(values, names)):
        y = 38 + 20 * i
        width = long * min(abs(value) / largest, 1.0)
        parts.append(label(left - 6, y + 14, name, "w e"))
        parts.append(rect(zero - width * (value < 0), y + 2, width, 15, COLOURS[value < 0]))
        number = f"{value:.{digits}f}"
        parts.append(label(left + 308 if signed else zero + width + 5, y + 14, number))
    parts.append(f'<line class="z" x1="{zero}" x2="{zero}" y1="38" y2="{bottom}"/>')
    if signed:
        parts.append(label(zero, bottom + 16, "orange: below 0, blue: above", "s m"))
    return Picture(left + 380, bottom + 10 + 14 * signed, title, parts)


def ticks(low, high):
    """A few round numbers from low to high.

    >>> ticks(0, 30)
    [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]
    """
    rough = (high - low) / 5 or 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((power, 2 * power, 5 * power, 10 * power), key=lambda s: abs(s - rough))
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [float(f"{k * step:.10g}") for k in numbers]


def lines(series, title, x_label, y_label):
    """A line for each of series, {name: [(x, y), ...]}; the y axis includes zero."""
    points = [point for values in series.values() for point in values]
    (x0, x1), (y0, y1) = ((min(c), max(c)) for c in zip(*points))
    y0, y1 = min(y0, 0.0), max(y1, 0.0)
    parts = [label(300, 314, x_label, "m"), label(16, 165, y_label, "m", -90)]

    def at(x, y):
        return 64 + 456 * (x - x0) / ((x1 - x0) or 1), 280 - 235 * (y - y0) / ((y1 - y0) or 1)

    for y in ticks(y0, y1):
        kind, py = "z" if y == 0.0 else "g", at(x0, y)[1]
        parts.append(f'<line class="{kind}" x1="64" x2="520" y1="{py:.1f}" y2="{py:.1f}"/>')
        parts.append(label(58, py + 4, f"{y:g}", "e"))
    for x in ticks(x0, x1):
        px = at(x, y0)[0]
        parts.append(f'<line class="z" x1="{px:.1f}" x2="{px:.1f}" y1="280" y2="284"/>')
        parts.append(label(px, 297, f"{x:g}", "m"))
    ends = []
    for colour, (name, values) in zip(COLOURS, series.items()):
        path = " ".join("%.1f,%.1f" % at(x, y) for x, y in values)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        ends.append((at(*values[-1])[1], name, colour))
    free = 0.0  # a name is placed where its line ends, or below the previous name
    for y, name, colour in sorted(ends):
        free = max(y + 4, free + 15)
        parts.append(f'<text x="526" y="{free:.1f}" style="fill:{colour}">{escape(name)}</text>')
    return Picture(540 + 7 * max(map(len, series)), 325, title, parts)


def text(words, weights, title):
    """The words in a row; a larger weight gives a word a darker background."""
    largest = max(weights) or 1.0
    x, y, parts = 12.0, 36, []
    for word, weight in zip(words, weights):
        width = LETTER * max(len(word), 1) + 8
        if x + width > 700:
            x, y = 12.0, y + 28
        part = weight / largest
        parts.append(rect(x, y, width, 24, shade(part)))
        colour = "#ffffff" if part > 0.55 else "#1f2328"
        style = f'class="w" style="fill:{colour}"'
        parts.append(f'<text x="{x + 4:.1f}" y="{y + 16}" {style}>{escape(word)}</text>')
        x += width + 2
    return Picture(720, y + 70, title, parts + scale(12, y + 36, largest, False))


# ----------------------------------------------------------------------------
# Looking inside a model


def pieces(tokenizer, tokens):
    """The text of each token, with a space as ␣ and a line break as ↵.

    Byte tokens keep their names, such as <0x41>; invalid UTF-8 becomes backslash escapes.
    """
    names = {1: "BOS", 2: "EOS"}
    texts = [names.get(i) or tokenizer.vocab[i].decode("utf-8", "backslashreplace") for i in tokens]
    return [text.replace(" ", "␣").replace("\n", "↵") for text in texts]


def lens(transformer, token, pos):
    """The logit lens: the logits that the classifier computes from x at each stage.

    Runs forward; returns logits for the embedding and after each layer; the last are forward's.
    """
    p, w = transformer.config, transformer.weights
    seen, rmsnorm = [], llama2.rmsnorm

    def looking(o, x, weight, size):
        seen.append(list(x))
        rmsnorm(o, x, weight, size)

    llama2.rmsnorm = looking
    try:
        llama2.forward(transformer, token, pos)
    finally:
        llama2.rmsnorm = rmsnorm
    logits = [[0.0] * p.vocab_size for _ in seen[0::2]]
    for x, result in zip(seen[0::2], logits):  # x before each layer, then after the last
        rmsnorm(x, x, w.rms_final_weight, p.dim)
        llama2.matmul(result, x, w.wcls, p.dim, p.vocab_size)
    return logits


@contextmanager
def switched_off(transformer, heads=(), layers=()):
    """In a with block, these heads, given as (layer, head), and these layers add nothing to x."""
    p, w = transformer.config, transformer.weights
    head_size = p.dim // p.n_heads
    wo, w2 = list(w.wo), list(w.w2)
    for l, h in heads:  # set wo's columns for the head to 0
        w.wo[l] = [array("f", row) for row in w.wo[l]]
        for row in w.wo[l]:
            row[h * head_size : (h + 1) * head_size] = array("f", [0.0] * head_size)
    for l in layers:
        w.wo[l] = [[0.0] * p.dim] * p.dim
        w.w2[l] = [[0.0] * p.hidden_dim] * p.dim
    try:
        yield
    finally:
        w.wo[:], w.w2[:] = wo, w2


def changed_forward(changes, **names):
    """llama2.forward with its source changed; changes: {old text: new text}.

    names: what the new text needs beyond llama2's names. Raises ValueError if old is missing.
    """
    source = inspect.getsource(llama2.forward)
    for old, new in changes.items():
        if old not in source:
            raise ValueError(f"forward has no {old!r}")
        source = source.replace(old, new)
    names = {**vars(llama2), **names}
    exec(source, names)
    return names["forward"]


def matmul_in_digits(rows, x, title, digits=3):
    """W x, with each column of W as one integer that has a fixed number of digits for each row.

    rows: the rows of W; they and x contain small integers that are not negative. A sum with too
    many digits spills over into its neighbour, in the picture too.
    """
    width = len(rows) * (LETTER * digits + 22)
    left, right = 80, 80 + width + 70
    parts = []

    def number(at, y, value):
        """The digits of value, with a background colour for each row."""
        text = f"{value:0{digits * len(rows)}}"
        for i in range(len(rows)):
            end = len(text) - digits * (len(rows) - 1 - i)
            start = end - digits if i else 0
            x0 = at + i * width / len(rows)
            parts.append(rect(x0, y - 15, width / len(rows) - 3, 21, COLOURS[i % len(COLOURS)],
                              ' fill-opacity="0.22"'))
            parts.append(label(x0 + 8, y, text[start:end], "w"))

    for i in range(len(rows)):
        for at in left, right:
            parts.append(label(at + (i + 0.45) * width / len(rows), 48, f"row {i}", "s m"))
    total, y = 0, 76
    for j, x_j in enumerate(x):
        column = int("".join(f"{row[j]:0{digits}}" for row in rows))
        parts.append(label(left - 8, y, f"column {j}", "e"))
        number(left, y, column)
        parts.append(label(left + width + 33, y, f"× {x_j} =", "w m"))
        number(right, y, column * x_j)
        total += column * x_j
        y += 28
    parts.append(f'<line class="z" x1="{right}" x2="{right + width}" y1="{y - 17}" y2="{y - 17}"/>')
    parts.append(label(right - 8, y + 6, "sum", "e"))
    number(right, y + 6, total)
    return Picture(right + width + 14, y + 26, title, parts)
