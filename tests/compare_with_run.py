"""A tool, not a test: compare llama2.py with ./run, which must print the same bytes.

    python tests/compare_with_run.py PATH_TO_RUN CHECKPOINT [-z TOKENIZER] [--runs N] [--float32]

Prompts and settings are random, with seeds from --seed on. The exit status is 1 if a run differs.
The first difference is shown, with the arguments that reproduce it. With --defaults, only the seed
of each run varies: temperature 1, top-p 0.9, 256 steps. --float32 compares doc/float32.py.
"""

import argparse
import os
import random
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [ROOT, os.path.join(ROOT, "doc")]

import llama2
from tests.helpers import ours

WORDS = """Once upon a time, there was a little girl named Lily. In that small Swiss town Zürich the
robot said "Hello!" and naïve café jalapeño 東京 мир שלום 😀 👩‍👩‍👧 1234 \t # <0x0A> \
<s> -x""".split(" ")


def random_prompt(rng):
    if rng.random() < 0.1:  # not always UTF-8
        return bytes(rng.randrange(1, 256) for _ in range(rng.randrange(1, 30)))
    start = rng.randrange(len(WORDS))
    return " ".join(WORDS[start : start + rng.randrange(12)])  # sometimes none


def random_options(rng, seq_len):
    """Return the options of one run, a list of str and bytes."""
    temperature = rng.choice(["0", "0.3", "0.8", "1", "1.5", "1e-50", f"{rng.uniform(0, 1.5):.3f}"])
    topp = rng.choice(["0", "0.5", "0.9", "1", f"{rng.random():.3f}"])
    steps = rng.choice([0, 1, 2, seq_len, seq_len + 1] + [rng.randrange(3, 100)] * 15)
    seed = rng.choice([1, 2**31 - 1, rng.randrange(1, 2**31)])
    options = ["-t", temperature, "-p", topp, "-s", str(seed), "-n", str(steps)]
    return options + ["-i", random_prompt(rng)]


def main():
    parser = argparse.ArgumentParser(description="Compare llama2.py with ./run.")
    parser.add_argument("run", help="run.c, compiled")
    parser.add_argument("checkpoint")
    parser.add_argument("-z", "--tokenizer", help="as in llama2.py")
    parser.add_argument("--runs", type=int, default=100, help="how many (default 100)")
    parser.add_argument("--seed", type=int, default=1, help="of the random settings (default 1)")
    parser.add_argument("--defaults", action="store_true", help="vary nothing but the seed")
    parser.add_argument("--float32", action="store_true", help="compare doc/float32.py")
    args = parser.parse_args()
    if not os.path.isfile(args.run):
        parser.error(f"{args.run!r} is no file: give the path of the compiled run.c")
    rng = random.Random(args.seed)
    try:
        config, _ = llama2.read_checkpoint(args.checkpoint)
        tokenizer = args.tokenizer or llama2.find_tokenizer(args.checkpoint)
    except llama2.FileError as error:
        parser.error(str(error))
    program = llama2
    if args.float32:
        from float32 import llama2 as program
    different = tokens = 0
    for i in range(args.runs):
        argv = [args.checkpoint, "-z", tokenizer]
        argv += ["-s", str(args.seed + i)] if args.defaults else random_options(rng, config.seq_len)
        expected = subprocess.run([args.run] + argv, capture_output=True).stdout
        got = ours(argv, program=program)
        if got != expected:
            different += 1
            if different == 1:
                at = len(os.path.commonprefix([got, expected]))
                print(f"\ndifferent from byte {at} on:", file=sys.stderr)
                print(f"  run.c:     {expected[max(at - 40, 0) : at + 40]!r}", file=sys.stderr)
                print(f"  ours:      {got[max(at - 40, 0) : at + 40]!r}", file=sys.stderr)
                print("  arguments: " + shlex.join(map(os.fsdecode, argv)), file=sys.stderr)
        tokens += len(expected)
        print(f"\r{i + 1} of {args.runs} runs, {different} different", end="", file=sys.stderr)
    print(file=sys.stderr)
    print(f"{args.runs - different} of {args.runs} runs print the same, {tokens} bytes in total")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
