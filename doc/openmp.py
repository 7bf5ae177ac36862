"""llama2.py with matmul's rows shared among processes, as run.c shares them among threads.

    OMP_NUM_THREADS=4 python doc/openmp.py checkpoint [temperature] [steps] [prompt] [options]

It prints the same bytes: each row's sum is computed as before, only elsewhere. run.c 221-228
"""

import multiprocessing
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import llama2

matmul, build_transformer = llama2.matmul, llama2.build_transformer
processes = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count())
connections = []  # one to each worker
index = {}  # id of a matrix -> its place in the list that the workers have


def rows(matrix, k):
    """Process k's share of a matrix."""
    d = len(matrix)
    return matrix[d * k // processes : d * (k + 1) // processes]


def work(connection, shares):
    """Compute what is asked for until the connection closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process
    while True:
        try:
            i, x = connection.recv()
        except EOFError:  # the main process has ended
            return
        xout = [0.0] * len(shares[i])
        matmul(xout, x, shares[i], len(x), len(xout))
        connection.send(xout)


def shared_matmul(xout, x, w, n, d):
    """xout = W x: send x to the workers, compute the first share, collect the others."""
    try:
        for connection in connections:
            connection.send((index[id(w)], x))
        matmul(xout, x, rows(w, 0), n, d // processes)
        for k, connection in enumerate(connections, 1):
            xout[d * k // processes : d * (k + 1) // processes] = connection.recv()
    except (EOFError, OSError):
        raise OSError("a worker process has died") from None


def build_and_share(checkpoint_path):
    """build_transformer, then start the workers, which share its weights."""
    transformer = build_transformer(checkpoint_path)
    w = transformer.weights
    matrices = [m for stack in (w.wq, w.wk, w.wv, w.wo, w.w1, w.w2, w.w3) for m in stack] + [w.wcls]
    index.update((id(matrix), i) for i, matrix in enumerate(matrices))
    if transformer.config.dim < 128:
        print("openmp: sharing may cost more than it gives: the model is small", file=sys.stderr)
    for k in range(1, processes):
        ours, theirs = multiprocessing.Pipe()
        shares = [rows(matrix, k) for matrix in matrices]
        multiprocessing.Process(target=work, args=(theirs, shares), daemon=True).start()
        theirs.close()
        connections.append(ours)
    llama2.matmul = shared_matmul
    return transformer


if __name__ == "__main__":
    llama2.build_transformer = build_and_share
    sys.exit(llama2.main())
