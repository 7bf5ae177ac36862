"""llama2.py with matmul's rows shared among processes, as run.c shares them among threads.

    OMP_NUM_THREADS=4 python doc/openmp.py checkpoint [temperature] [steps] [prompt] [options]

It prints the same bytes, sooner, since each row's sum is left to what this Python does fastest.
Without OMP_NUM_THREADS there are as many processes as cores, or only one, where messages would
cost more than they save. run.c 221-228
"""

import math
import os
import pickle
import re
import signal
import subprocess
import sys
from array import array
from contextlib import contextmanager, suppress
from operator import mul

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import llama2

build_transformer, matmul = llama2.build_transformer, llama2.matmul
pypy = sys.implementation.name == "pypy"
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
worth_sharing = 300e3 if pypy else 30e3  # multiply-adds for a message
most_in_tuples = 0 if pypy else 50e6  # weights: in tuples, each takes 40 bytes instead of 4

workers = []  # the processes beside this one
tasks = []  # the rows of each task: matrices that are multiplied by the same x, one after the other
index = {}  # id of a matrix -> its task, and where its rows begin there
shares = []  # of each task, the rows that this process computes
results = []  # of the task at hand, a float for each row

WORKER = "import sys; sys.path.insert(0, sys.argv[1]); import openmp; openmp.work()"


def products(rows, x):
    """The sum of row[j] * x[j] over all j, for each row; x: a list of floats."""
    # ns for a multiply-add, rows of 288 in arrays / in tuples:
    #                       CPython 3.9   3.10    3.11    3.12    3.13    PyPy 7.3.11
    # val += row[j] * x[j]       83 / 70  79 / 65  51 / 34  46 / 36  45 / 33   1.4
    # that on eight rows at once                                               1.0
    # sum(map(mul, row, x))      42 / 31  38 / 29  34 / 25  54 / 39  56 / 40   1.7
    # math.sumprod(row, x)                                  21 / 9   23 / 9
    if hasattr(math, "sumprod") and not pypy:
        return [math.sumprod(row, x) for row in rows]
    if not pypy:
        return [sum(map(mul, row, x)) for row in rows]
    xout = []
    for i in range(0, len(rows), 8):
        # the last ones again, where eight are too many
        r0, r1, r2, r3, r4, r5, r6, r7 = (rows[i : i + 8] * 8)[:8]
        v0 = v1 = v2 = v3 = v4 = v5 = v6 = v7 = 0.0
        for j, y in enumerate(x):
            v0 += r0[j] * y
            v1 += r1[j] * y
            v2 += r2[j] * y
            v3 += r3[j] * y
            v4 += r4[j] * y
            v5 += r5[j] * y
            v6 += r6[j] * y
            v7 += r7[j] * y
        xout += v0, v1, v2, v3, v4, v5, v6, v7
    return xout[: len(rows)]


def share(rows, k):
    """The part of a task's rows that process k computes; 0 is this process."""
    n = len(workers) + 1
    return rows[len(rows) * k // n : len(rows) * (k + 1) // n]


def quick(shares, weights):
    """The rows as tuples of ready-made floats, if there is memory for that."""
    if weights > most_in_tuples:
        return shares
    return [[tuple(row.tolist()) for row in rows] for rows in shares]


def doubles(file, n):
    """Read n floats that another process has written; EOFError if it has ended."""
    numbers = array("d")
    numbers.fromfile(file, n)
    return list(numbers)  # on PyPy in a fifth of the time that tolist() takes


def work():
    """A worker: get rows, then multiply those that are asked for by the x that comes with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError, OSError):  # the main process has ended, and its ends of the pipes
        shares = quick(*pickle.load(stdin))
        while True:
            rows = shares[int(doubles(stdin, 1)[0])]
            array("d", products(rows, doubles(stdin, len(rows[0])))).tofile(stdout)
            stdout.flush()


@contextmanager
def all_alive():
    """A worker that has ended has closed its pipes."""
    try:
        yield
    except (EOFError, OSError):
        raise OSError("a worker process has ended") from None


def shared_matmul(xout, x, w, n, d):
    """xout = W x. With the first matrix of a task, those that follow are computed too."""
    task, first = index[id(w)]
    if first == 0:
        with all_alive():
            for worker in workers:
                array("d", [task] + x).tofile(worker.stdin)
                worker.stdin.flush()
            results[:] = products(shares[task], x)
            for k, worker in enumerate(workers, 1):
                results.extend(doubles(worker.stdout, len(share(tasks[task], k))))
    xout[:] = results[first : first + d]


def processes(weights):
    """How many to use: as many as asked for, or as pay; no more than there are cores and rows."""
    asked = int(os.environ.get("OMP_NUM_THREADS") or 0)
    if not asked and weights < worth_sharing * len(tasks):
        asked = 1
    return min(asked or cores, cores, *map(len, tasks))


def build_and_share(checkpoint_path):
    """build_transformer, then start the workers and give each its rows."""
    transformer = build_transformer(checkpoint_path)
    w = transformer.weights
    stacks = []
    for q, k, v, o, w1, w2, w3 in zip(w.wq, w.wk, w.wv, w.wo, w.w1, w.w2, w.w3):
        stacks += [q, k, v], [o], [w1, w3], [w2]
    for stack in stacks + [[w.wcls]]:
        rows = []
        for matrix in stack:
            index[id(matrix)] = len(tasks), len(rows)
            rows += matrix
        tasks.append(rows)
    weights = sum(len(rows) * len(rows[0]) for rows in tasks)
    command = [sys.executable, "-c", WORKER, HERE]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    for _ in range(1, processes(weights)):
        workers.append(subprocess.Popen(command, **pipes))
    with all_alive():
        for k, worker in enumerate(workers, 1):
            pickle.dump(([share(rows, k) for rows in tasks], weights), worker.stdin, protocol=4)
            worker.stdin.flush()
    if pypy and not workers and weights < worth_sharing * len(tasks):
        llama2.matmul = matmul  # so few need no preparation: stories of swiss.bin came 15 % sooner
    else:
        shares[:] = quick([share(rows, 0) for rows in tasks], weights)
    return transformer


def main():
    """llama2.main with the matrices shared; the workers end with it."""
    asked = os.environ.get("OMP_NUM_THREADS") or "1"
    if not re.fullmatch("0*[1-9][0-9]{0,8}", asked):
        llama2.eprint(f"openmp: OMP_NUM_THREADS: {asked!r} is no number of processes")
        return 2
    llama2.build_transformer, llama2.matmul = build_and_share, shared_matmul
    try:
        return llama2.main()
    finally:
        for worker in workers:
            worker.kill()
            with suppress(OSError):
                worker.communicate()


if __name__ == "__main__":
    sys.exit(main())
