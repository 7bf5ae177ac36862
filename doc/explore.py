"""Write a page that shows the lines of forward together with the numbers of a real run.

    python doc/explore.py [checkpoint] [prompt] [-n steps] [-t temperature] [-p topp] [-s seed]
                          [--run-c PATH_TO_RUN_C] [-o explore.html] [--open]

The page is one file that needs no network. Its numbers come from llama2.forward while it runs: a
trace function looks at forward's lists each time another block begins. The blocks are marked by the
comments that cite run.c. The page is made from the files in pages/.
"""

import argparse
import ast
import base64
import contextlib
import io
import json
import os
import re
import shlex
import sys
from array import array
from dataclasses import asdict

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # python -P and -I leave it out

import source
from source import DOC, open_page, page_source, write
import llama2
from tokenizer import FileError, encode, eprint

PROMPT = "Bella saw Bello and Belli. Bell"
LARGE = 50e6  # bytes of a page that only --force writes

# for each block of forward, by its lines of run.c: its title, its names in the code, what it is
# for, the picture that draw.js draws, the sum that why.js explains (if it is not the sum of a
# function that the block calls), and the lists that it changes after reading them
BLOCKS = json.loads(page_source("blocks.json"))


# ----------------------------------------------------------------------------
# reading forward


class Block:
    """A block of forward, as source.py reads it; tree: the syntax tree of forward."""

    def __init__(self, key, comment, first, last, tree):
        self.key, self.comment, self.first, self.last = key, comment, first, last
        nodes = [n for n in ast.walk(tree) if first <= getattr(n, "lineno", 0) <= last]
        self.names = [n for n in nodes if isinstance(n, (ast.Name, ast.Attribute))]
        self.names.sort(key=lambda n: (n.lineno, n.col_offset, -n.end_col_offset))
        self.index_of = {  # the text in the brackets after a name
            id(n.value): ast.unparse(n.slice) for n in nodes if isinstance(n, ast.Subscript)
        }
        calls = [n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        self.calls = [[n.func.id, *map(ast.unparse, n.args)] for n in calls]
        # the loops around the block identify its rounds: the layers, the heads
        self.loops = [
            n.target.id for n in ast.walk(tree)
            if isinstance(n, ast.For) and n.lineno <= last and first <= n.end_lineno
            and not first <= n.lineno <= n.end_lineno <= last
        ]
        self.lists = []  # what it works on: known after it has run


def read_blocks(piece):
    """Return the blocks of a function, given as a Piece of source.py."""
    text = "\n".join(piece.lines)
    (tree,) = ast.parse(text).body
    ast.increment_lineno(tree, piece.first - 1)
    blocks = source.read_blocks(text, piece.first)
    return [Block(b.key, b.comment, b.first, b.last, tree) for b in blocks]


# ----------------------------------------------------------------------------
# watching forward


class Recorder:
    """Watches llama2.generate, and records forward's lists each time a block has run."""

    def __init__(self, transformer, blocks):
        self.state, self.weights = transformer.state, transformer.weights
        self.block_of = {line: b for b in blocks for line in range(b.first, b.last + 1)}
        self.steps = []  # (pos, block, {"l": 0, "h": 1}, [(list, row, first, numbers), ...])
        self.tokens, self.nexts, self.coins = [], [], []  # of each position
        self.seen = {}  # (list, row) -> its numbers at the last look
        self.block = None  # the one that is running

    def trace(self, frame, event, arg):
        """For sys.settrace: a function is called."""
        code, scope = frame.f_code, frame.f_locals
        if code is llama2.forward.__code__:
            self.pos = scope["pos"]
            self.tokens.append(scope["token"])
            self.nexts.append(None)
            self.coins.append(None)
            # new rows of the caches; and sample has turned the logits into probabilities
            self.seen = {key: row for key, row in self.seen.items() if "cache" not in key[0]}
            self.seen["logits", 0] = self.state.logits[:]
            self.unknown = {("logits", 0)}
            self.done = []
            return self.trace_forward
        if code in (llama2.sample.__code__, llama2.random_f32.__code__):
            return self.trace_draw
        return None

    def trace_forward(self, frame, event, arg):
        block = self.block_of.get(frame.f_lineno) if event == "line" else None
        if self.block and self.block is not block:
            self.look(frame.f_locals)
        self.block = block
        return self.trace_forward

    def trace_draw(self, frame, event, arg):
        if event == "return":
            drawn = self.nexts if frame.f_code is llama2.sample.__code__ else self.coins
            drawn[-1] = arg
        return self.trace_draw

    def rows(self, scope):
        """Return each list of floats that forward may write, by name and row (a head or a layer).

        For the caches, these are the rows at pos; k and v of the state are such rows.
        """
        rows = {}
        state = vars(self.state)
        for name, value in state.items():
            if name in ("key_cache", "value_cache"):
                for l, layer in enumerate(value):
                    rows[name, l] = layer[self.pos]
            elif value and isinstance(value[0], list):
                rows.update({(name, i): row for i, row in enumerate(value)})
        own = {f"own {name}": value for name, value in scope.items()}
        for name, value in {**state, **own}.items():
            if isinstance(value, list) and value and isinstance(value[0], float):
                if name not in ("k", "v") and not any(value is row for row in rows.values()):
                    rows[name, 0] = value
        return rows

    def look(self, scope):
        """Record what the block has changed; scope: forward's variables."""
        rows = self.rows(scope)
        changes = []
        for key, row in rows.items():
            old = self.seen.get(key) or [0.0] * len(row)
            if row != old:
                different = [i for i in range(len(row)) if row[i] != old[i]]
                first, end = different[0], different[-1] + 1
                if key in self.unknown: first, end = 0, len(row)
                self.unknown.discard(key)
                changes.append((*key, first, row[first:end]))
            self.seen[key] = row[:]
        if not self.block.lists:
            self.block.lists = list(self.lists(scope, rows).values())
        place = {name: scope[name] for name in self.block.loops}
        # the first line of a loop is visited once more to end the loop
        if changes or (self.block, place) not in self.done:
            self.steps.append((self.pos, self.block, place, changes))
        self.done.append((self.block, place))

    def lists(self, scope, rows):
        """Find what the block works on, {text: {list or weight, name, ...}}; s.xb before xb."""
        names = {id(value): name for name, value in reversed(vars(self.weights).items())}
        lists = {}
        for node in sorted(self.block.names, key=lambda n: isinstance(n, ast.Name)):
            name = ast.unparse(node)
            if isinstance(node, ast.Name):
                value = scope.get(name)
            elif name[:2] in ("s.", "w."):
                value = getattr(scope[name[0]], node.attr)
            else:
                continue
            if id(value) in names:
                index = self.block.index_of.get(id(node))
                lists[name] = {"name": name, "weight": names[id(value)], "index": index}
            elif name in ("s.key_cache", "s.value_cache", "s.att"):
                lists.setdefault(name, {"name": name, "list": node.attr, "row": None})
            else:
                known = [entry.get("list") for entry in lists.values()]
                for (key, _), row in rows.items():
                    if row is value and (name[:2] == "s." or key not in known):
                        which = "pos" if "cache" in key else "h" if key == "att" else "0"
                        lists.setdefault(name, {"name": name, "list": key, "row": which})
        return lists


def record(blocks, generate, transformer, *rest):
    """Run generate without its output, and return its Recorder."""
    recorder = Recorder(transformer, blocks)
    before = sys.gettrace()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        sys.settrace(recorder.trace)
        try:
            generate(transformer, *rest)
        finally:
            sys.settrace(before)
    return recorder


# ----------------------------------------------------------------------------
# the page


def flatten(value, out):
    """Append the numbers of nested lists to the array out; return the lists' shape."""
    if isinstance(value, array):
        out.extend(value)
        return [len(value)]
    for part in value:
        shape = flatten(part, out)
    return [len(value), *shape]


def numbers_of(recorder, blocks, weights):
    """Return the data of a run for the page: (data for JSON, {name: array})."""
    log, values = [], array("d")
    lists = []
    for pos, block, place, changes in recorder.steps:
        log.extend([pos, blocks.index(block), place.get("l", 65535),
                    place.get("h", 65535), len(changes)])
        for name, row, first, numbers in changes:
            if name not in lists:
                lists.append(name)
            log.extend([lists.index(name), row, first, len(numbers)])
            values.extend(numbers)
    shapes, floats = {}, array("f")
    for name, value in vars(weights).items():
        if name == "wcls" and value is weights.token_embedding_table:
            shapes[name] = shapes["token_embedding_table"]
        else:
            shapes[name] = [len(floats), *flatten(value, floats)]
    return {"lists": lists, "weights": shapes}, {
        "log": array("I", log), "values": values, "floats": floats}


def code(piece, first, last, functions=()):
    """Return the HTML of lines of a piece; a call of one of functions has its code folded below."""
    parts = []
    for number in range(first, last + 1):
        i = number - piece.first
        line = piece.lines[i]
        indent = len(line) - len(line.lstrip())
        parts.append(f'<code style="--i:{indent}"><b>{number}</b>{piece.html[i]}</code>')
        for name in functions:
            if re.search(rf"\b{name}\(", line.split("#")[0]):
                parts.append(f'<details class="callee" data-name="{name}" style="--i:{indent}">'
                             f"<summary>{name}</summary></details>")
    return "".join(parts)


def code_rows(piece, c, cuts, functions):
    """Return the HTML of a function: a row for each cut (our line, run.c's line, block)."""
    parts = []
    ends = [(first - 1, c_first - 1) for first, c_first, _ in cuts[1:]]
    ends.append((piece.unit.last, c and c.unit.last))
    for (first, c_first, key), (last, c_last) in zip(cuts, ends):
        left = f'<div class="c">{code(c, c_first, c_last)}</div>' if c else ""
        block = f' data-block="{key}"' if key else ""
        ours = code(piece, first, last, functions)
        parts.append(f'<div class="row"{block}>{left}<div class="py">{ours}</div></div>\n')
    return "".join(parts)


def functions_of_llama2():
    """Return the pieces of llama2.py that are functions or classes, {name: Piece}."""
    return {piece.name: piece for piece in source.read_python("llama2.py") if piece.unit}


def run(generate, transformer, tokenizer, sampler, prompt, steps):
    """Run generate; return what the page shows of it: (data for JSON, {name: array}).

    On an open page, explore.show takes both in one object.
    """
    pieces = functions_of_llama2()
    blocks = read_blocks(pieces["forward"])
    seed = str(sampler.rng_state)  # too large for JavaScript's numbers
    recorder = record(blocks, generate, transformer, tokenizer, sampler, prompt, steps)
    data, arrays = numbers_of(recorder, blocks, transformer.weights)
    logits = {"name": "s.logits", "list": "logits", "row": "0"}
    known = [(b.key, b.comment, b.lists, b.calls) for b in blocks]
    known.append(("{}-{}".format(*pieces["sample"].unit.run_c), "", [logits], []))
    data.update(
        config=asdict(transformer.config),
        blocks=[{"picture": "", "explain": "", "inPlace": [], "title": comment or "forward",
                 "say": comment, **BLOCKS.get(key, {}), "key": key, "lists": lists, "calls": calls}
                for key, comment, lists, calls in known],
        tokens=recorder.tokens, nexts=recorder.nexts, coins=recorder.coins,
        prompt=encode(tokenizer, prompt or "", True, False),
        vocab=[piece.decode("utf-8", "backslashreplace") for piece in tokenizer.vocab],
        temperature=sampler.temperature, topp=sampler.topp, seed=seed,
        text=os.fsencode(prompt or "").decode("utf-8", "backslashreplace"),
    )
    return data, arrays


def make_page(run_c, command, *what):
    """Return the page for run(*what) as text, and a warning if run_c is another version.

    command: how to call this program again: the parts before and after the options of the run.
    """
    pieces, c_pieces, warning = functions_of_llama2(), {}, None
    if run_c:
        text, warning = source.load_run_c(run_c)
        c_pieces = {p.name: p for p in source.read_c(text, pieces.values()) if p.unit}
    forward, sample = pieces["forward"], pieces["sample"]
    called = set(re.findall(r"\b(\w+)\(", "\n".join(forward.lines[1:] + sample.lines[1:])))
    functions = [name for name in pieces if name in called]
    cuts = [(forward.first, forward.unit.run_c[0], None)]
    cuts += [(b.first, b.run_c[0][0], b.key)
             for b in source.read_blocks("\n".join(forward.lines), forward.first)]
    rows = code_rows(forward, c_pieces.get("forward"), cuts, functions)
    cuts = [(sample.first, sample.unit.run_c[0], "{}-{}".format(*sample.unit.run_c))]
    rows += code_rows(sample, c_pieces.get("sample"), cuts, functions)

    data, arrays = run(*what)
    data.update(
        functions={
            name: [code(p, p.first, p.unit.last) for p in (c_pieces.get(name), pieces[name]) if p]
            for name in functions
        },
        tour=json.loads(page_source("tour.json")), warning=warning, command=command,
    )
    scripts = "".join(
        f'<script type="text/plain" id="{name}">{base64.b64encode(array).decode()}</script>\n'
        for name, array in arrays.items()
    )
    page = page_source("explore.html").format(
        css=page_source("shared.css", "explore.css"),
        js=page_source("data.js", "why.js", "draw.js", "listen.js"),
        data=json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
        scripts=scripts, rows=rows,
    )
    return page, warning


def about(transformer, steps):
    """Return roughly how many bytes the page of a run has."""
    p, w = transformer.config, transformer.weights
    changed = p.n_layers * (11 * p.dim + 3 * p.hidden_dim) + p.vocab_size
    attention = p.n_layers * p.n_heads * steps  # twice, but half of it on average
    weights = llama2.checkpoint_size(p, w.wcls is w.token_embedding_table)
    return (weights + steps * (changed + attention) * 8) * 4 / 3


# ----------------------------------------------------------------------------
# the command


def main(argv=None):
    """Run the command line argv (default: the program's own); return the exit status."""
    parser = argparse.ArgumentParser(
        description="Show the lines of forward and the numbers of a run on one page.",
        epilog="-n, -t, -p, -s and -z are the same as in llama2.py.",
    )
    parser.add_argument("checkpoint", nargs="?", default=str(source.ROOT / "data" / "swiss.bin"))
    parser.add_argument("prompt", nargs="?", default=PROMPT)
    for flag, name, default in (
        ("-n", "steps", "32"), ("-t", "temperature", "0.8"), ("-p", "topp", "0.9"),
        ("-s", "seed", "1"), ("-z", "tokenizer", None),
    ):
        parser.add_argument(flag, f"--{name}", metavar=name, default=default,
                            help=default and "default: %(default)s")
    parser.add_argument("--run-c", metavar="FILE", help="llama2.c's run.c, to show its lines too")
    parser.add_argument("-o", metavar="FILE", default="explore.html", help="the page to write"
                        " (default: %(default)s)")
    parser.add_argument("--force", action="store_true", help="write a page of any size")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    args = parser.parse_args(argv)
    out = os.path.realpath(args.o)

    inputs = [args.checkpoint, args.run_c, args.tokenizer, *(DOC / "pages").iterdir()]
    generate = llama2.generate
    checkpoint = args.checkpoint.replace(f"{source.ROOT}{os.sep}", "")
    command = ["python doc/explore.py --open", shlex.quote(checkpoint)]
    if args.tokenizer: command[0] += f" -z {shlex.quote(args.tokenizer)}"

    def explore(transformer, tokenizer, sampler, prompt, steps):
        """Replace generate, after llama2.main has read and checked everything."""
        if out in [os.path.realpath(path) for path in inputs if path]:
            raise FileError(f"cannot write {args.o!r}: the page is made from it")
        size = about(transformer, steps)
        if size > LARGE and not args.force:
            raise FileError(f"the page would be about {size / 1e6:.0f} MB: use --force to write it")
        what = generate, transformer, tokenizer, sampler, prompt, steps
        page, warning = make_page(args.run_c, command, *what)
        write(out, page)
        print(f"{args.o}: {len(page) / 1e6:.1f} MB. Open it in a browser")
        if warning: eprint(f"explore: {warning}")

    words = ["-n", args.steps, "-t", args.temperature, "-p", args.topp, "-s", args.seed]
    words += ["-z", args.tokenizer] if args.tokenizer else []
    llama2.generate = explore
    try:
        status = llama2.main([*words, "-i", args.prompt, "--", args.checkpoint])
    finally:
        llama2.generate = generate
    problem = open_page(out) if status is None and args.open else None
    if problem: eprint(f"explore: {problem}")
    return 1 if problem else status


if __name__ == "__main__":
    if sys.stdout: sys.stdout.reconfigure(errors="backslashreplace")  # not every stdout is UTF-8
    sys.exit(main())
