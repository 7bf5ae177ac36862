"""Record what run.c computes and prints: tests/recorded/ and doc/exercises/expected.json.

    python doc/make/record.py --run-c PATH_TO_RUN_C --checkpoints FOLDER

FOLDER has stories260K.bin and tok512.bin (huggingface.co/karpathy/tinyllamas, stories260K). gcc
builds run.c as a program and, with record.c, as a library. Every number and text comes from these
two; only the settings, the inputs and the models come from our own code.
"""

import argparse
import ctypes
import hashlib
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from array import array
from ctypes import POINTER, byref
from ctypes import c_char_p, c_float, c_int, c_ssize_t, c_uint, c_ulonglong, c_void_p
from functools import partial
from pathlib import Path

HARNESS = Path(__file__).resolve().with_name("record.c")
ROOT = HARNESS.parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "doc" / "exercises")]

import cases
import llama2
from tests.helpers import MODELS, write_model

SEEDS_THAT_PART = 43, 152, 409  # of stories260K: doubles and floats draw different tokens


# ----------------------------------------------------------------------------
# run.c as a library: our arguments are converted for C, and what C writes is copied back


def struct(name, *fields):
    return type(name, (ctypes.Structure,), {"_fields_": fields})


def like(ours, kind):
    """Return the fields of our dataclass, all with the same type in C."""
    return [(name, kind) for name in ours.__dataclass_fields__]


Config = struct("Config", *like(llama2.Config, c_int))
Weights = struct("Weights", *like(llama2.TransformerWeights, POINTER(c_float)))
RunState = struct("RunState", *like(llama2.RunState, POINTER(c_float)))
Transformer = struct("Transformer", ("config", Config), ("weights", Weights), ("state", RunState),
                     ("fd", c_int), ("data", POINTER(c_float)), ("file_size", c_ssize_t))
Tokenizer = struct("Tokenizer", ("vocab", POINTER(c_char_p)), ("vocab_scores", POINTER(c_float)),
                   ("sorted_vocab", c_void_p), ("vocab_size", c_int), ("max_token_length", c_uint),
                   ("byte_pieces", ctypes.c_ubyte * 512))
Sampler = struct("Sampler", ("vocab_size", c_int), ("probindex", c_void_p),
                 ("temperature", c_float), ("topp", c_float), ("rng_state", c_ulonglong))

# the return types of run.c's functions; the others return nothing
RETURNS = {"decode": c_char_p, "u32": c_uint}
RETURNS.update(dict.fromkeys(["sample_argmax", "sample_mult", "sample_topp", "sample"], c_int))
RETURNS.update(dict.fromkeys(["f32", "expf", "sqrtf", "sinf", "cosf", "powf"], c_float))


def build(run_c, folder):
    """Build run.c as the program "run" and as a library in folder; return the library."""
    lines = Path(run_c).read_bytes().splitlines(keepends=True)
    for first, last in re.findall(r'#include "(\d+)-(\d+)"', HARNESS.read_text()):
        (folder / f"{first}-{last}").write_bytes(b"".join(lines[int(first) - 1 : int(last)]))
    options = "-fPIC", "-shared", f'-DRUN_C="{os.path.abspath(run_c)}"', f"-I{folder}"
    subprocess.run(["gcc", "-O3", "-o", folder / "run", run_c, "-lm"], check=True)
    subprocess.run(["gcc", "-O3", *options, "-o", folder / "run.so", HARNESS, "-lm"], check=True)
    return ctypes.CDLL(str(folder / "run.so"))


def places(value):
    """Yield (list, index) for each number in a nested list."""
    for i, v in enumerate(value):
        if isinstance(v, (list, array)):
            yield from places(v)
        else:
            yield value, i


