"""Eleven broken llamas: each is llama2.py with one bug. Find it by what the program prints.

    python doc/exercises/broken.py 3              the story of llama 3
    python doc/exercises/broken.py 3 "A dragon"   with another prompt
    python doc/exercises/broken.py 0              the sound llama, to compare with
    python doc/exercises/broken.py 3 --ask        questions that narrow it down
    python doc/exercises/broken.py 3 --answer     the bug, its line, and why the symptom follows
    python doc/exercises/broken.py --table        write symptoms.md anew, if the model changes

In Python, in this folder: from broken import load; sound, llama2 = load(0), load(3)
"""

import argparse
import hashlib
import io
import os
import re
import shlex
import sys
import types
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

Bug = namedtuple("Bug", "name file changes why")

# each change: a text that is once in the file, and what stands there instead, in as many lines
BUGS = [
    Bug("the norm's weight is left out", "llama2.py",
        [("o[j] = weight[j] * (ss * x[j])", "o[j] = ss * x[j]")], """\
The weights say which of the numbers count in a block. Without them all count alike, in every norm
of every layer and in the last one: no block gets what it was trained on, from position 0 on."""),
    Bug("the bytes are not decoded", "tokenizer.py", [("    if match:", "    if False:")], """\
All but decode is sound, so the story is the same, word for word. Only where a token is a byte, as
in a prompt with a sign that the vocabulary lacks, is it printed as it is spelled: <0x23>."""),
    Bug("no RoPE", "llama2.py", [("for i in range(0, dim, 2):", "for i in range(0, 0, 2):")], """\
Query and key are not turned, so a score says what a token is, but not how far away. The model finds
words that belong to the story, but not their order: it skips them or says them again and again.
Position 0 is right, since nothing is turned there."""),
    Bug("key/value heads mixed up", "llama2.py",
        [("h // kv_mul * head_size", "h % p.n_kv_heads * head_size")], """\
Queries meet the keys of another group, and take its values. The first and the last head are right
by chance, the others are not: even at position 0, where the only weight is 1.0, what they take is
another value."""),
    Bug("top-p's nucleus upside down", "llama2.py", [("reverse=True", "reverse=False")], """\
All logits are right, and at temperature 0 so is the story. Otherwise the least probable of those
that reach the cutoff come first, so that what ought to be rare is drawn more often."""),
    Bug("no residual connection", "llama2.py", [("x[i] += s.xb2[i]", "x[i] = s.xb2[i]")], """\
After attention x is only what attention found: the token itself is gone, in each layer, and with it
all that the layers below have found."""),
    Bug("softmax over all positions", "llama2.py",
        [("softmax(att, pos + 1)", "softmax(att, p.seq_len)")], """\
The positions that are still to come have a score of 0.0 and take part. Being many, they take most
of the weight, and nothing comes of it: the weights up to pos are far below 1.0 together. Even the
only weight of position 0 is not 1.0."""),
    Bug("no BOS", "llama2.py",
        [("tokenizer, prompt, True, False)", "tokenizer, prompt, False, False)")], """\
The prompt's first token stands where BOS should, and is not printed, since only what follows is.
The network itself is sound, but every text that it was trained on began with BOS."""),
    Bug("the keys of all positions in one row", "llama2.py",
        [("s.k = s.key_cache[l][pos]", "s.k = s.key_cache[l][0]")], """\
Each key overwrites the one before, in row 0. The rows behind it stay 0.0, and so do their scores:
attention cannot choose any more, it takes the mean of nearly all values. Position 0 is right."""),
    Bug("no root of head_size", "llama2.py",
        [("score /= math.sqrt(head_size)", "score /= 1.0")], """\
The scores are too large by the root of head_size, so softmax gives nearly all of the weight to one
position: a head can hardly look at two. Position 0 is right, where there is one weight only."""),
    Bug("RoPE by halves", "llama2.py", [
        ("for i in range(0, dim, 2):",
         "for i in [j for j in range(dim) if j % head_size < head_size // 2]:"),
        ("head_dim = i % head_size", "head_dim = 2 * (i % head_size)"),
        ("v1 = vec[i + 1]", "v1 = vec[i + head_size // 2]"),
        ("vec[i + 1] = v0 * fci", "vec[i + head_size // 2] = v0 * fci")], """\
Some other programs keep the numbers of a head in this order, and so do their checkpoints. In this
one neighbours make a pair, so the wrong numbers are turned, and attention is misled about how far
away things are. Position 0 is right, since nothing is turned there."""),
]  # fmt: skip

