"""Write a page that shows run.c and our Python side by side, to be read in a browser.

    python doc/side_by_side.py PATH_TO_RUN_C [-o FILE] [--serve]

run.c stands on the left; llama2.py and tokenizer.py stand on the right, each function beside its
namesake and each block beside its lines, by the numbers in our docstrings and comments. The page
is one file that needs no network and no script. run.c itself is not in this project: get it from
https://github.com/karpathy/llama2.c
"""

import argparse
import ast
import hashlib
import html
import io
import keyword
import os
import re
import sys
import tokenize
import webbrowser
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from run_c import NOT_NEEDED, SHA256, UNITS
from tokenizer import FileError, fopen

RULE = re.compile("(//|#) ---")  # stands above the title of a part, in run.c as in ours

# a function or class in one of the files; run_c: its first and last line in run.c, or None
Unit = namedtuple("Unit", "first last name run_c")
# a stretch of a file from line first on: a unit, or (unit is None) what stands between two units;
# blank lines belong to what is above them; html: the lines in colour
Piece = namedtuple("Piece", "file first name unit lines html")


# ----------------------------------------------------------------------------
# reading


def read_python(path):
    """The pieces of one of our two files."""
    text = path.read_text(encoding="utf-8")
    units = []
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = min(n.lineno for n in [node, *node.decorator_list])
            numbers = re.search(r"run\.c (\d+)-(\d+)$", ast.get_docstring(node) or "")
            run_c = (int(numbers[1]), int(numbers[2])) if numbers else None
            units.append(Unit(first, node.end_lineno, node.name, run_c))
    return cut(path.name, text, python_spans(text), units)


def load_run_c(path):
    """The text of run.c, and a warning if it is another version than the numbers mean, or None."""
    with fopen(path) as file:
        data = file.read().replace(b"\r\n", b"\n")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if "\0" in text or not re.search("^#include", text, re.MULTILINE):
        raise FileError(f"{path!r} is not a C file: give the path of llama2.c's run.c")
    if hashlib.sha256(data).hexdigest() == SHA256:
        return text, None
    return text, (
        "This run.c is not the version that the line numbers mean, which is that of llama2.c's"
        " commit 350e04f: what stands side by side may not match."
    )


def read_c(text, ours):
    """The pieces of run.c; its functions are where the docstrings of our pieces say."""
    units = []
    for name, paragraphs in UNITS.items():
        first, last = paragraphs[0][0], paragraphs[-1][1]
        if (first, last) in NOT_NEEDED:
            units.append(Unit(first, last, name, None))
    for piece in ours:
        if piece.unit and piece.unit.run_c:
            units.append(Unit(*piece.unit.run_c, piece.name, piece.unit.run_c))
    return cut("run.c", text, c_spans(text), units)


def cut(file, text, spans, units):
    """The pieces of a file: one begins at a unit, behind a unit, and at a rule of dashes."""
    units = {unit.first: unit for unit in units}
    lines = text.removesuffix("\n").split("\n")
    starts = []
    end = 0  # of the last unit
    for number, line in enumerate(lines, 1):
        if number in units:
            starts.append((number, units[number].name, units[number]))
            end = units[number].last
        elif number == 1:
            starts.append((number, file, None))
        elif number > end and RULE.match(line):
            title = "".join(lines[number : number + 1]).strip("/# ")
            starts.append((number, title, None))
        elif number > end and line and starts[-1][2]:
            starts.append((number, None, None))
    ends = [start[0] - 1 for start in starts[1:]] + [len(lines)]
    coloured = colour(text, spans)
    return [
        Piece(file, first, name, unit, lines[first - 1 : last], coloured[first - 1 : last])
        for (first, name, unit), last in zip(starts, ends)
    ]


# ----------------------------------------------------------------------------
# colours