class C:
    """run.c's functions. They take our lists and dataclasses and change them in place."""

    def __init__(self, library, folder):
        self.library, self.transformer, self.tokenizer = library, Transformer(), Tokenizer()
        model, tokenizer, t = folder / "small.bin", folder / "small.tokenizer.bin", cases.TOKENIZER
        shape = vars(cases.CONFIG).copy()
        shape["vocab_size"] *= -1  # it has its own classifier
        model.write_bytes(bytes(Config(*shape.values())) + cases.checkpoint())
        tokenizer.write_bytes(bytes(c_int(t.max_token_length)) + b"".join(
            bytes(c_float(score)) + bytes(c_int(len(piece))) + piece
            for piece, score in zip(t.vocab, t.vocab_scores)))
        self.call("build_transformer", self.transformer, str(model))
        self.call("build_tokenizer", self.tokenizer, str(tokenizer), len(t.vocab))

    def c(self, value):
        """Convert an argument for C; remember the numbers in it, to copy them back."""
        if isinstance(value, float): return c_float(value)
        if isinstance(value, str): return value.encode()
        if isinstance(value, ctypes.Structure): return byref(value)
        if isinstance(value, cases.tokenizer.Tokenizer): return byref(self.tokenizer)
        if isinstance(value, (list, array)):
            where = list(places(value))
            numbers = (c_float * len(where))(*[v[i] for v, i in where])
            self.written.append((where, numbers))
            return numbers
        if isinstance(value, llama2.RunState): return byref(self.state(value))
        if isinstance(value, llama2.Transformer):
            value.state.k = value.state.v = None  # forward sets these two
            self.transformer.state = self.state(value.state)
            return byref(self.transformer)
        if isinstance(value, llama2.Sampler):
            value.probindex = ctypes.create_string_buffer(8 * value.vocab_size)
            s = Sampler(value.vocab_size, ctypes.addressof(value.probindex), value.temperature,
                        value.topp, value.rng_state)
            state = (c_ulonglong * 1).from_buffer(s, Sampler.rng_state.offset)
            self.written.append(([(vars(value), "rng_state")], state))
            return byref(s)
        return value

    def state(self, s):
        return RunState(**{name: self.c(value) for name, value in vars(s).items() if value})

    def call(self, name, *arguments):
        """Call run.c's function and return its result; the lists in the arguments are updated."""
        self.written = []
        function = getattr(self.library, name)
        function.restype = RETURNS.get(name)
        result = function(*map(self.c, arguments))
        for where, numbers in self.written:
            for (v, i), number in zip(where, numbers):
                if number != c_float(v[i]).value: v[i] = number
        return result

    def ids(self, name, *arguments, given=()):
        """The ids that encode or a part of it leaves in its last two parameters."""
        tokens, n = (c_int * 1000)(*given), c_int(len(given))
        self.call(name, *arguments, tokens, byref(n))
        return tokens[: n.value]

    def merge(self, t, tokens):
        tokens[:] = self.ids("merge", t, given=tokens)

    def forward(self, transformer, token, pos):
        self.call("forward", transformer, token, pos)
        return transformer.state.logits

    def generate(self, *arguments):
        with tempfile.TemporaryFile() as out, open(os.devnull, "w") as null:
            kept = [(fd, os.dup(fd)) for fd in (1, 2)]
            os.dup2(out.fileno(), 1)
            os.dup2(null.fileno(), 2)
            try:
                self.call("generate", *arguments)
                ctypes.CDLL(None).fflush(None)
            finally:
                for fd, copy in kept:
                    os.dup2(copy, fd)
                    os.close(copy)
            out.seek(0)
            sys.stdout.buffer.write(out.read())

    def part_of_attention(self, name, s, *arguments):
        cache = s.value_cache or s.key_cache
        self.call(name, s, Config(dim=len(cache[0][0]), seq_len=len(cache[0])), *arguments)

    def program(self):
        """What the cases of the exercises call, by its name."""
        program = {name: partial(self.call, name) for name in (
            "matmul", "rmsnorm", "softmax", "swiglu", "rope", "layer", "sample_argmax",
            "sample_mult", "sample", "decode")}
        for name in "scores", "weighted_sum":
            program[name] = partial(self.part_of_attention, name)
        return {
            **program, "forward": self.forward, "merge": self.merge, "generate": self.generate,
            "characters": partial(self.ids, "characters"), "encode": partial(self.ids, "encode"),
            "random_u32": partial(self.call, "u32"), "random_f32": partial(self.call, "f32"),
            "sample_topp": lambda probabilities, n, topp, probindex, coin: self.call(
                "sample_topp", probabilities, n, topp, ctypes.create_string_buffer(8 * n), coin),
        }


