"""Read run.c, llama2.py and tokenizer.py, and find which lines correspond to each other.

UNITS lists where the structs, functions and paragraphs of run.c begin and end, at llama2.c's commit
350e04f. A paragraph begins after a blank line or a closing brace, at an else, at a comment on its
own line, or where the purpose changes (lines 80, 115, 135, 137, 139 and 400).

The other programs in doc/ import this module, which also finds llama2.py and tokenizer.py for them.
"""

import ast
import functools
import hashlib
import html
import keyword
import os
import re
import shlex
import sys
import webbrowser
from collections import namedtuple
from pathlib import Path

DOC = Path(__file__).resolve().parent
ROOT = DOC.parent
for folder in str(ROOT), str(DOC):
    if folder not in sys.path: sys.path.insert(0, folder)

from tokenizer import FileError, open_file

OURS = "llama2.py", "tokenizer.py"
SHA256 = "9c4f2d5c6ae01b71726d1cc37530d71e60bff0ec7cc012565f16a43c1ca658bd"

# a struct with its lines, or a function with the lines of its head and the paragraphs of its body
TABLE = """
Config 19-27
TransformerWeights 29-48
RunState 50-65
Transformer 67-75
malloc_run_state 77 78-79 80-89 90-96
free_run_state 98 99-109
memory_map_weights 111 112 113-114 115-134 135-136 137-138 139-140
read_checkpoint 142-143 144-145 146-147 148-150 151-154 155-162
build_transformer 164 165-166 167-169
free_transformer 171 172-174 175-177
rmsnorm 182 183-187 188-190 191-195
softmax 197 198-204 205-210 211-215
matmul 217 218-226 227-229
forward 231 233-242 244-246 248-249 251-252 254-257 259-262 264-279 281-284 285-286 287-288 289-290
    291-292 293-297 298 299-301 303-304 306-309 310-311 312-313 314-319 321-322 324-327 329-330
    332-335 337-339 340-341 342-345 347-348 350-354 356-357 359-362
TokenIndex 367-370
Tokenizer 372-379
compare_tokens 381 382-383
build_tokenizer 385 386-387 388-395 396-399 400-407 408-409
free_tokenizer 411 412-416
decode 418 419 420-421 422-427 428-429
safe_printf 431 432-441 442-443
str_lookup 445 446-450
encode 452 453-455 457 458-463 464-465 467-470 472-473 475-476 478-485 487-493 495-496 498-503
    504-507 509-511 513-517 519-520 522 523-524 525-532 533-534 536-540 542 543-546 547-552 554-556
    558-559 560-563 564-565 567-568 570-571
ProbIndex 577-580
Sampler 582-588
sample_argmax 590 591-599 600-601
sample_mult 603 604-612 613-614
compare 616 617-622
sample_topp 624 625-628 630 631-641 642 644-653 655-663 664-665
build_sampler 667 668-671 672-674
free_sampler 676 677-678
random_u32 680 681-686
random_f32 687 688-689
sample 691 692-694 695-696 697-699 700-701 702-703 704-705 706-707 708-712 713-714
time_in_ms 719 720-724
generate 729 730-731 733-736 737-740 742-747 749-750 752-753 754-755 756-759 760 762-763 765-769
    771-773 774 776-780 782-783
read_stdin 785 786-794
chat 802-803 805-812 814-820 822-823 824-825 826-827 828-829 830-834 835-836 837-838 839-842
    843-846 847-850 851-856 858-859 860-861 862-865 866-867 869-872 874 875-879 880-881 882-884
error_usage 891 892-904
main 906 908-917 919-921 922-925 926-936 938-942 944-947 949-951 953-955 957-959 960-961 962-965
    967-972
"""