def colour(text, spans):
    """The lines of text as HTML; spans: (begin, end, class) in order."""
    parts = []
    done = 0
    for begin, end, name in spans:
        parts.append(html.escape(text[done:begin]))
        for line in text[begin:end].split("\n"):
            parts += [f'<i class="{name}">', html.escape(line), "</i>", "\n"]
        parts.pop()
        done = end
    parts.append(html.escape(text[done:]))
    return "".join(parts).split("\n")


def python_spans(text):
    """The comments, strings, keywords and numbers of Python; a docstring counts as a comment."""
    names = {"COMMENT": "comment", "STRING": "string", "FSTRING": "string", "NUMBER": "number"}
    offsets = [0]  # where each line begins
    for line in text.split("\n"):
        offsets.append(offsets[-1] + len(line) + 1)
    spans = []
    last = "NEWLINE"
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type].split("_")[0]
        name = names.get(kind) or ("keyword" if keyword.iskeyword(token.string) else None)
        if kind == "STRING" and last in ("NEWLINE", "INDENT", "DEDENT"):
            name = "comment"
        if name:
            begin, end = (offsets[row - 1] + column for row, column in (token.start, token.end))
            spans.append((begin, end, name))
        if kind not in ("COMMENT", "NL"):
            last = kind
    return spans


