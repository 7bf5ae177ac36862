"""Eleven broken llamas: each is llama2.py with one bug. Find the bug from what the program prints.

    python doc/exercises/broken.py 3              the story of llama 3
    python doc/exercises/broken.py 3 "A dragon"   with another prompt
    python doc/exercises/broken.py 0              the correct llama, for comparison
    python doc/exercises/broken.py 3 --ask        questions that lead to the bug
    python doc/exercises/broken.py 3 --answer     the bug, its line, its symptoms, and why

In Python, in this folder: from broken import load; sound, llama2 = load(0), load(3)
"""

import argparse
import os
import re
import sys
import textwrap
import types

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # python -P and -I leave it out

from check import output, read_mistakes, run
from parts import source

_, _, BUGS, _, SETUP, *QUESTIONS = re.split(
    r"^== (\w+)\n", source.read("doc/exercises/bugs.txt"), flags=re.M)
BUGS = read_mistakes(BUGS)
QUESTIONS = QUESTIONS[1::2]


def load(number):
    """Return llama2.py with bug number in it, as a separate module; 0: the correct one."""
    modules = {}
    before = {name: sys.modules[name] for name in ("tokenizer", "llama2")}
    try:
        for name in before:  # llama2 imports tokenizer
            module = modules[name] = sys.modules[name] = types.ModuleType(name)
            module.__file__ = str(source.ROOT / f"{name}.py")
            text = source.read(f"{name}.py")
            for old, new in BUGS[number - 1][1] if number else []:
                text = text.replace(old, new)
            exec(compile(text, f"{name}.py of llama {number}", "exec"), vars(module))
    finally:
        sys.modules.update(before)
    return modules["llama2"]


def arguments(prompt=None, temperature=None, steps=80):
    """Return the arguments of README's first command, except for these."""
    checkpoint, usual, _, usual_prompt, *rest = source.first_command()
    return [checkpoint, temperature or usual, str(steps), prompt or usual_prompt, *rest]


def answer(number):
    """Print the bug, why it has its symptoms, and what it prints beside the correct llama."""
    message, changes = BUGS[number - 1]
    name, _, why = message.partition(": ")
    print(f"Llama {number}: {name}.\n")
    file, text = next((file, text) for file, text in zip(source.OURS, map(source.read, source.OURS))
                      if changes[0][0] in text)
    for old, new in changes:
        line = text[: text.index(old)].count("\n") + 1
        print(f"{file}, line {line}:\n    {old.strip()}\nbecame\n    {new.strip()}")
    print("\n" + textwrap.fill(why, 96))
    llamas = {0: load(0), number: load(number)}
    for argv in arguments(steps=40), arguments(None, "0", 40), arguments("Nina # 7", "0", 16):
        print(f'\nTemperature {argv[1]}, "{argv[3]}":')
        for llama, module in llamas.items():
            print(textwrap.fill(" ".join(output(module, argv).split()), 96,
                                initial_indent=f"{llama:6}  ", subsequent_indent=" " * 8))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("number", type=int, help=f"1 to {len(BUGS)}; 0: the correct one")
    parser.add_argument("prompt", nargs="?", help="the beginning of the story")
    parser.add_argument("--ask", action="store_true", help="show questions that lead to the bug")
    parser.add_argument("--answer", action="store_true", help="show the bug")
    args = parser.parse_args()
    if not (1 if args.answer or args.ask else 0) <= args.number <= len(BUGS):
        parser.error(f"the broken llamas are 1 to {len(BUGS)}; 0 is the correct one")
    if args.ask:
        print(SETUP.replace("NUMBER", str(args.number)) + QUESTIONS[args.number - 1].rstrip())
    elif args.answer:
        answer(args.number)
    else:
        return load(args.number).main(arguments(args.prompt))


if __name__ == "__main__":
    run(main)