QUESTIONS = """\
Llama 0 is the sound one. Go into the folder (`cd doc/exercises`), start `python`, and:

    from broken import load
    sound, llama2 = load(0), load(N)
    a, b = (m.build_transformer("../../data/swiss.bin") for m in (sound, llama2))
    sound.forward(a, 1, 0); llama2.forward(b, 1, 0)
    a.state.q, b.state.q

1. Is it the words, or how they are printed? Give both the same prompt, once with a sign that is no
   token, such as #. If only that is printed otherwise, look at decode.
2. Is it the network, or the sampler? At temperature 0 nothing is drawn:
   llama2.main(["../../data/swiss.bin", "0", "80", PROMPT]). If that is llama 0's story, look at
   the sampler.
3. Does the network get the right ids? Put a function in place of llama2.forward that prints token
   and pos, then calls the old one. Id 1 belongs at position 0.
4. Are the logits at position 0 right, forward(b, 1, 0)? If so, the bug is in what ties positions
   together: RoPE, scores, softmax, cache. If not, it is in what is done at every position.
5. Wrong at position 0: set config.n_layers = 1 on both, run again, and go along the path of the
   token. Is state.value_cache[0][0] right (norm, matmul)? Is state.att[h][0] 1.0 for each head, as
   the only weight must be? Is state.xb2 right (the values of the heads)? Is state.x?
6. Right at position 0: with n_layers = 1 run token 1 at position 0 and again at position 1. Is
   state.q right, is state.key_cache[0][1]? Is state.q the same at both positions, though it should
   be turned? Which rows of state.key_cache[0] are not 0.0? Are the weights state.att[h][:2] right?
"""


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def broken_source(name, number):
    """The text of llama2.py or tokenizer.py with the bug in it, if it is there."""
    source = read(name)
    if number and BUGS[number - 1].file == name:
        for old, new in BUGS[number - 1].changes:
            if source.count(old) != 1:
                raise ValueError(f"{old!r} is not once in {name}")
            source = source.replace(old, new)
    return source


def load(number):
    """llama2.py with bug number in it, as a module of its own; 0: the sound one."""
    modules = {}
    before = {name: sys.modules.get(name) for name in ("tokenizer", "llama2")}
    try:
        for name in before:  # llama2 imports tokenizer
            module = modules[name] = sys.modules[name] = types.ModuleType(name)
            module.__file__ = os.path.join(ROOT, f"{name}.py")
            source = broken_source(f"{name}.py", number)
            exec(compile(source, f"{name}.py of llama {number}", "exec"), vars(module))
    finally:
        for name, module in before.items():
            if module:
                sys.modules[name] = module
            else:
                del sys.modules[name]
    return modules["llama2"]


def arguments(prompt=None, temperature=None, steps=80):
    """README's first command, but for these."""
    command = re.search("^    python llama2.py (.+)$", read("README.md"), re.MULTILINE)[1]
    checkpoint, usual, _, usual_prompt, *rest = shlex.split(command)
    return [os.path.join(ROOT, checkpoint), temperature or usual, str(steps),
            prompt or usual_prompt, *rest]  # fmt: skip


def line(number):
    """The first line of the bug in its file, as a number."""
    bug = BUGS[number - 1]
    source = read(bug.file)
    return source[: source.index(bug.changes[0][0])].count("\n") + 1


# ----------------------------------------------------------------------------
# the table of symptoms