# ----------------------------------------------------------------------------
# doc/exercises/expected.json


def expected(program):
    """Return the result of each case of the exercises, except for what did not change."""
    shared = {name: getattr(cases, name) for name in ("logits", "samples", "ids")}
    recorded = {}
    for exercise, list_of_cases in cases.CASES.items():
        recorded[exercise] = []
        for case in list_of_cases:
            out = next((name for name, value in shared.items() if value is case), None)
            if not out:
                _, run, before = case
                before = {"returned": None, **before}
                out = {k: v for k, v in run(program).items() if k not in before or v != before[k]}
            recorded[exercise].append(out)
    return {**recorded, **{name: run(program) for name, (_, run, _) in shared.items()}}


# ----------------------------------------------------------------------------
# tests/recorded/run.json: what run.c prints

PROMPTS = ["Once upon a time", "In that small Swiss town Zürich", "naïve café 東京 мир שלום 😀 \t",
           bytes(range(120, 256, 7)) + b"a\x80\x80\x80\x80\x80 \xf0\x9f",
           "  two  spaces  <0x0A> # <s> -x", "-n", 'the\nrobot said "Hello!"', ""]
SETTINGS = [("0", "0.9"), ("1e-50", "1"), ("0.3", "0.5"), ("0.8", "0.9"), ("1", "1"), ("1", "0"),
            ("1.5", "0.95"), ("1.5", "0.3"), ("-1", "0.9"), ("1", "1.5"), ("0.9", "0.99"),
            ("1", "1.00000001")]
SEEDS = ["1", "2147483647", "-1", "4294967299", "125087242", "2147483648", str(2**63), "-2"]
TEXTS = ["", "a", "hello world", " two  spaces ", "Zürich", "日本日", "😀!", b"\xc3\xa9\xc3\x82",
         b"\xff\xfe" + b"\x80" * 6, b"\xe6\x97", b"\xf0\x9f\x98", "<0x41>", "\n\n\t",
         "The 007 cats",
         "ñandú", "a" * 12, "été " * 4, "😀".encode() + b"\x80",
         "Once upon a time, there was a little girl named Lily.",
         '  a cable car in Zürich said "Grüezi".\n']
LINES = ["What is 1+1?", "  two  spaces  ", "Zürich", "", "a\r", "\tWho are you? "]
CHATS = [(["-p", "0.99", "-s", "4", "-y", "Be brief."], []),
         (["-p", "1", "-s", "16", "-y", ""], []),
         (["-p", "0.99", "-s", "1"], ["You are a robot."]), (["-p", "1", "-s", "16"], [""]),
         (["-p", "0.99", "-s", "2"], [" "]), (["-p", "1", "-s", "9", "-y", "", "-i", "Hi"], []),
         (["-p", "0.99", "-s", "1", "-i", " Hi "], ["System"])]


def latin(text):
    """Return bytes, or the UTF-8 of a str, as a str with one character for each byte."""
    return (text.encode() if isinstance(text, str) else text).decode("latin-1")


def printed(run, model, options, prompt=None, **more):
    """Return what run.c prints, with one character for each byte."""
    words = [run, model, *options] + ([] if prompt is None else ["-i", prompt])
    out = subprocess.run(words, capture_output=True, check=True, **more)
    return out.stdout.decode("latin-1")


