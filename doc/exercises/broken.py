"""Eleven broken llamas: each is llama2.py with one bug. Find it by what the program prints.

    python doc/exercises/broken.py 3              the story of llama 3
    python doc/exercises/broken.py 3 "A dragon"   with another prompt
    python doc/exercises/broken.py 0              the sound llama, to compare with
    python doc/exercises/broken.py 3 --ask        questions that narrow it down
    python doc/exercises/broken.py 3 --answer     the bug, its line, and why it has these symptoms
    python doc/exercises/broken.py --table        write symptoms.md again, if the model changes

In Python, in this folder: from broken import load; sound, llama2 = load(0), load(3)
"""

import argparse
import hashlib
import os
import re
import sys
import textwrap
import types

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # python -P and -I leave it out

import cases
from check import read_mistakes, run
from parts import source

SYMPTOMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "symptoms.md")

_, BUGS, QUESTIONS = re.split(r"^== \w+\n", source.read("doc/exercises/bugs.txt"), flags=re.M)
BUGS = read_mistakes(BUGS)


def name_and_why(number):
    name, _, why = BUGS[number - 1][0].partition(": ")
    return name, why


def broken_source(file, number):
    """The text of llama2.py or tokenizer.py with the bug in it, if it is there."""
    text = source.read(file)
    if number and file == bug_file(number):
        for old, new in BUGS[number - 1][1]:
            text = source.changed(text, old, new)
    return text


def bug_file(number):
    """The file that the bug is in."""
    return next(file for file in source.OURS if BUGS[number - 1][1][0][0] in source.read(file))


def load(number):
    """llama2.py with bug number in it, as a module of its own; 0: the sound one."""
    modules = {}
    before = {name: sys.modules[name] for name in ("tokenizer", "llama2")}
    try:
        for name in before:  # llama2 imports tokenizer
            module = modules[name] = sys.modules[name] = types.ModuleType(name)
            module.__file__ = str(source.ROOT / f"{name}.py")
            text = broken_source(f"{name}.py", number)
            exec(compile(text, f"{name}.py of llama {number}", "exec"), vars(module))
    finally:
        sys.modules.update(before)
    return modules["llama2"]


def arguments(prompt=None, temperature=None, steps=80):
    """README's first command, except for these."""
    checkpoint, usual, _, usual_prompt, *rest = source.first_command()
    return [checkpoint, temperature or usual, str(steps), prompt or usual_prompt, *rest]


# ----------------------------------------------------------------------------
# the table of symptoms


def text_of(llama2, argv):
    """What a program prints."""
    out = {}
    with cases.printed(out):
        llama2.main(argv)
    return out["printed"].encode("latin-1").decode("utf-8", "replace")


def numbers(llama2):
    """Numbers on a token's way through the program, by name."""
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
    found["query is rotated"] = s.q != query
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
            "Written by `python doc/exercises/broken.py --table`, with the model whose sha256 is",
            f"`{sha256}`.", "",
            f"After the prompt \"{prompt}\", 40 steps (16 for \"Nina # 7\"):", "",
            "| llama | temperature 0.8, seed 1 | temperature 0 | temperature 0, \"Nina # 7\" |",
            "| --- | --- | --- | --- |"]
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
    rows += ["", "Which numbers are llama 0's, in one layer, except for the logits:", "",
             "| llama | " + " | ".join(right) + " |", "|" + " --- |" * (len(right) + 1)]
    for number, same in enumerate(marks):
        rows.append(f"| {number} | " + " | ".join("yes" if y else "**no**" for y in same) + " |")
    return "\n".join(rows) + "\n"


def same_number(a, b):
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same_number, a, b))
    return abs(a - b) < 1e-9 if isinstance(a, float) else a == b


def symptoms(number):
    """Lines that show the symptoms of one llama beside those of the sound one."""
    with open(SYMPTOMS, encoding="utf-8") as file:
        text = file.read().replace("&lt;", "<")
    rows = re.findall(rf"^\| (?:llama|0|{number}) \| (.*) \|$", text, re.MULTILINE)
    runs, sound, broken, names, _, right = ([c.replace("\\|", "|") for c in row.split(" | ")]
                                            for row in rows)
    yield re.search("^After the prompt.*$", text, re.MULTILINE)[0]
    for run, *texts in zip(runs, sound, broken):
        yield f"\n{run}:"
        for llama, text in zip((0, number), texts):
            yield textwrap.fill(text, 96, initial_indent=f"{llama:6}  ", subsequent_indent=" " * 8)
    differ = [name for name, cell in zip(names, right) if cell != "yes"]
    yield f"\nNot as in llama 0: {', '.join(differ)}"


def answer(number):
    """Print the bug and its symptoms."""
    name, why = name_and_why(number)
    text = source.read(bug_file(number))
    print(f"Llama {number}: {name}.\n")
    for old, new in BUGS[number - 1][1]:
        line = text[: text.index(old)].count("\n") + 1
        print(f"{bug_file(number)}, line {line}:\n    {old.strip()}\nbecame\n    {new.strip()}")
    print("\n" + textwrap.fill(why, 96) + "\n", *symptoms(number), sep="\n")


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
    if args.table:
        text = table()
        with open(SYMPTOMS, "w", encoding="utf-8") as file:
            file.write(text)
    elif args.number is None or not (1 if args.answer else 0) <= args.number <= len(BUGS):
        parser.error(f"the broken llamas are 1 to {len(BUGS)}")
    elif args.ask:
        print(QUESTIONS.replace("NUMBER", str(args.number)))
    elif args.answer:
        answer(args.number)
    else:
        return load(args.number).main(arguments(args.prompt))


if __name__ == "__main__":
    run(main)
