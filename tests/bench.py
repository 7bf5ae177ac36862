"""Measure llama2.py: tokens per second, time to load and to the first token, peak memory.

    python tests/bench.py data/swiss.bin --python python3.9 --python pypy3
    python tests/bench.py --shape 15M --peer "run.c=./run {checkpoint} -t 0 -n {steps}"

The rounds are interleaved, so that a machine that is slow for a while is slow for all. "of the
loop" compares with the bare loop in the same interpreter: the time of one multiply-add in the
faster of two explicit loops, times the multiply-adds of a token.
"""

import argparse
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

from tests.helpers import random_checkpoint

SHAPES = {
    "15M": (288, 768, 6, 6, 6, 32000, 256),
    "42M": (512, 1376, 8, 8, 8, 32000, 1024),
    "110M": (768, 2048, 12, 12, 12, 32000, 1024),
}

# run by each interpreter; prints tok/s, seconds to load, and to the first token, peak MB, tok/s
# of the bare loop
PROBE = """
import sys, time
sys.path.insert(0, sys.argv[1])
import llama2
begin = time.perf_counter()
transformer = llama2.build_transformer(sys.argv[2])
loaded = time.perf_counter()
steps = int(sys.argv[3])
llama2.sample_argmax(llama2.forward(transformer, 1, 0), transformer.config.vocab_size)
first = time.perf_counter()
for pos in range(1, steps):
    token = llama2.sample_argmax(transformer.state.logits, transformer.config.vocab_size)
    llama2.forward(transformer, token, pos)
seconds = time.perf_counter() - first
try:
    import resource
    unit = 1e6 if sys.platform == "darwin" else 1e3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
except ImportError:
    peak = float("nan")

def by_pairs(rows, x):
    for row in rows:
        val = 0.0
        for a, b in zip(row, x):
            val += a * b

def by_index(rows, x):
    for row in rows:
        val = 0.0
        for j in range(len(x)):
            val += row[j] * x[j]

p, w = transformer.config, transformer.weights
rows, x = w.w1[0], [0.1] * p.dim
best = float("inf")
for loop in by_pairs, by_index:
    for _ in range(5):
        t, n = time.perf_counter(), 0
        while time.perf_counter() - t < 0.1:
            loop(rows, x)
            n += 1
        best = min(best, (time.perf_counter() - t) / n / len(rows) / p.dim)
kv_dim = p.dim * p.n_kv_heads // p.n_heads
layer = 2 * p.dim * p.dim + 2 * p.dim * kv_dim + 3 * p.dim * p.hidden_dim + p.dim * steps
madds = p.n_layers * layer + p.vocab_size * p.dim
print((steps - 1) / seconds, loaded - begin, first - begin, peak, 1.0 / (best * madds))
"""


def main():
    parser = argparse.ArgumentParser(description="Measure llama2.py beside others.")
    parser.add_argument("checkpoint", nargs="?")
    parser.add_argument("--shape", choices=SHAPES, help="make a checkpoint of random weights")
    parser.add_argument("--python", action="append", default=[], help="an interpreter (repeatable)")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                        help="another program; it must print tok/s: NUMBER")  # fmt: skip
    parser.add_argument("--steps", type=int, default=20, help="tokens a run (default 20)")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if (args.checkpoint is None) == (args.shape is None):
        parser.error("give either a checkpoint or --shape")
    if args.steps < 2 or args.rounds < 1 or not all("=" in peer for peer in args.peer):
        parser.error("steps from 2, rounds from 1, and a peer is NAME=COMMAND")
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = args.checkpoint
        if args.shape:
            checkpoint = os.path.join(folder, "model.bin")
            print("making the checkpoint", file=sys.stderr)
            random_checkpoint(checkpoint, *SHAPES[args.shape], scale=0.02)
        commands = {}
        for python in args.python or [sys.executable]:
            commands[python] = [python, "-c", PROBE, ROOT, checkpoint, str(args.steps)]
        for peer in args.peer:
            name, _, command = peer.partition("=")
            words = {"{checkpoint}": checkpoint, "{steps}": str(args.steps)}
            for word, value in words.items():
                command = command.replace(word, shlex.quote(value))
            commands[name] = shlex.split(command)
        figures = {name: [] for name in commands}
        for i in range(args.rounds):
            for name, command in commands.items():
                print(f"\rround {i + 1} of {args.rounds}: {name}\033[K", end="", file=sys.stderr)
                run = subprocess.run(command, stdout=-1, stderr=-1)
                if PROBE in command:
                    row = [float(word) for word in run.stdout.split()]
                else:
                    speeds = re.findall(rb"tok/s\)?:? *([0-9.]+)", run.stdout + run.stderr)
                    row = [float(speed) for speed in speeds[-1:]]
                if run.returncode or not row:
                    sys.exit(f"\n{name} failed: {run.stderr.decode(errors='replace')[-300:]}")
                figures[name].append(row)
        print(file=sys.stderr)
    print("tok/s           min  median     max  of 1st  of the loop   load s  first s  peak MB")
    top = None
    for name, rows in figures.items():
        speeds = [row[0] for row in rows]
        median = statistics.median(speeds)
        top = top or median
        line = f"{os.path.basename(name)[:12]:12} {min(speeds):6.2f}  {median:6.2f}"
        line += f"  {max(speeds):6.2f}  {median / top:6.2f}"
        if len(rows[0]) > 1:
            load, first, peak, loop = (statistics.median(column) for column in list(zip(*rows))[1:])
            line += f"  {median / loop:11.2f}  {load:7.2f}  {first:7.2f}  {peak:7.0f}"
        print(line)


if __name__ == "__main__":
    main()