C_TOKEN = re.compile(
    r"""(?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<string> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | (?P<keyword> ^[ \t]*\#[^\n]* | \b(?:break|case|char|const|continue|default|do|double|else
        |enum|float|for|if|int|int8_t|long|return|short|signed|size_t|sizeof|ssize_t|static|struct
        |switch|typedef|union|unsigned|void|while)\b )
    | (?P<number> \b\d(?:[eE][+-]|[\w.])* )""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


def c_spans(text):
    """The comments, strings, keywords and numbers of C; a line with # counts as a keyword."""
    return [(*match.span(), match.lastgroup) for match in C_TOKEN.finditer(text)]


# ----------------------------------------------------------------------------
# the page


def align(c, ours):
    """Pairs (piece of run.c, piece of ours) that hold all pieces in order; None stands for none."""
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


def rows(left, right):
    """The HTML of a pair of pieces: one row, or in a function one for each block."""
    cuts = [(0, 0, "")]  # where a row begins on the left and on the right, what is said in it
    if left and left.unit:
        for i, line in enumerate(right.lines if right else []):
            block = re.match(r" +# \[(\d+)", line)
            if block:
                cuts.append((int(block[1]) - left.first, i, ""))
        for (first, last), why in NOT_NEEDED.items():
            if left.first <= first <= left.unit.last:
                behind = [i for begin, i, _ in cuts if begin > last - left.first]
                i = min(behind, default=len(right.lines) if right else 0)
                note = f"<p>{first}–{last} need no Python: {html.escape(why)}</p>"
                cuts.append((first - left.first, i, note))
        cuts.sort()
    parts = []
    for (a, b, note), (a_end, b_end, _) in zip(cuts, cuts[1:] + [(None, None, "")]):
        c = code(left, a, a_end) if left else ""
        ours = note + (code(right, b, b_end) if right else "")
        if c or ours:
            parts.append(f'<div class="row"><div class="c">{c}</div><div>{ours}</div></div>\n')
    return "".join(parts)


def code(piece, begin, end):
    """The HTML of some lines of a piece, each with its number, which links to itself."""
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
    """The id of line i of a piece: L217 in run.c, llama2.py-120 in ours."""
    return f"{'L' if piece.file == 'run.c' else piece.file + '-'}{piece.first + i}"


def place(piece):
    """Which lines a unit takes, as a link to the first."""
    lines = f"{piece.file} {piece.first}–{piece.unit.last}"
    return f'<a href="#{line_anchor(piece, 0)}">{lines}</a>'


def make_page(pairs, warning):
    """The whole page, as text."""
    contents, body = [], []
    for left, right in pairs:
        piece = right or left
        heading = ""
        if piece.unit:
            name = piece.name
            alone = "" if left and right else ' class="alone"'
            contents.append(f'<li{alone}><a href="#{name}">{name}</a></li>\n')
            c = place(left) if left else "only in Python"
            ours = place(right) if right else "not needed in Python"
            heading = (
                f'<h2 id="{name}"><span><b><a href="#{name}">{name}</a></b> {c}</span>'
                f'<span>{ours}<a class="up" href="#top">contents</a></span></h2>\n'
            )
        elif right and right.name:
            link = f'<a href="#{line_anchor(right, 0)}">{html.escape(right.name)}</a>'
            contents.append(f'<li class="part">{link}</li>\n')
        body.append(f"<section>\n{heading}{rows(left, right)}</section>\n")
    banner = f'<p class="warning">{html.escape(warning)}</p>\n' if warning else ""
    return PAGE.format(css=CSS, contents="".join(contents), banner=banner, body="".join(body))


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>run.c and llama2.py, side by side</title>
<style>{css}</style>
</head>
<body id="top">
<nav>
<input type="checkbox" id="show"><label for="show">Contents</label>
<ul>
{contents}</ul>
</nav>
<main>
<header>
<h1>run.c and llama2.py, side by side</h1>
{banner}<p><b>run.c</b> of <a href="https://github.com/karpathy/llama2.c">llama2.c</a> (Andrej
Karpathy, MIT licence) beside <b>llama2.py</b> and <b>tokenizer.py</b>, which say it again in plain
Python. Each line of the three files is here once, in its order, and has a link: its number.</p>
</header>
{body}</main>
</body>
</html>
"""

CSS = """
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --c: #f5f5f0; --ink: #24261f; --quiet: #707268; --line: #e2e2da;
  --comment: #5f7061; --string: #875018; --number: #7d3f78; --keyword: #2c5585;
  --target: #fbeebb; --warning: #8f2d17;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #16181a; --c: #1c1f21; --ink: #d5d6d0; --quiet: #8f938c; --line: #2e3235;
    --comment: #8fa391; --string: #d3a878; --number: #c79fc4; --keyword: #8db4e0;
    --target: #453b16; --warning: #f0a08c;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: none; text-size-adjust: none; }
body {
  margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, sans-serif;
}
a { color: inherit; text-decoration: none; }
a:hover, header a { text-decoration: underline; }
header { padding: 1rem; max-width: 48rem; }
h1 { margin: 0; font-size: 1.3rem; font-weight: 600; }
.warning { color: var(--warning); border: 1px solid; border-radius: 4px; padding: .5rem .8rem; }

nav { padding: .7rem 1rem; border-bottom: 1px solid var(--line); }
nav label::before { content: "☰"; margin-right: .6em; }
nav input { position: absolute; opacity: 0; }
nav input:focus-visible + label { outline: 2px solid var(--keyword); outline-offset: 3px; }
nav ul { display: none; list-style: none; margin: .5rem 0 0; padding: 0; columns: 2; }
nav input:checked ~ ul { display: block; }
nav li { padding: .25rem 0; }
.part { color: var(--quiet); font-size: .85em; break-after: avoid; }
.alone { color: var(--quiet); font-style: italic; }

h2 {
  position: sticky; top: 0; z-index: 1; display: grid; align-items: baseline;
  margin: 0; padding: .3rem 0; border: solid var(--line); border-width: 1px 0;
  background: var(--paper); color: var(--quiet); font-size: 12px; font-weight: 400;
}
h2 span { padding: 0 .8rem 0 2.3rem; }
h2 b { color: var(--ink); font-size: 14px; font-weight: 600; margin-right: .6em; }
h2 .up { float: right; }
.row > div { padding: .2rem 0; min-width: 0; }
.row > div:empty { display: none; }
.row .c { background: var(--c); }
.row p { margin: 0 .8rem 0 2.3rem; color: var(--quiet); font-size: 13px; font-style: italic; }
code {
  display: block; position: relative; min-height: 1.5em; scroll-margin-top: 3.5rem;
  padding: 0 .4rem 0 calc((var(--i) + 7.5) * 1ch); text-indent: calc((var(--i) + 2) * -1ch);
  font: 11px/1.5 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4;
}
code a {
  position: absolute; left: 0; width: 4ch; text-align: right; text-indent: 0;
  color: var(--quiet); opacity: .75; user-select: none;
}
code:target { background: var(--target); }
.rule { white-space: pre; overflow: hidden; }
i { font-style: normal; }
.comment { color: var(--comment); }
.string { color: var(--string); }
.number { color: var(--number); }
.keyword { color: var(--keyword); }

@media print, (min-width: 1000px) {
  h2, .row { display: grid; grid-template-columns: 1fr 1fr; }
  .row > div:empty { display: block; }
}
@media screen and (min-width: 1000px) {
  body { display: grid; grid-template-columns: 11rem 1fr; }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border: 0; font-size: 12px; }
  nav input, nav label, h2 .up { display: none; }
  nav ul { display: block; columns: 1; margin: 0; }
  nav li { padding: .05rem 0; }
  .part:not(:first-child) { margin-top: .8rem; }
  code { font-size: clamp(11px, .86vw, 14px); scroll-margin-top: 2.3rem; }
}
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  :root { color-scheme: light; }
  nav, h2 .up { display: none; }
  h2 { position: static; break-after: avoid; }
  .row { break-inside: avoid; }
  code { font-size: 7pt; }
}
"""


# ----------------------------------------------------------------------------
# the command


def side_by_side(path, out):
    """Write the page for the run.c at path to out; return what is wrong with it, or None."""
    ours = [ROOT / name for name in ("llama2.py", "tokenizer.py")]
    if out in [*map(str, ours), os.path.realpath(path)]:
        raise ValueError(f"cannot write {out!r}: it is one of the files to show")
    llama2, tokenizer = map(read_python, ours)
    # tokenizer.py stands behind the last of llama2.py's functions that run.c has before it
    begin = next(piece.unit.run_c[0] for piece in tokenizer if piece.unit and piece.unit.run_c)
    for i, piece in enumerate(llama2):
        if piece.unit and piece.unit.run_c and piece.unit.run_c[0] < begin:
            behind = i + 1
    ours = llama2[:behind] + tokenizer + llama2[behind:]

    text, warning = load_run_c(path)
    write(out, make_page(align(read_c(text, ours), ours), warning))
    return warning


def write(path, text):
    """Write a file all at once: whoever opens it finds the old page or the new one, whole."""
    if os.path.lexists(path) and not os.path.isfile(path):
        raise FileError(f"cannot write {path!r}: it is not a file")
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(part, path)
    except OSError as error:
        raise FileError(f"cannot write {path!r}: {error.strerror}") from None
    finally:
        if os.path.exists(part):
            os.remove(part)


def main(argv=None):
    """Run the command line argv (default: the program's own); return the exit status."""
    parser = argparse.ArgumentParser(description="Show run.c and our Python side by side.")
    parser.add_argument("run_c", metavar="PATH_TO_RUN_C", help="run.c of llama2.c")
    parser.add_argument("-o", metavar="FILE", default="side_by_side.html", help="the page to write"
                        " (default: %(default)s)")  # fmt: skip
    parser.add_argument("--serve", action="store_true", help="open the page in a browser")
    args = parser.parse_args(argv)
    out = os.path.realpath(args.o)
    try:
        warning = side_by_side(args.run_c, out)
    except ValueError as error:
        print(f"side_by_side: {error}", file=sys.stderr)
        return 1
    if warning:
        print(f"side_by_side: {warning}", file=sys.stderr)
    if args.serve and not webbrowser.open(Path(out).as_uri()):
        print(f"side_by_side: no browser found: open {out} in one", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
