"""Write a page for a browser that shows run.c and our Python side by side.

    python doc/side_by_side.py PATH_TO_RUN_C [-o FILE] [--open]

run.c is on the left; llama2.py and tokenizer.py are on the right. Each function is beside its
namesake, and each block is beside the lines that its comment cites. The page is one file that needs
no network and no script. run.c itself is not in this project: get it from
https://github.com/karpathy/llama2.c
"""

import argparse
import html
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # python -P and -I leave it out

from source import NOT_NEEDED, OURS, ROOT, RULE, literal_lines, load_run_c, open_page
from source import page_source, read_blocks, read_c, read_python, write

# ----------------------------------------------------------------------------
# the page

LITERAL = "a line of Python of its own has at least half of the words of the line of C"
IN_C = dict.fromkeys("atof atoi expf isprint isspace printf".split(), "in C's library")


def align(c, ours):
    """Yield pairs (piece of run.c, piece of ours) with all pieces in order; None for no piece."""
    c, ours = list(c), list(ours)
    while c or ours:
        left = c[0] if c else None
        right = ours[0] if ours else None
        if left and left.unit and not left.unit.run_c:  # Python needs no code for it
            right = None
        elif right and right.unit and not right.unit.run_c:  # run.c has no namesake
            left = None
        elif left and right and bool(left.unit) != bool(right.unit):  # a function waits
            left, right = (None, right) if left.unit else (left, None)
        if left:
            c.pop(0)
        if right:
            ours.pop(0)
        yield left, right


def rows(left, right, literal):
    """Return the HTML of a pair of pieces: one row, or in a function one for each pair of lines.

    literal: which line of C has which line of ours; within a block, such lines are side by side.
    """
    cuts = [(0, 0, "")]  # where a row begins on the left and on the right, and its note
    if left and left.unit:
        for block in read_blocks("\n".join(right.lines)) if right else []:
            cuts.append((block.run_c[0][0] - left.first, block.first - 1, ""))
        for (first, last), why in NOT_NEEDED.items():
            if left.first <= first <= left.unit.last:
                behind = [i for begin, i, _ in cuts if begin > last - left.first]
                i = min(behind, default=len(right.lines) if right else 0)
                note = f"<p>{first}–{last} need no Python: {html.escape(why)}</p>"
                cuts.append((first - left.first, i, note))
        pairs = [(c - left.first, ours - right.first) for c, _, ours in literal if ours]
        cuts += [(a, b, "") for a, b in pairs if all((a >= c) == (b >= d) for c, d, _ in cuts)]
        cuts.sort()
    parts = []
    for (a, b, note), (a_end, b_end, _) in zip(cuts, cuts[1:] + [(None, None, "")]):
        c = code(left, a, a_end) if left else ""
        ours = note + (code(right, b, b_end) if right else "")
        if c or ours:
            parts.append(f'<div class="row"><div class="c">{c}</div><div>{ours}</div></div>\n')
    return "".join(parts)


def code(piece, begin, end):
    """Return the HTML of some lines of a piece, each with its number, which links to itself."""
    parts = []
    for i, line in list(enumerate(piece.lines))[begin:end]:
        anchor = line_anchor(piece, i)
        indent = len(line) - len(line.lstrip())
        rule = ' class="rule"' if RULE.match(line) else ""
        parts.append(
            f'<code id="{anchor}" style="--i:{indent}"{rule}>'
            f'<a href="#{anchor}">{piece.first + i}</a>{piece.html[i]}</code>'
        )
    return "".join(parts)


def line_anchor(piece, i):
    """Return the id of line i of a piece: L217 in run.c, llama2.py-120 in ours."""
    return f"{'L' if piece.file == 'run.c' else piece.file + '-'}{piece.first + i}"


def place(piece):
    """Return the lines of a unit as text that links to the first."""
    lines = f"{piece.file} {piece.first}–{piece.unit.last}"
    return f'<a href="#{line_anchor(piece, 0)}">{lines}</a>'


def make_page(pairs, warning, literal):
    """Return the whole page as text; literal: source.literal_lines of this run.c."""
    contents, body = [], []
    for left, right in pairs:
        piece = right or left
        heading = ""
        if piece.unit:
            name = piece.name
            alone = "" if left and right else ' class="alone"'
            contents.append(f'<li{alone}><a href="#{name}">{name}</a></li>\n')
            c = place(left) if left else IN_C.get(name, "only in Python")
            lines = [ours for _, _, ours in literal.get(name, ())]
            count = f"{len(lines) - lines.count(None)} of {len(lines)}"
            if lines: c += f' · {count} lines <a href="#literal" title="{LITERAL}">literal</a>'
            ours = place(right) if right else "not needed in Python"
            opens = ' tabindex="-1" autofocus' if name == "forward" else ""  # it scrolls there
            heading = (
                f'<h2 id="{name}"{opens}><span><b><a href="#{name}">{name}</a></b> {c}</span>'
                f'<span>{ours}<a class="up" href="#top">contents</a></span></h2>\n'
            )
        elif right and right.name:
            link = f'<a href="#{line_anchor(right, 0)}">{html.escape(right.name)}</a>'
            contents.append(f'<li class="part">{link}</li>\n')
        level = rows(left, right, literal.get(piece.name, ()))
        body.append(f"<section>\n{heading}{level}</section>\n")
    banner = f'<p class="warning">{html.escape(warning)}</p>\n' if warning else ""
    css = page_source("shared.css", "side_by_side.css")
    page = page_source("side_by_side.html")
    return page.format(css=css, contents="".join(contents), banner=banner, body="".join(body))


# ----------------------------------------------------------------------------
# the command


def side_by_side(path, out):
    """Write the page for the run.c at path to out; return what is wrong with it, or None."""
    if out in [*(str(ROOT / name) for name in OURS), os.path.realpath(path)]:
        raise ValueError(f"cannot write {out!r}: it is one of the files to show")
    llama2, tokenizer = map(read_python, OURS)
    # tokenizer.py comes after the last of llama2.py's functions that run.c has before it
    begin = next(piece.unit.run_c[0] for piece in tokenizer if piece.unit and piece.unit.run_c)
    for i, piece in enumerate(llama2):
        if piece.unit and piece.unit.run_c and piece.unit.run_c[0] < begin:
            behind = i + 1
    ours = llama2[:behind] + tokenizer + llama2[behind:]

    text, warning = load_run_c(path)
    write(out, make_page(align(read_c(text, ours), ours), warning, literal_lines(text)))
    return warning


def main(argv=None):
    """Run the command line argv (default: the program's own); return the exit status."""
    parser = argparse.ArgumentParser(description="Show run.c and our Python side by side.")
    parser.add_argument("run_c", metavar="PATH_TO_RUN_C", help="run.c of llama2.c")
    parser.add_argument("-o", metavar="FILE", default="side_by_side.html", help="the page to write"
                        " (default: %(default)s)")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    args = parser.parse_args(argv)
    out = os.path.realpath(args.o)
    try:
        warning = side_by_side(args.run_c, out)
    except ValueError as error:
        print(f"side_by_side: {error}", file=sys.stderr)
        return 1
    problem = open_page(out) if args.open else None
    for message in filter(None, (warning, problem)):
        print(f"side_by_side: {message}", file=sys.stderr)
    return int(bool(problem))


if __name__ == "__main__":
    sys.exit(main())