def text_of(llama2, argv):
    """What a program prints."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
    try:
        llama2.main(argv)
        return sys.stdout.buffer.getvalue().decode("utf-8", "replace")
    finally:
        sys.stdout, sys.stderr = out, err


def numbers(llama2):
    """Numbers on the way of a token through the program, by name."""
    found = {}
    seen = []  # the ids that generate hands to the network
    forward = llama2.forward

    def watched(transformer, token, pos):
        seen.append(token)
        return forward(transformer, token, pos)

    llama2.forward = watched
    text_of(llama2, arguments("Hello", "0", 2))
    llama2.forward = forward
    found["ids of the prompt"] = seen
    t = llama2.build_transformer(arguments()[0])
    logits = list(forward(t, 1, 0))
    layers, t.config.n_layers = t.config.n_layers, 1
    forward(t, 1, 0)
    s = t.state
    found["value at 0"] = list(s.value_cache[0][0])
    found["weights at 0"] = [att[0] for att in s.att]
    found["xb2 at 0"] = list(s.xb2)
    query = list(s.q)
    x = list(s.x)
    forward(t, 1, 1)
    found["query at 1"] = list(s.q)
    found["query is turned"] = s.q != query
    found["key at 1"] = list(s.key_cache[0][1])
    found["weights at 1"] = [att[:2] for att in s.att]
    found["x at 0"] = x
    found["logits at 0"] = logits
    found["ids drawn"] = []
    for coin in range(10):
        probabilities = [i / 136 for i in range(1, 17)]
        found["ids drawn"].append(llama2.sample_topp(probabilities, 16, 0.9, [], coin / 10))
    tokenizer = llama2.build_tokenizer(llama2.find_tokenizer(arguments()[0]), t.config.vocab_size)
    found["pieces"] = [llama2.decode(tokenizer, 5, id) for id in range(t.config.vocab_size)]
    return found


def table():
    """The text of symptoms.md."""
    with open(arguments()[0], "rb") as file:
        sha256 = hashlib.sha256(file.read()).hexdigest()
    prompt = arguments()[3]
    rows = ["# Symptoms of the broken llamas", "",
            "`python doc/exercises/broken.py --table` has written this, with the model of sha256",
            f"`{sha256}`.", "",
            f"After the prompt \"{prompt}\", 40 steps (16 for \"Nina # 7\"):", "",
            "| llama | temperature 0.8, seed 1 | temperature 0 | \"Nina # 7\", the same |",
            "| --- | --- | --- | --- |"]  # fmt: skip
    sound = {}
    marks = []
    for number in range(len(BUGS) + 1):
        llama2 = load(number)
        runs = (None, None, 40), (None, "0", 40), ("Nina # 7", "0", 16)
        texts = [text_of(llama2, arguments(*run)) for run in runs]
        cells = []
        for i, text in enumerate(texts):
            same = number and text == sound[i]
            text = text.replace(prompt, "...", 1).strip()
            sound.setdefault(i, texts[i])
            text = re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "&lt;")
            cells.append("as 0" if same else text)
        rows.append(f"| {number} | {' | '.join(cells)} |")
        found = numbers(llama2)
        if not number:
            right = found
        marks.append([same_number(found[name], right[name]) for name in found])
    rows += ["", "Which numbers are llama 0's, in one layer but for the logits:", "",
             "| llama | " + " | ".join(right) + " |", "|" + " --- |" * (len(right) + 1)]
    for number, same in enumerate(marks):
        rows.append(f"| {number} | " + " | ".join("yes" if y else "**no**" for y in same) + " |")
    return "\n".join(rows) + "\n"


def same_number(a, b):
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same_number, a, b))
    return abs(a - b) < 1e-9 if isinstance(a, float) else a == b


def answer(number):
    bug = BUGS[number - 1]
    print(f"Llama {number}: {bug.name}.\n\n{bug.file}, line {line(number)}:")
    for old, new in bug.changes:
        for a, b in zip(old.strip().split("\n"), new.strip().split("\n")):
            if a != b:
                print(f"    {a}\nbecame\n    {b}")
    print(f"\n{bug.why}\n")
    with open(os.path.join(HERE, "symptoms.md"), encoding="utf-8") as file:
        print(file.read().replace("&lt;", "<"))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("number", type=int, nargs="?", help=f"1 to {len(BUGS)}; 0: the sound one")
    parser.add_argument("prompt", nargs="?", help="how the story begins")
    parser.add_argument("--ask", action="store_true", help="questions that narrow it down")
    parser.add_argument("--answer", action="store_true", help="the bug")
    parser.add_argument("--table", action="store_true", help="write symptoms.md")
    args = parser.parse_args()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    if args.table:
        text = table()
        with open(os.path.join(HERE, "symptoms.md"), "w", encoding="utf-8") as file:
            file.write(text)
    elif args.number is None or not (1 if args.answer else 0) <= args.number <= len(BUGS):
        parser.error(f"the broken llamas are 1 to {len(BUGS)}")
    elif args.ask:
        print(QUESTIONS)
    elif args.answer:
        answer(args.number)
    else:
        return load(args.number).main(arguments(args.prompt))


if __name__ == "__main__":
    from check import run

    run(main)
