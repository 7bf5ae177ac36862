"""What the tests share: small random models, and llama2.py run here or in a process of its own."""

import contextlib
import io
import json
import os
import random
import signal
import string
import struct
import subprocess
import sys
import tempfile
import threading
from array import array

import llama2

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LLAMA2 = os.path.join(ROOT, "llama2.py")
os.environ.pop("PYTHONUNBUFFERED", None)  # it would hide what is not flushed

# the tests that take longer run where this is set, as .ci/run does
LONG = bool(os.environ.get("LLAMA2_LONG_TESTS"))


def new_folder(add_cleanup):
    """A temporary folder, removed by a test's addCleanup or a class's addClassCleanup."""
    folder = tempfile.TemporaryDirectory()
    add_cleanup(folder.cleanup)
    return folder.name


# ----------------------------------------------------------------------------
# models of random numbers, the same for the same seed


def random_checkpoint(path, dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len,
                      shared_weights=True, seed=1, scale=0.3):
    """Write a checkpoint of llama2.c's version 0 with normally distributed weights."""
    rng = random.Random(seed)
    head_size = dim // n_heads
    kv_dim = n_kv_heads * head_size
    layer = 2 * dim + 2 * dim * dim + 2 * dim * kv_dim + 3 * dim * hidden_dim
    n = vocab_size * dim + n_layers * layer + dim + seq_len * head_size
    if not shared_weights:
        n += vocab_size * dim
    signed = vocab_size if shared_weights else -vocab_size
    header = dim, hidden_dim, n_layers, n_heads, n_kv_heads, signed, seq_len
    with open(path, "wb") as file:
        file.write(struct.pack("<7i", *header))
        for start in range(0, n, 65536):  # in pieces, since a large model need not fit into memory
            piece = array("f", [rng.gauss(0.0, scale) for _ in range(min(65536, n - start))])
            if sys.byteorder == "big":
                piece.byteswap()
            file.write(piece.tobytes())


def random_tokenizer(path, vocab_size, seed=1):
    """Write a tokenizer: the 3 special tokens, the 256 bytes, characters, then merges of tokens."""
    rng = random.Random(seed)
    pieces = [b"<unk>", b"\n<s>\n", b"\n</s>\n"] + [b"<0x%02X>" % i for i in range(256)]
    characters = [c.encode() for c in " " + string.ascii_letters + ".,!?'\"\n0123456789éüñ日😀"]
    pieces += characters[: vocab_size - 259]
    while len(pieces) < vocab_size:
        piece = rng.choice(pieces[259:]) + rng.choice(pieces[259:])
        if piece not in pieces and len(piece) < 12:
            pieces.append(piece)
    with open(path, "wb") as file:
        file.write(struct.pack("<I", max(map(len, pieces))))
        for i, piece in enumerate(pieces):
            score = 0.0 if i < 259 else rng.choice([-i * 1.0, -5.0, rng.uniform(-900.0, 0.0)])
            file.write(struct.pack("<fi", score, len(piece)) + piece)


# dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len, shared_weights
MODELS = {
    "mha": (16, 24, 2, 4, 4, 300, 48, True),
    "gqa": (24, 40, 2, 6, 2, 331, 40, True),
    "mqa": (16, 20, 3, 4, 1, 317, 64, True),
    "unshared": (8, 12, 2, 2, 1, 401, 50, False),
    "chat": (8, 8, 1, 2, 1, 262, 700, False),
}


def write_model(name, folder):
    """Write NAME.bin and NAME.tokenizer.bin into folder; return the path of the checkpoint."""
    path = f"{folder}/{name}.bin"
    random_checkpoint(path, *MODELS[name], seed=len(name))
    random_tokenizer(f"{folder}/{name}.tokenizer.bin", MODELS[name][5], seed=len(name))
    return path


def recorded(name):
    """What run.c printed, recorded/run.json, or computed, recorded/bits.json."""
    with open(os.path.join(ROOT, "tests", "recorded", name), encoding="utf-8") as file:
        return json.load(file)


# ----------------------------------------------------------------------------
# running it


def run_main(argv, input=b"", program=llama2):
    """The exit status of program.main(argv), the bytes on its stdout, the text on its stderr."""
    out = io.TextIOWrapper(io.BytesIO())
    stdin, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(input))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
            try:
                status = program.main([os.fsdecode(arg) for arg in argv])
            except SystemExit as exit:
                status = exit.code
    finally:
        sys.stdin = stdin
    out.flush()
    return status, out.buffer.getvalue(), err.getvalue()


def ours(argv, input=b"", program=llama2):
    """The bytes that program.main(argv) prints."""
    status, out, err = run_main(argv, input, program)
    if status is not None:
        raise AssertionError(f"it ended with status {status}: {err}")
    return out


def run_python(*args, **options):
    """A finished process of this Python, with its stdout and stderr."""
    options = {"cwd": ROOT, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **options}
    command = [sys.executable, *args]
    return subprocess.run(command, stderr=subprocess.PIPE, timeout=120, **options)


def heed_sigint():
    """In a new process: SIGINT, which a shell's background jobs ignore, ends it again."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextlib.contextmanager
def started(*args, **options):
    """A running process of this Python, in a group of its own, killed after 60 seconds."""
    process = subprocess.Popen(
        [sys.executable, *args], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True, preexec_fn=heed_sigint, **options,
    )
    timer = threading.Timer(60, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    with process:
        try:
            yield process
        finally:
            timer.cancel()
            process.kill()
