"""Compare llama2.py's speed with that of other programs, as in README's table.

It prints tokens per second, the time to load and the peak memory.

    python doc/make/speed_table.py data/swiss.bin --python python3.9 --python pypy3
    python doc/make/speed_table.py --shape 15M --peer "run.c=./run {checkpoint} -t 0 -n {steps}"

The programs take turns, so that a slow phase of the machine affects all of them. "of the loop"
compares the speed with an upper limit for the literal loop in the same interpreter: the time of one
bare `val += row[j] * x[j]`, times the number of multiply-adds per token in matmul and attention.
"""

import argparse
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
from contextlib import suppress

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

import llama2
from tests.helpers import random_checkpoint

SHAPES = {
    "15M": (288, 768, 6, 6, 6, 32000, 256),
    "42M": (512, 1376, 8, 8, 8, 32000, 1024),
    "110M": (768, 2048, 12, 12, 12, 32000, 1024),
}

# each interpreter runs this; it prints tok/s, tok/s of the bare loop, seconds to load and peak MB
PROBE = """
import sys, time
sys.path.insert(0, sys.argv[1])
import llama2
steps, products = int(sys.argv[3]), float(sys.argv[4])

def text():
    token = 1
    for pos in range(steps):
        token = llama2.sample_argmax(llama2.forward(transformer, token, pos), p.vocab_size)

def loop(rows, x):
    for row in rows:
        val = 0.0
        for j in range(len(x)):
            val += row[j] * x[j]

def rate(work, seconds):
    "Return how many times a second work can be done."
    begin, n = time.perf_counter(), 0
    while n == 0 or time.perf_counter() - begin < seconds:
        work()
        n += 1
    return n / (time.perf_counter() - begin)

begin = time.perf_counter()
transformer = llama2.build_transformer(sys.argv[2])
loaded = time.perf_counter() - begin
p = transformer.config
if sys.implementation.name == "pypy":
    rate(text, 3.0)  # warm up: it compiles what has run often
speed = steps * rate(text, 1.0)
try:
    import resource
    unit = 1e6 if sys.platform == "darwin" else 1e3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
except ImportError:
    peak = float("nan")
w1, x = transformer.weights.w1[0], [0.1] * p.dim
bare = max(rate(lambda: loop(w1, x), 0.1) for _ in range(5)) * len(w1) * p.dim / products
print("tok/s:", speed, bare, loaded, peak)
"""


def multiply_adds(p, steps):
    """Return the average number of multiply-adds per token in a text of steps tokens."""
    kv_dim = p.dim * p.n_kv_heads // p.n_heads
    matrices = 2 * p.dim * p.dim + 2 * p.dim * kv_dim + 3 * p.dim * p.hidden_dim
    attention = 2 * p.dim * (steps + 1) / 2  # each position attends to one more than the last
    return p.n_layers * (matrices + attention) + p.vocab_size * p.dim


def measure(name, command):
    """Run a command and return the figures that it prints, tok/s first. Raises ValueError."""
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        raise ValueError(f"{name} does not run: {error.strerror}") from None
    if run.returncode:
        problem = run.stderr.decode(errors="replace").strip().split("\n")[-1]
        raise ValueError(f"{name} failed with status {run.returncode}. {problem}".strip())
    numbers = rb"tok/s\)?:? *([0-9.]+(?: [0-9.]+| nan)*)"
    *_, figures = b"", *re.findall(numbers, run.stdout + run.stderr)
    with suppress(ValueError):
        if figures: return [float(figure) for figure in figures.split()]
    raise ValueError(f"{name} prints no speed")


def main():
    parser = argparse.ArgumentParser(description="Compare llama2.py's speed with others.")
    models = parser.add_mutually_exclusive_group(required=True)
    models.add_argument("checkpoint", nargs="?")
    models.add_argument("--shape", choices=SHAPES, help="use random weights of this size")
    parser.add_argument("--python", action="append", help="an interpreter (may be repeated)")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND",
                        help="another program, which must print tok/s: NUMBER")
    parser.add_argument("--steps", type=int, default=20, help="tokens per run (default 20)")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if args.steps < 2 or args.rounds < 1 or not all("=" in peer for peer in args.peer):
        parser.error("use at least 2 steps and 1 round, and NAME=COMMAND for a peer")
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = args.checkpoint or os.path.join(folder, "model.bin")
        if args.shape: random_checkpoint(checkpoint, *SHAPES[args.shape], scale=0.02)
        config, _ = llama2.read_checkpoint(checkpoint)
        if args.steps > config.seq_len:
            raise ValueError(f"the model has {config.seq_len} positions, fewer than {args.steps}")
        numbers = str(args.steps), str(multiply_adds(config, args.steps))
        commands = {python: [python, "-c", PROBE, ROOT, checkpoint, *numbers]
                    for python in args.python or [sys.executable]}
        for peer in args.peer:
            name, _, command = peer.partition("=")
            command = command.replace("{checkpoint}", shlex.quote(checkpoint))
            commands[name] = shlex.split(command.replace("{steps}", numbers[0])) or [""]
        rounds = [{name: measure(name, command) for name, command in commands.items()}
                  for _ in range(args.rounds)]
    print("tok/s           min  median     max  of 1st  of the loop   load s  peak MB")
    top = None
    for name in commands:
        speeds, *others = zip(*(figures[name] for figures in rounds))
        median = statistics.median(speeds)
        top = top or median
        line = f"{os.path.basename(name)[:12]:12} {min(speeds):6.2f}  {median:6.2f}"
        line += f"  {max(speeds):6.2f}  {median / top:6.2f}"
        if others:
            loop, load, peak = map(statistics.median, others)
            line += f"  {median / loop:11.2f}  {load:7.2f}  {peak:7.0f}"
        print(line)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("speed_table.py: stopped")
    except (ValueError, OSError, MemoryError) as error:
        sys.exit(f"speed_table.py: {error}")