# lines of run.c that need no code in Python, and why
NOT_NEEDED = {
    (90, 96): "Python raises MemoryError.",
    (98, 109): "Python frees a list when nothing refers to it anymore.",
    (171, 177): "the file is closed after it is read; Python frees the rest.",
    (367, 370): "a dict maps a token's bytes to its id.",
    (381, 383): "a dict finds a token without sorting.",
    (411, 416): "Python frees the lists and the dict.",
    (570, 571): "Python frees the bytes.",
    (577, 580): "a tuple holds a probability and its index.",
    (616, 622): "list.sort takes a key to sort by.",
    (625, 628): "the docstring explains the nucleus.",
    (676, 678): "Python frees the list.",
    (737, 740): "there is always at least one token, BOS.",
    (782, 783): "Python frees the list.",
    (967, 972): "Python frees the rest; returning None means success.",
}


def ranges(text):
    """[(264, 279), (281, 281)] for "264-279, 281"."""
    parts = [part.strip().partition("-") for part in text.split(",")]
    return [(int(first), int(last or first)) for first, _, last in parts]


# {"Config": [(19, 27)], "malloc_run_state": [(77, 77), (78, 79), ...], ...}
UNITS = {name: ranges(",".join(lines.split()))
         for name, lines in re.findall(r"([A-Za-z]\w*)([\d\s-]+)", TABLE)}


# ----------------------------------------------------------------------------
# llama2.py and tokenizer.py

# a function or class, with its first and last line; run_c: its lines in run.c, or None
Unit = namedtuple("Unit", "first last name run_c")
# a comment such as "# [264-279] RoPE" and all lines up to the next such comment; key: "264-279",
# run_c: [(264, 279)], comment: "RoPE"
Block = namedtuple("Block", "first last key run_c comment")


def read(name):
    """Return the text of a file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def read_units(text):
    """Return the functions and classes in Python text; docstrings end with lines of run.c."""
    units = []
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = min(n.lineno for n in [node, *node.decorator_list])
            cited = re.search(r"run\.c (\d+-\d+)$", ast.get_docstring(node) or "")
            run_c = ranges(cited[1])[0] if cited else None
            units.append(Unit(first, node.end_lineno, node.name, run_c))
    return units


def read_blocks(text, first=1):
    """Return the blocks in a function's text; first is the number of its first line."""
    lines = text.rstrip("\n").split("\n")
    marks = [re.match(r" *# \[([\d, -]+)\] ?(.*)", line) for line in lines]
    starts = [i for i, mark in enumerate(marks) if mark]
    return [
        Block(first + i, first + end - 1, marks[i][1], ranges(marks[i][1]), marks[i][2])
        for i, end in zip(starts, [*starts[1:], len(lines)])
    ]


def changed(text, old, new):
    """Replace old by new in text. Raises ValueError unless old occurs exactly once."""
    if text.count(old) != 1:
        raise ValueError(f"{old!r} occurs {text.count(old)} times in the text, not once")
    return text.replace(old, new)


def first_command():
    """Return the arguments of README's first command, with the full path of the checkpoint."""
    command = re.search("^    python llama2.py (.+)$", read("README.md"), re.MULTILINE)[1]
    checkpoint, *rest = shlex.split(command)
    return [str(ROOT / checkpoint), *rest]


# ----------------------------------------------------------------------------
# run.c


def load_run_c(path):
    """Return the text of run.c, and a warning if it is not the expected version, or None."""
    with open_file(path) as file:
        data = file.read().replace(b"\r\n", b"\n")
    text = data.decode("utf-8", "replace")
    if "\0" in text or "\ufffd" in text or not re.search("^#include", text, re.MULTILINE):
        raise FileError(f"{path!r} is not a C file: give the path of llama2.c's run.c")
    warning = ("This run.c is not the version that the line numbers refer to (llama2.c's commit"
               " 350e04f), so the lines shown side by side may not match.")
    return text, None if hashlib.sha256(data).hexdigest() == SHA256 else warning


# ----------------------------------------------------------------------------
# colours