def generated(run, paths):
    """Record runs of each model with many settings, then README's story and three more stories."""
    runs = []
    prompts, settings, seeds = map(itertools.cycle, (PROMPTS, SETTINGS, SEEDS))
    for name, n in ("mha", 12), ("gqa", 12), ("mqa", 12), ("unshared", 12), ("swiss", 7):
        rng = random.Random(name)
        seq_len = llama2.read_checkpoint(paths[name][0])[0].seq_len
        edges = [2, 1, seq_len + 5, 0] if name != "swiss" else []
        for _ in range(n):
            t, p = next(settings)
            steps = edges.pop() if edges else rng.randrange(9, 24)
            options = ["-t", t, "-p", p, "-n", str(steps), "-s", next(seeds)]
            runs.append((name, options, next(prompts), {}))
    story = ["-t", "0.8", "-p", "0.9", "-n", "256", "-s", "1"]
    runs.append(("swiss", story, "In that small Swiss town", {"long": True}))
    runs += [("stories260K", ["-s", str(seed)], "", {"long": True}) for seed in SEEDS_THAT_PART]
    return [{"model": name, "options": options, "prompt": latin(prompt), **more,
             "stdout": printed(run, paths[name][0], ["-z", paths[name][1], *options], prompt)}
            for name, options, prompt, more in runs]


def chats(run, paths):
    """Record chats in which run.c gives the turn back to the user at least once."""
    recorded = []
    for options, first in CHATS:
        options = ["-m", "chat", "-t", "1.5", "-n", "180", *options]
        text = "".join(line + "\n" for line in first + 3 * LINES)
        model, tokenizer = paths["chat"]
        out = printed(run, model, ["-z", tokenizer, *options], input=text.encode())
        if out.count("Assistant: ") < 2: raise ValueError(f"{options}: choose another seed")
        recorded.append({"model": "chat", "options": options, "input": text, "stdout": out})
    return recorded


def ids(c, paths):
    """Record the ids of each text, with BOS and EOS, in each tokenizer."""
    recorded = []
    for name, (model, path) in paths.items():
        if name == "stories260K": continue
        t = Tokenizer()
        c.call("build_tokenizer", t, path, llama2.read_checkpoint(model)[0].vocab_size)
        recorded += [{"model": name, "text": latin(text), "ids": c.ids("encode", t, text, 1, 1)}
                     for text in TEXTS]
    return recorded


# ----------------------------------------------------------------------------
# tests/recorded/bits.json: what run.c computes, in hexadecimal


def hexadecimal(numbers):
    """Return '0x1.8p+0 -0x1p-2' for [1.5, -0.25], as C's %a prints it."""
    return " ".join(re.sub(r"\.?0*p", "p", float(v).hex()) for v in numbers)


def bits(c, paths):
    """Record all that forward leaves in run.c's RunState after each of a few tokens."""
    recorded = []
    for name in "mha", "gqa", "mqa", "unshared", "swiss", "stories260K":
        t = Transformer()
        c.call("build_transformer", t, paths[name][0])
        p, s = t.config, t.state
        kv_dim = p.dim * p.n_kv_heads // p.n_heads
        tokens = [1] + random.Random(name).sample(range(3, p.vocab_size), 3)
        positions = []
        for pos, token in enumerate(tokens):
            c.call("forward", t, token, pos)
            rows = [(l * p.seq_len + pos) * kv_dim for l in range(p.n_layers)]
            heads = [h * p.seq_len for h in range(p.n_heads)]
            arrays = {
                "x": s.x[: p.dim], "xb": s.xb[: p.dim], "q": s.q[: p.dim],
                "key": [v for row in rows for v in s.key_cache[row : row + kv_dim]],
                "value": [v for row in rows for v in s.value_cache[row : row + kv_dim]],
                "att": [v for h in heads for v in s.att[h : h + pos + 1]],
                "logits": s.logits[: p.vocab_size],
            }
            positions.append({key: hexadecimal(value) for key, value in arrays.items()})
        recorded.append({"model": name, "tokens": tokens, "positions": positions})
    return recorded


