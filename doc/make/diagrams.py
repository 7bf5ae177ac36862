"""Write attention.svg and transformer.svg, the two diagrams of the documents.

    python doc/make/diagrams.py
"""

import html
import os

STYLE = """<style>
text { font: 14px sans-serif; fill: #1f2328; text-anchor: middle }
.small { font-size: 12px; fill: #59636e }
.mono { font-family: monospace }
.note { text-anchor: start }
rect { fill: #ddf4ff; stroke: #0969da }
.weights { fill: #fff8c5; stroke: #9a6700 }
.cache { fill: #dafbe1; stroke: #1a7f37 }
.plain { fill: none; stroke: #59636e; stroke-dasharray: 4 3 }
.card { fill: #ffffff; stroke: none }
path { fill: none; stroke: #59636e; stroke-width: 1.5; marker-end: url(#tip) }
#tip path { fill: #59636e; stroke: none; marker-end: none }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 }
  rect { fill: #0c2d6b; stroke: #58a6ff }
  .weights { fill: #4b2900; stroke: #d29922 }
  .cache { fill: #04260f; stroke: #3fb950 }
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


def label(x, y, text, kind="", turn=0):
    where = f'transform="translate({x} {y}) rotate({turn})"' if turn else f'x="{x}" y="{y}"'
    return f'<text class="small {kind}" {where}>{html.escape(text)}</text>'


def write(name, width, height, title, parts):
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), name)
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
        box(b, 150, "K_w: 100 neurons", "(300, 100)", "weights"),
        box(c, 150, "V_w: 100 neurons", "(300, 100)", "weights"),
        box(a, 240, "q = x Q_w", "(100,)"),
        box(b, 240, "K = X K_w", "(4, 100)"),
        box(c, 240, "V = X V_w", "(4, 100)"),
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
    x, side = 250, 520  # the middles of the boxes, and of the cache beside them
    embedding = "token_embedding_table[token]"
    # title, shape, colour, and what it is for
    rows = [
        ("token", "an id", "", "the number of a piece of text; BOS, 1, comes first"),
        (embedding, "x (dim,)", "weights", "the token's row of a table"), None,
        ("rmsnorm", "xb (dim,)", "", "a copy of x, brought to one size"),
        ("matmul wq, wk, wv", "q (dim,), k, v (kv_dim,)", "weights",
         "query: what it looks for; key: what it is found by; value: what it hands on"),
        ("RoPE", "q, k", "", "turns pairs of q and k by an angle that grows with pos"), None,
        ("attention, head by head", "att (n_heads, pos + 1), xb (dim,)", "",
         "scores q · k, softmax, then the sum of the values, each times its weight"),
        ("matmul wo", "xb2 (dim,)", "weights", "mixes what the heads have found"),
        ("x += xb2", "x (dim,)", "", "residual: adds to x, replaces nothing"), None,
        ("rmsnorm", "xb (dim,)", "", "the same before the feed-forward network"),
        ("matmul w1, w3", "hb, hb2 (hidden_dim,)", "weights", "up to hidden_dim numbers, twice"),
        ("SwiGLU: silu(hb) · hb2", "hb (hidden_dim,)", "",
         "silu(z) = z · sigmoid(z): stops most of what is negative"),
        ("matmul w2", "xb (dim,)", "weights", "and down again"),
        ("x += xb", "x (dim,)", "", "residual"), None,
        ("rmsnorm", "x (dim,)", "", "the last norm"),
        ("matmul wcls", "logits (vocab_size,)", "weights",
         "the classifier: x times the row of each token; larger: likelier"),
        ("sample", "the next token", "", "softmax and a random number; in the prompt, its next token"),
    ]
    parts, places, marks, y = [], [], [], 100
    for row in rows:
        if row is None:
            marks.append(y)
            y += 66 if len(marks) == 2 else 22  # the second is where the cache stands
            continue
        title, shape, kind, note = row
        places.append(y)
        parts.append(box(x, y, title, shape, kind, 270))
        up = {"RoPE": -6, "attention, head by head": 20}.get(title, 4)  # beside the arrows
        parts.append(label(400, y + up, note, "note"))
        y += 66
    for above, below in zip(places, places[1:]):
        parts.append(arrow((x, above + 23), (x, below - 24)))
    top, cache, middle, bottom = marks
    frame = f'x="36" y="{top - 19}" width="838" height="{bottom - top - 10}"'
    parts.insert(0, f'<rect class="plain" {frame} rx="10"/>')
    parts.append(label(770, top + 2, "layer by layer: n_layers times", ""))
    parts += [
        box(side, cache, "key_cache, value_cache", "(n_layers, seq_len, kv_dim)", "cache", 210),
        label(640, cache - 6, "kept: the turned keys, and the", "note"),
        label(640, cache + 10, "values, of all positions so far", "note"),
        arrow((x + 135, cache - 60), (side, cache - 60), (side, cache - 24)),
        label(side + 8, cache - 36, "k, v of this position", "note"),
        arrow((side, cache + 23), (side, cache + 66), (x + 136, cache + 66)),
        label(side + 8, cache + 48, "keys, values of positions 0 to pos", "note"),
        label(x + 12, cache + 4, "q", "note"),
    ]
    # the residual connections go round the left side, and the drawn token goes back outside
    for start, end in (places[1], places[7]), (places[7], places[12]):
        parts.append(arrow((x - 135, start + 12), (70, start + 12), (70, end), (x - 137, end)))
        parts.append(label(60, (start + end) / 2, "residual", turn=-90))
    first, last = places[0], places[-1]
    parts.append(arrow((x - 135, last), (22, last), (22, first), (x - 137, first)))
    parts.append(label(14, (first + last) / 2, "the drawn token goes back in, at pos + 1", turn=-90))
    # the legend
    kinds = ("", "numbers of this token"), ("weights", "weights, from training")
    kinds += (("cache", "kept for later tokens"),)
    for i, (kind, meaning) in enumerate(kinds):
        left = 115 + 200 * i
        parts.append(f'<rect class="{kind}" x="{left}" y="20" width="26" height="16" rx="3"/>')
        parts.append(label(left + 34, 32, meaning, "note"))
    write("transformer.svg", 890, y - 30, "One token's way from id to logits, and back in", parts)


if __name__ == "__main__":
    attention()
    transformer()