def colour(text, spans):
    """Return the lines of text as HTML; spans: (begin, end, class) in order."""
    parts, done = [], 0
    for begin, end, name in spans:
        parts.append(html.escape(text[done:begin]))
        parts.append("\n".join(f'<i class="{name}">{html.escape(line)}</i>'
                               for line in text[begin:end].split("\n")))
        done = end
    return "".join([*parts, html.escape(text[done:])]).split("\n")


STRING = r"""(?P<string> (?:\b[bfr]{1,2})?
    (?: \"{3}.*?\"{3} | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' ) )"""
NUMBER = r"(?P<number> \b\d(?:[eE][+-]|[\w.])* )"
C_TOKEN = rf"""(?P<comment> //[^\n]* | /\*.*?\*/ ) | {STRING} | {NUMBER}
    | (?P<keyword> ^[ \t]*\#[^\n]* | \b(?:break|case|char|const|continue|default|do|double|else
        |enum|float|for|if|int|int8_t|long|return|short|signed|size_t|sizeof|ssize_t|static|struct
        |switch|typedef|union|unsigned|void|while)\b )"""
PYTHON_TOKEN = rf"""(?P<comment> \#[^\n]* ) | ^[ ]*(?P<docstring> \"{{3}}.*?\"{{3}} ) | {STRING}
    | {NUMBER} | (?P<keyword> \b(?:{"|".join(keyword.kwlist)})\b )"""


def spans(text, token):
    """Find the comments, strings, keywords and numbers in text: (begin, end, class) each."""
    matches = re.finditer(token, text, re.VERBOSE | re.MULTILINE | re.DOTALL)
    return [(*m.span(m.lastgroup), m.lastgroup.replace("docstring", "comment")) for m in matches]


def python_spans(text):
    """A docstring counts as a comment."""
    return spans(text, PYTHON_TOKEN)


def c_spans(text):
    """A line that starts with # counts as a keyword."""
    return spans(text, C_TOKEN)


# ----------------------------------------------------------------------------
# the files in pieces, for the pages

# a part of a file that starts at line first: a unit, or (unit is None) the text between two units;
# blank lines belong to the piece above them; html: the lines in colour
Piece = namedtuple("Piece", "file first name unit lines html")
RULE = re.compile("(//|#) ---")  # the line above the title of a part, in run.c and in our files


def read_python(name):
    """Return the pieces of llama2.py or tokenizer.py."""
    text = read(name)
    return cut(name, text, python_spans(text), read_units(text))


def read_c(text, ours):
    """Return the pieces of run.c; the docstrings of our pieces say where its functions are."""
    lines = {name: (paragraphs[0][0], paragraphs[-1][1]) for name, paragraphs in UNITS.items()}
    units = [Unit(*lines[name], name, None) for name in lines if lines[name] in NOT_NEEDED]
    cited = [piece.unit for piece in ours if piece.unit and piece.unit.run_c]
    units += [Unit(*unit.run_c, unit.name, unit.run_c) for unit in cited]
    return cut("run.c", text, c_spans(text), units)


def cut(file, text, spans, units):
    """Return the pieces of a file. One begins at each unit, after a unit, and at a dashed rule."""
    units = {unit.first: unit for unit in units}
    lines = text.removesuffix("\n").split("\n")
    starts, end = [], 0  # of the last unit
    for number, line in enumerate(lines, 1):
        if number in units:
            starts.append((number, units[number].name, units[number]))
            end = units[number].last
        elif number == 1:
            starts.append((number, file, None))
        elif number > end and RULE.match(line):
            starts.append((number, "".join(lines[number : number + 1]).strip("/# "), None))
        elif number > end and line and starts[-1][2]:
            starts.append((number, None, None))
    ends = [start[0] - 1 for start in starts[1:]] + [len(lines)]
    coloured = colour(text, spans)
    return [
        Piece(file, first, name, unit, lines[first - 1 : last], coloured[first - 1 : last])
        for (first, name, unit), last in zip(starts, ends)
    ]


