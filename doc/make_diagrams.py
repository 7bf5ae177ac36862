"""Write attention.svg and transformer.svg, the two diagrams of the documents.

    python doc/make_diagrams.py
"""

import html
import os

STYLE = """<style>
text { font: 14px sans-serif; fill: #1f2328; text-anchor: middle }
.small { font-size: 12px; fill: #59636e }
.mono { font-family: monospace }
rect { fill: #ddf4ff; stroke: #0969da }
.weights { fill: #fff8c5; stroke: #9a6700 }
.plain { fill: none; stroke: #59636e; stroke-dasharray: 4 3 }
.card { fill: #ffffff; stroke: none }
path { fill: none; stroke: #59636e; stroke-width: 1.5; marker-end: url(#tip) }
#tip path { fill: #59636e; stroke: none; marker-end: none }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 }
  rect { fill: #0c2d6b; stroke: #58a6ff }
  .weights { fill: #4b2900; stroke: #d29922 }
  .plain { fill: none; stroke: #9198a1 } .card { fill: #0d1117 }
  path { stroke: #9198a1 } #tip path { fill: #9198a1 }
}
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>"""


def box(x, y, title, shape="", kind="", width=150):
    """A box of height 46 whose middle is at x, y, with its shape below the title."""
    place = f'x="{x - width / 2}" y="{y - 23}" width="{width}" height="46"'
    lines = [f'<rect class="{kind}" {place} rx="6"/>']
    lines.append(f'<text x="{x}" y="{y - 2 if shape else y + 5}">{html.escape(title)}</text>')
    if shape:
        lines.append(f'<text class="small mono" x="{x}" y="{y + 15}">{html.escape(shape)}</text>')
    return "\n".join(lines)


def arrow(*points):
    return '<path d="M' + " L".join(f"{x} {y}" for x, y in points) + '"/>'


def label(x, y, text):
    return f'<text class="small" x="{x}" y="{y}">{html.escape(text)}</text>'


def write(name, width, height, title, parts):
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">\n'
            f"<title>{title}</title>\n{STYLE}\n"
            f'<rect class="card" width="{width}" height="{height}"/>\n'
            + "\n".join(parts)
            + "\n</svg>\n"
        )


def attention():
    a, b, c = 130, 370, 610
    parts = [
        label(a, 20, "query stream: one word asks"),
        label(b, 20, "key stream: each word says what it offers"),
        label(c, 20, "value stream: what each word hands on"),
        box(a, 60, "x, one word", "(300,)"),
        box(b, 60, "X, all four words", "(4, 300)"),
        box(c, 60, "X, all four words", "(4, 300)"),
        box(a, 150, "Q_w: 100 neurons", "(300, 100)", "weights"),
        box(b, 150, "K_W: 100 neurons", "(300, 100)", "weights"),
        box(c, 150, "V_W: 100 neurons", "(300, 100)", "weights"),
        box(a, 240, "q = x Q_w", "(100,)"),
        box(b, 240, "K = X K_W", "(4, 100)"),
        box(c, 240, "V = X V_W", "(4, 100)"),
        box(250, 330, "scores = q Kᵀ / √100", "(4,)", width=190),
        box(250, 420, "soft weights = softmax", "(4,), sum 1", width=190),
        box(430, 510, "context = soft weights · V", "(100,)", width=220),
    ]
    for x in a, b, c:
        parts += [arrow((x, 83), (x, 126)), arrow((x, 173), (x, 216))]
    parts += [
        arrow((a, 263), (a, 285), (210, 285), (210, 306)),
        arrow((b, 263), (b, 285), (290, 285), (290, 306)),
        arrow((250, 353), (250, 396)),
        arrow((250, 443), (250, 465), (380, 465), (380, 486)),
        arrow((c, 263), (c, 465), (480, 465), (480, 486)),
    ]
    write("attention.svg", 740, 545, "One attention head as three parallel streams", parts)


def transformer():
    x, names = 250, []
    rows = [
        ("token", "an id", ""), ("token_embedding_table[token]", "x (dim,)", "weights"), None,
        ("rmsnorm", "xb (dim,)", ""), ("matmul wq, wk, wv", "q (dim,), k, v (kv_dim,)", "weights"),
        ("RoPE turns q and k by pos", "k, v go into the cache", ""),
        ("attention, head by head", "att (n_heads, pos + 1), xb (dim,)", ""),
        ("matmul wo", "xb2 (dim,)", "weights"), ("x += xb2", "x (dim,)", ""), None,
        ("rmsnorm", "xb (dim,)", ""), ("matmul w1, w3", "hb, hb2 (hidden_dim,)", "weights"),
        ("SwiGLU: silu(hb) · hb2", "hb (hidden_dim,)", ""), ("matmul w2", "xb (dim,)", "weights"),
        ("x += xb", "x (dim,)", ""), None, ("rmsnorm", "x (dim,)", ""),
        ("matmul wcls", "logits (vocab_size,)", "weights"), ("sample", "the next token", ""),
    ]  # fmt: skip
    y, parts, marks = 40, [], []
    for row in rows:
        if row is None:
            marks.append(y - 23)
            y += 22
            continue
        parts.append(box(x, y, row[0], row[1], row[2], 270))
        names.append(y)
        y += 66
    for above, below in zip(names, names[1:]):
        parts.append(arrow((x, above + 23), (x, below - 24)))
    top, middle, bottom = (mark + 4 for mark in marks)
    frame = f'x="20" y="{top}" width="560" height="{bottom - top - 6}"'
    parts.insert(0, f'<rect class="plain" {frame} rx="10"/>')
    parts.append(label(500, top + 20, "n_layers times"))
    # the residual connections go round the side
    adds = [i for i, row in enumerate([r for r in rows if r]) if row[0].startswith("x +=")]
    for start, end in ((names[1], names[adds[0]]), (names[adds[0]], names[adds[1]])):
        parts.append(arrow((x - 135, start + 12), (60, start + 12), (60, end), (x - 137, end)))
        turn = f"translate(48 {(start + end) / 2}) rotate(-90)"
        parts.append(f'<text class="small" transform="{turn}">residual</text>')
    write("transformer.svg", 600, y - 30, "One token's way from id to logits", parts)


if __name__ == "__main__":
    attention()
    transformer()
