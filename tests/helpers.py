"""Shared by the tests: small random models, and ways to run llama2.py, here or in a new process."""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import string
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
from array import array
from unittest import mock

import llama2

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LLAMA2 = os.path.join(ROOT, "llama2.py")
os.environ.pop("PYTHONUNBUFFERED", None)  # it would hide missing flushes

# the slow tests run only if this is set, as .ci/run does
LONG = bool(os.environ.get("LLAMA2_LONG_TESTS"))
long_on_pypy = unittest.skipUnless(LONG and sys.implementation.name == "pypy",
                                   "LLAMA2_LONG_TESTS is not set, or no PyPy")

CHECKPOINTS = os.environ.get("LLAMA2_CHECKPOINTS", "")
needs_checkpoints = unittest.skipUnless(
    CHECKPOINTS, "set LLAMA2_CHECKPOINTS to a folder with stories260K.bin and tok512.bin "
    "(huggingface.co/karpathy/tinyllamas) and llama2.c's tokenizer.bin")


def read(*path, mode="r"):
    """Return the content of a file of the project, or of any other file if the path is absolute."""
    with open(os.path.join(ROOT, *path), mode, encoding=None if "b" in mode else "utf-8") as file:
        return file.read()


def write(path, content):
    """Write bytes or a str to a file, in a new folder if necessary; return its path."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path


def new_folder(add_cleanup):
    """Make a temporary folder. addCleanup removes it, even if a killed browser still writes."""
    folder = tempfile.mkdtemp()
    add_cleanup(shutil.rmtree, folder, ignore_errors=True)
    return folder


# ----------------------------------------------------------------------------
# models with random weights, the same for the same seed


def random_checkpoint(path, dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len,
                      shared_weights=True, seed=1, scale=0.3):
    """Write a checkpoint of llama2.c's version 0 with normally distributed weights."""
    rng = random.Random(seed)
    shape = [dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len]
    n = (llama2.checkpoint_size(llama2.Config(*shape), shared_weights) - 28) // 4
    shape[5] *= 1 if shared_weights else -1
    with open(path, "wb") as file:
        file.write(struct.pack("<7i", *shape))
        for start in range(0, n, 65536):  # in pieces, because a large model may not fit in memory
            array("f", [rng.gauss(0.0, scale) for _ in range(min(65536, n - start))]).tofile(file)


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
    scores = [0.0 if i < 259 else rng.choice([-i * 1.0, -5.0, rng.uniform(-900.0, 0.0)])
              for i in range(vocab_size)]
    write_tokenizer(path, zip(scores, pieces))


def write_tokenizer(path, tokens):
    """Write a tokenizer with tokens, pairs of a score and bytes; return its path."""
    tokens = list(tokens)
    content = struct.pack("<I", max(len(piece) for _, piece in tokens))
    for score, piece in tokens:
        content += struct.pack("<fi", score, len(piece)) + piece
    return write(path, content)


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


def recorded_models(add_cleanup):
    """Return the paths of the models whose runs are recorded; stories260K may be missing."""
    folder = new_folder(add_cleanup)
    paths = {name: write_model(name, folder) for name in MODELS}
    paths["swiss"] = os.path.join(ROOT, "data", "swiss.bin")
    if CHECKPOINTS: paths["stories260K"] = os.path.join(CHECKPOINTS, "stories260K.bin")
    return paths


def recorded(name):
    """Return what run.c printed (recorded/run.json) or computed (recorded/bits.json)."""
    return json.loads(read("tests", "recorded", name))


# ----------------------------------------------------------------------------
# running it


def run_main(argv, input=b"", program=llama2, out=None):
    """The exit status of program.main(argv), what it prints, and the text on its stderr.

    input and out: bytes and a stream of bytes; a str and an io.StringIO as in a notebook.
    """
    out = out or io.TextIOWrapper(io.BytesIO())
    text = isinstance(input, str)
    stdin = io.StringIO(input) if text else io.TextIOWrapper(io.BytesIO(input))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
        with mock.patch("sys.stdin", stdin):
            status = program.main([os.fsdecode(arg) for arg in argv])
    out.flush()
    return status, getattr(out, "buffer", out).getvalue(), err.getvalue()


def ours(argv, input=b"", program=llama2):
    """Return the bytes that program.main(argv) prints."""
    status, out, err = run_main(argv, input, program)
    assert status is None, f"it ended with status {status}: {err}"
    return out


def run_python(*args, **options):
    """Run this Python in a process; return it, finished, with its stdout and stderr."""
    options = {"cwd": ROOT, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
               "timeout": 120, **options}
    command = [sys.executable, *args]
    return subprocess.run(command, stderr=subprocess.PIPE, **options)


def run_process(*args, **options):
    """Return what run_main returns, but from a process of this Python."""
    run = run_python(*args, **options)
    return run.returncode, run.stdout, run.stderr.decode()


@contextlib.contextmanager
def started(*args, **options):
    """Start a process of this Python, in its own group, killed after 60 seconds."""
    def heed_sigint():  # a shell's background jobs ignore it
        signal.signal(signal.SIGINT, signal.SIG_DFL)

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


class ModelCase(unittest.TestCase):
    """Tests with a folder that contains a small model: 331 tokens, 40 positions."""

    @classmethod
    def setUpClass(cls):
        cls.folder = new_folder(cls.addClassCleanup)
        cls.checkpoint = write_model("gqa", cls.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def assertRefused(self, message, ended, status=1):
        """Assert that a run ended with status, no output and one line that matches message."""
        self.assertEqual(ended[:2], (status, b""), ended[2])
        self.assertRegex(ended[2], rf"\Allama2: [^\n]*{message}[^\n]*\n\Z")