# ----------------------------------------------------------------------------
# how literal the port is

# words that name types in C; Python's lines do not have them
TYPES = set("char const double float int int8_t long short signed size_t ssize_t static struct"
            " typedef unsigned void".split())


def code_lines(text, spans):
    """Return (number, words) for each line of code: its names, keywords and numbers.

    C's types and the text of error messages do not count. Different names for the same thing count
    as one: NULL and None, else if and elif, 1.0f and 1.0, sqrtf and sqrt. Lines that are only
    comments or brackets are not code.
    """
    for begin, end, name in reversed(spans):
        if name == "comment":
            text = text[:begin] + re.sub(r"[^\n]", " ", text[begin:end]) + text[end:]
    names = {"NULL": "None", "else if": "elif", r"(\d\.\d+)f": r"\1", "sqrtf": "sqrt"}
    for name, same in names.items():
        text = re.sub(rf"\b{name}\b", same, text)
    lines = text.split("\n")
    bare = [re.sub('f?"[^"]*"', "", line) if re.search("stderr|error_usage|raise", line) else line
            for line in lines]
    words = [set(re.findall(r"[A-Za-z_]\w*|\d[\w.]*", line)) - TYPES for line in bare]
    return [(i, words[i - 1]) for i, line in enumerate(lines, 1) if line.strip(" \t{}();")]


def literal_lines(c_text):
    """Find the line of Python for each line of C, in each function or struct that we mirror.

    {"rmsnorm": [(182, "llama2.py", 184), (185, "llama2.py", 194), ...], ...}, None for no line.
    A line of Python matches a line of C if they share at least half of the words of the longer one.
    Each line is used at most once and the order is kept, for as many matches as possible.
    """
    result = {}
    all_c = [line for line in code_lines(c_text, c_spans(c_text))
             if not any(first <= line[0] <= last for first, last in NOT_NEEDED)]
    for file in OURS:
        text = read(file)
        all_ours = code_lines(text, python_spans(text))
        for unit in read_units(text):
            if unit.run_c:
                c = [line for line in all_c if unit.run_c[0] <= line[0] <= unit.run_c[1]]
                ours = [line for line in all_ours if unit.first <= line[0] <= unit.last]
                pairs = match(c, ours)
                result[unit.name] = [(i, file, pairs.get(i)) for i, _ in c]
    return result


def match(c, ours):
    """Match as many lines, (number, words) each, as possible in order: {line of C: our line}."""

    @functools.lru_cache(maxsize=None)
    def best(i, j):
        """Return the score of the lines from i and j on, and (c's, ours, the other pairs) or ()."""
        if i == len(c) or j == len(ours): return 0.0, ()
        choices = [best(i + 1, j), best(i, j + 1)]
        (c_number, a), (our_number, b) = c[i], ours[j]
        longer = max(len(a), len(b))
        if longer and 2 * len(a & b) >= longer:  # a pair scores 1, plus a bit per shared word
            worth, pairs = best(i + 1, j + 1)
            worth += 1 + len(a & b) / longer / 1000
            choices.append((worth, (c_number, our_number, pairs)))
        return max(choices, key=lambda choice: choice[0])

    pairs, rest = {}, best(0, 0)[1]
    while rest:
        c_number, pairs[c_number], rest = rest
    return pairs


# ----------------------------------------------------------------------------
# pages


def page_source(*names):
    """Return the text of files in pages/, joined."""
    return "".join((DOC / "pages" / name).read_text(encoding="utf-8") for name in names)


def open_page(path):
    """Open a page in a browser; return an error message if there is no browser."""
    if not webbrowser.open(Path(path).as_uri()): return f"no browser found: open {path} in one"


def write(path, text):
    """Write a file all at once, so that a reader sees the whole old page or the whole new one."""
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