def functions(c):
    """Record results of C's library for random arguments in the ranges that forward uses."""
    rng = random.Random(1)
    ranges = {"exp": (-100, 89), "sqrt": (0, 1000), "sin": (0, 512), "cos": (0, 512), "pow": (0, 1)}
    recorded = {}
    for name, (low, high) in ranges.items():
        x = [c_float(rng.uniform(low, high)).value for _ in range(300)]
        y = [c.call(name + "f", *[10000.0] * (name == "pow"), v) for v in x]
        recorded[name] = {"x": hexadecimal(x), "y": hexadecimal(y)}
    return recorded


def draws(c):
    """Record 2,000 ids that sample draws from 4,000 equal logits, and from 300 at top-p 0.9."""
    recorded = []
    for n, topp in (4000, 1.0), (300, 0.9):
        s = llama2.build_sampler(n, 1.0, topp, 1)
        ids = [c.call("sample", s, [0.0] * n) for _ in range(2000)]
        recorded.append({"n": n, "topp": topp, "ids": ids})
    return recorded


# ----------------------------------------------------------------------------


def plain(value):
    """Return value for JSON; floats get nine digits, which are enough to tell C's apart."""
    if isinstance(value, float): return float(f"{value:.9g}")
    if isinstance(value, bytes): return latin(value)
    if isinstance(value, (list, array)): return [plain(v) for v in value]
    if isinstance(value, dict): return {k: plain(v) for k, v in value.items()}
    return value


def write(path, recorded):
    """Write a dict as JSON, with one line for each item of its lists and dicts."""
    parts = []
    for key, value in plain(recorded).items():
        if isinstance(value, list):
            begin, items, end = "[", map(json.dumps, value), "]"
        else:
            begin, end = "{}"
            items = (f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
        parts.append(f'"{key}": {begin}\n ' + ",\n ".join(items) + f"\n{end}")
    (ROOT / path).write_bytes(("{\n" + ",\n".join(parts) + "\n}\n").encode())


def main():
    parser = argparse.ArgumentParser(description="Record what run.c computes and prints.")
    parser.add_argument("--run-c", metavar="FILE", required=True,
                        help="llama2.c's run.c at commit 350e04f")
    parser.add_argument("--checkpoints", metavar="FOLDER", required=True,
                        help="the folder with stories260K.bin and tok512.bin")
    args = parser.parse_args()
    if not shutil.which("gcc"): parser.error("gcc is needed to build run.c")
    real = [os.path.join(args.checkpoints, name) for name in ("stories260K.bin", "tok512.bin")]
    for path in [args.run_c, *real]:
        if not os.path.isfile(path): parser.error(f"{path!r} is not a file")
    with tempfile.TemporaryDirectory() as folder:
        c, run = C(build(args.run_c, Path(folder)), Path(folder)), os.path.join(folder, "run")
        paths = {name: write_model(name, folder) for name in MODELS}
        paths["swiss"] = str(ROOT / "data" / "swiss.bin")
        paths = {name: (path, path[:-4] + ".tokenizer.bin") for name, path in paths.items()}
        sha256 = {os.path.basename(path): hashlib.sha256(Path(path).read_bytes()).hexdigest()
                  for pair in paths.values() for path in pair}
        paths["stories260K"] = real
        write("tests/recorded/run.json", {"sha256": sha256, "generate": generated(run, paths),
                                          "chat": chats(run, paths), "ids": ids(c, paths)})
        write("tests/recorded/bits.json", {"bits": bits(c, paths), "functions": functions(c),
                                           "draws": draws(c)})
        write("doc/exercises/expected.json", expected(c.program()))


if __name__ == "__main__":
    main()
