"""Record what run.c computes and prints: tests/recorded/ and doc/exercises/expected.json.

    python doc/make/record.py --run-c PATH_TO_RUN_C --checkpoints FOLDER

FOLDER has stories260K.bin and tok512.bin (huggingface.co/karpathy/tinyllamas, stories260K). gcc
builds run.c as a program and, by record.c, as a library. Every number and text comes from these
two; from our own code come only the settings, the inputs and the models.
"""

import argparse
import contextlib
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
from ctypes import POINTER, Structure, byref, c_char_p, c_float, c_int, c_ssize_t, c_ulonglong

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [ROOT, os.path.join(ROOT, "doc", "exercises")]

import cases
import llama2
from tests.helpers import MODELS, write_model

SEEDS_THAT_PART = 43, 152, 409  # of stories260K: where doubles and floats draw different tokens


# ----------------------------------------------------------------------------
# run.c as a library: what our functions take becomes C's, and what C writes is written back


class Config(Structure):
    _fields_ = [(name, c_int) for name in llama2.Config.__dataclass_fields__]


class Weights(Structure):
    _fields_ = [(name, POINTER(c_float)) for name in llama2.TransformerWeights.__dataclass_fields__]


class RunState(Structure):
    _fields_ = [(name, POINTER(c_float)) for name in llama2.RunState.__dataclass_fields__]


class Transformer(Structure):
    _fields_ = [("config", Config), ("weights", Weights), ("state", RunState),
                ("fd", c_int), ("data", POINTER(c_float)), ("file_size", c_ssize_t)]


class Tokenizer(Structure):
    _fields_ = [("vocab", POINTER(c_char_p)), ("vocab_scores", POINTER(c_float)),
                ("sorted_vocab", ctypes.c_void_p), ("vocab_size", c_int),
                ("max_token_length", ctypes.c_uint), ("byte_pieces", ctypes.c_ubyte * 512)]


class Sampler(Structure):
    _fields_ = [("vocab_size", c_int), ("probindex", ctypes.c_void_p), ("temperature", c_float),
                ("topp", c_float), ("rng_state", c_ulonglong)]


def build(run_c, folder):
    """Build run.c in folder as the program "run" and as a library; return the library."""
    with open(run_c, encoding="utf-8") as file:
        lines = file.readlines()
    with open(os.path.join(HERE, "record.c"), encoding="utf-8") as file:
        harness = file.read()
    for first, last in re.findall(r'#include "(\d+)-(\d+)"', harness):
        with open(os.path.join(folder, f"{first}-{last}"), "w", encoding="utf-8") as file:
            file.writelines(lines[int(first) - 1 : int(last)])
    run, library = os.path.join(folder, "run"), os.path.join(folder, "run.so")
    define = f'-DRUN_C="{os.path.abspath(run_c)}"'
    harness = os.path.join(HERE, "record.c")
    subprocess.run(["gcc", "-O3", "-o", run, run_c, "-lm"], check=True)
    subprocess.run(["gcc", "-O3", "-fPIC", "-shared", define, f"-I{folder}", "-o", library, harness,
                    "-lm"], check=True)
    return ctypes.CDLL(library)


def flat(value):
    """The numbers of a list of lists of ... numbers, one after the other."""
    for v in value:
        if isinstance(v, (list, array)):
            yield from flat(v)
        else:
            yield v


def write_back(value, numbers):
    """Write the next of numbers over each number that C has changed in nested lists."""
    for i, v in enumerate(value):
        if isinstance(v, (list, array)):
            write_back(v, numbers)
        else:
            number = next(numbers)
            if number != c_float(v).value: value[i] = number


class C:
    """run.c's functions, called with our lists and dataclasses, which they change in place."""

    def __init__(self, library, folder):
        self.library = library
        self.transformer, self.tokenizer = Transformer(), Tokenizer()
        model, tokens = os.path.join(folder, "small.bin"), os.path.join(folder, "small.tok")
        with open(model, "wb") as file:  # a negative size: its classifier is its own
            shape = vars(cases.CONFIG).copy()
            shape["vocab_size"] *= -1
            file.write(bytes(Config(*shape.values())) + cases.checkpoint())
        vocab = cases.TOKENIZER.vocab
        with open(tokens, "wb") as file:
            file.write(c_int(cases.TOKENIZER.max_token_length))
            for piece, score in zip(vocab, cases.TOKENIZER.vocab_scores):
                file.write(bytes(c_float(score)) + bytes(c_int(len(piece))) + piece)
        library.build_transformer(byref(self.transformer), model.encode())
        library.build_tokenizer(byref(self.tokenizer), tokens.encode(), len(vocab))

    def array(self, value):
        numbers = (c_float * sum(1 for _ in flat(value)))(*flat(value))
        self.written.append((value, numbers))
        return numbers

    def state(self, s):
        state = RunState()
        for name, value in vars(s).items():
            if value is not None and name not in "kv":  # forward sets these two
                setattr(state, name, ctypes.cast(self.array(value), POINTER(c_float)))
        if s.k is not None:  # a part of forward has it
            state.k = ctypes.cast(self.array(s.k), POINTER(c_float))
        return state

    def c(self, value):
        """An argument for C."""
        if isinstance(value, (list, array)): return self.array(value)
        if isinstance(value, float): return c_float(value)
        if isinstance(value, llama2.RunState): return byref(self.state(value))
        if isinstance(value, llama2.Transformer):
            value.state.k = value.state.v = None
            self.transformer.state = self.state(value.state)
            return byref(self.transformer)
        return value

    def call(self, name, *arguments, returns=c_int):
        """What run.c's function returns; the lists in the arguments are as it leaves them."""
        self.written = []
        function = getattr(self.library, name)
        function.restype = returns
        result = function(*[self.c(v) for v in arguments])
        for value, numbers in self.written:
            write_back(value, iter(numbers))
        return result

    def sampled(self, name, s, *arguments, returns=c_int):
        """The same for a function that has the Sampler s or its random numbers."""
        probindex = ctypes.create_string_buffer(8 * s.vocab_size)
        sampler = Sampler(s.vocab_size, ctypes.addressof(probindex), s.temperature, s.topp,
                          s.rng_state)
        first = byref(sampler, Sampler.rng_state.offset if name[:6] == "random" else 0)
        try:
            if name != "generate": return self.call(name, first, *arguments, returns=returns)
            transformer, prompt, steps = arguments
            return self.call(name, transformer, byref(self.tokenizer), first, prompt, steps)
        finally:
            s.rng_state = sampler.rng_state

    def ids(self, name, *arguments, given=()):
        """The ids that encode or a part of it leaves in its last two parameters."""
        tokens, n = (c_int * 1000)(*given), c_int(len(given))
        self.call(name, byref(self.tokenizer), *arguments, tokens, byref(n))
        return list(tokens[: n.value])

    def merge(self, t, tokens):
        tokens[:] = self.ids("merge", given=tokens)

    def forward(self, transformer, token, pos):
        self.call("forward", transformer, token, pos)
        return transformer.state.logits

    def generate(self, transformer, tokenizer, sampler, prompt, steps):
        prompt = prompt if prompt is None else prompt.encode()
        with tempfile.TemporaryFile() as out:
            with c_output(out):
                self.sampled("generate", sampler, transformer, prompt, steps)
            out.seek(0)
            sys.stdout.buffer.write(out.read())

    def part_of_attention(self, name):
        def part(s, *arguments):
            cache = s.value_cache or s.key_cache
            shape = Config(dim=len(cache[0][0]), seq_len=len(cache[0]))
            self.call(name, s, byref(shape), *arguments)
        return part

    def program(self):
        """What the cases of the exercises call, by its name."""
        program = {name: lambda *arguments, name=name: self.call(name, *arguments, returns=None)
                   for name in ("matmul", "rmsnorm", "softmax", "swiglu", "rope", "layer")}
        program.update({name: self.part_of_attention(name) for name in ("scores", "weighted_sum")})
        program.update({name: getattr(self, name) for name in ("forward", "merge", "generate")})
        for name in "sample_argmax", "sample_mult":
            program[name] = lambda *arguments, name=name: self.call(name, *arguments)
        program.update(
            sample_topp=lambda probabilities, n, topp, probindex, coin: self.call(
                "sample_topp", probabilities, n, topp, ctypes.create_string_buffer(8 * n), coin),
            random_u32=lambda s: self.sampled("random_u32", s, returns=ctypes.c_uint),
            random_f32=lambda s: self.sampled("random_f32", s, returns=c_float),
            sample=lambda s, logits: self.sampled("sample", s, logits),
            decode=lambda t, prev_token, token: self.call(
                "decode", byref(self.tokenizer), prev_token, token, returns=c_char_p),
            characters=lambda t, text, bos: self.ids("characters", text, bos),
            encode=lambda t, text, bos, eos: self.ids(
                "encode", text if isinstance(text, bytes) else text.encode(), bos, eos),
        )
        return program


@contextlib.contextmanager
def c_output(file):
    """What C prints meanwhile on standard output goes into file, and on standard error nowhere."""
    kept = os.dup(1), os.dup(2)
    os.dup2(file.fileno(), 1)
    with open(os.devnull, "w") as null: os.dup2(null.fileno(), 2)
    try:
        yield
        ctypes.CDLL(None).fflush(None)
    finally:
        for i in 1, 2:
            os.dup2(kept[i - 1], i)
            os.close(kept[i - 1])


# ----------------------------------------------------------------------------
# doc/exercises/expected.json


def expected(program):
    """What comes out of each case of the exercises, except what stays as it was."""
    shared = {name: getattr(cases, name) for name in ("logits", "samples", "ids")}
    recorded = {}
    for exercise, list_of_cases in cases.CASES.items():
        recorded[exercise] = []
        for case in list_of_cases:
            if case in shared.values():
                recorded[exercise].append(next(k for k, v in shared.items() if v is case))
                continue
            _, run, before = case
            out = run(program)
            out = {k: v for k, v in out.items() if k not in before or v != before[k]}
            if out.get("returned") is None: out.pop("returned", None)
            recorded[exercise].append(out)
    for name, (_, run, _) in shared.items():
        recorded[name] = run(program)
    return recorded


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
    """Bytes, or the UTF-8 of a str, as a str of one character for each byte."""
    return (text.encode() if isinstance(text, str) else text).decode("latin-1")


def printed(run, model, options, prompt=None, **more):
    """A run of run.c: its settings and what it printed."""
    words = [run, model, *options] + ([] if prompt is None else ["-i", prompt])
    out = subprocess.run(words, capture_output=True, check=True, **more)
    return out.stdout.decode("latin-1")


def generated(run, paths):
    """Runs of each model with settings, seeds and prompts in turn; README's story; three more."""
    runs = []
    prompts, settings, seeds = map(itertools.cycle, (PROMPTS, SETTINGS, SEEDS))
    for name, n in ("mha", 12), ("gqa", 12), ("mqa", 12), ("unshared", 12), ("swiss", 7):
        rng = random.Random(name)
        seq_len = llama2.read_checkpoint(paths[name][0])[0].seq_len
        few = [seq_len + 5, 1, 2] if name == "swiss" else [0, seq_len + 5, 1, 2]
        for i in range(n):
            t, p = next(settings)
            steps = few[i] if name != "swiss" and i < 4 else rng.randrange(9, 24)
            options = ["-t", t, "-p", p, "-n", str(steps), "-s", next(seeds)]
            runs.append((name, options, next(prompts), {}))
    story = ["-t", "0.8", "-p", "0.9", "-n", "256", "-s", "1"]
    runs.append(("swiss", story, "In that small Swiss town", {"long": True}))
    runs += [("stories260K", ["-s", str(seed)], "", {"long": True}) for seed in SEEDS_THAT_PART]
    return [{"model": name, "options": options, "prompt": latin(prompt), **more,
             "stdout": printed(run, paths[name][0], ["-z", paths[name][1], *options], prompt)}
            for name, options, prompt, more in runs]


def chats(run, paths):
    """Chats in which run.c hands the turn back at least once."""
    recorded = []
    for options, first in CHATS:
        options = ["-m", "chat", "-t", "1.5", "-n", "180", *options]
        text = "".join(line + "\n" for line in first + 3 * LINES)
        model, tokenizer = paths["chat"]
        out = printed(run, model, ["-z", tokenizer, *options], input=text.encode())
        if out.count("Assistant: ") < 2: raise ValueError(f"{options}: take another seed")
        recorded.append({"model": "chat", "options": options, "input": text, "stdout": out})
    return recorded


def ids(library, paths):
    """The ids of each text, with BOS and EOS, in each tokenizer."""
    recorded = []
    for name, (model, path) in paths.items():
        if name == "stories260K": continue
        t, size = Tokenizer(), llama2.read_checkpoint(model)[0].vocab_size
        library.build_tokenizer(byref(t), path.encode(), size)
        for text in TEXTS:
            tokens, n = (c_int * 200)(), c_int()
            library.encode(byref(t), latin(text).encode("latin-1"), 1, 1, tokens, byref(n))
            recorded.append({"model": name, "text": latin(text), "ids": list(tokens[: n.value])})
    return recorded


# ----------------------------------------------------------------------------
# tests/recorded/bits.json: what run.c computes, in hexadecimal


def hexadecimal(numbers):
    """'0x1.8p+0 -0x1p-2' for [1.5, -0.25], as C's %a has it."""
    return " ".join(re.sub(r"\.?0*p", "p", float(v).hex()) for v in numbers)


def bits(library, paths):
    """All that forward leaves in run.c's RunState after each of some tokens."""
    recorded = []
    for name in "mha", "gqa", "mqa", "unshared", "swiss", "stories260K":
        t = Transformer()
        library.build_transformer(byref(t), paths[name][0].encode())
        p, s = t.config, t.state
        kv_dim = p.dim * p.n_kv_heads // p.n_heads
        tokens = [1] + random.Random(name).sample(range(3, p.vocab_size), 3)
        positions = []
        for pos, token in enumerate(tokens):
            library.forward(byref(t), token, pos)
            rows = [l * p.seq_len * kv_dim + pos * kv_dim for l in range(p.n_layers)]
            arrays = {"x": s.x[: p.dim], "xb": s.xb[: p.dim], "q": s.q[: p.dim]}
            arrays["key"] = [v for row in rows for v in s.key_cache[row : row + kv_dim]]
            arrays["value"] = [v for row in rows for v in s.value_cache[row : row + kv_dim]]
            heads = [h * p.seq_len for h in range(p.n_heads)]
            arrays["att"] = [v for h in heads for v in s.att[h : h + pos + 1]]
            arrays["logits"] = s.logits[: p.vocab_size]
            positions.append({key: hexadecimal(value) for key, value in arrays.items()})
        recorded.append({"model": name, "tokens": tokens, "positions": positions})
    return recorded


def functions(library):
    """Results of C's library for random arguments, such as those that forward has."""
    rng = random.Random(1)
    arguments = {"exp": (-100, 89), "sqrt": (0, 1000), "sin": (0, 512), "cos": (0, 512)}
    arguments["pow"] = 0, 1
    recorded = {}
    for name, (low, high) in arguments.items():
        f = getattr(library, name + "f")
        f.restype = c_float
        x = [c_float(rng.uniform(low, high)).value for _ in range(300)]
        base = [c_float(10000.0)] if name == "pow" else []
        y = [f(*base, c_float(v)) for v in x]
        recorded[name] = {"x": hexadecimal(x), "y": hexadecimal(y)}
    return recorded


def draws(c):
    """2,000 ids that sample draws from 4,000 equal logits, and from 300 at top-p 0.9."""
    recorded = []
    for n, topp in (4000, 1.0), (300, 0.9):
        s = llama2.build_sampler(n, 1.0, topp, 1)
        ids = [c.sampled("sample", s, [0.0] * n) for _ in range(2000)]
        recorded.append({"n": n, "topp": topp, "ids": ids})
    return recorded


# ----------------------------------------------------------------------------


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def short(value):
    """value as JSON has it, floats with the nine digits that tell C's apart."""
    if isinstance(value, float): return repr(float(f"{value:.9g}"))
    if isinstance(value, bytes): return json.dumps(latin(value))
    if isinstance(value, (list, array)): return f"[{', '.join(map(short, value))}]"
    if isinstance(value, dict):
        return "{%s}" % ", ".join(f"{json.dumps(k)}: {short(v)}" for k, v in value.items())
    return json.dumps(value)


def write(recorded, *path):
    """Write a dict as JSON with a line for each item of its lists and dicts."""
    with open(os.path.join(ROOT, *path), "w", encoding="utf-8", newline="\n") as file:
        parts = []
        for key, value in recorded.items():
            if isinstance(value, list):
                parts.append(f'"{key}": [\n ' + ",\n ".join(map(short, value)) + "\n]")
            else:
                items = [f"{json.dumps(k)}: {short(v)}" for k, v in value.items()]
                parts.append(f'"{key}": {{\n ' + ",\n ".join(items) + "\n}")
        file.write("{\n" + ",\n".join(parts) + "\n}\n")


def main():
    parser = argparse.ArgumentParser(description="Record what run.c computes and prints.")
    parser.add_argument("--run-c", metavar="FILE", required=True,
                        help="llama2.c's run.c at commit 350e04f")
    parser.add_argument("--checkpoints", metavar="FOLDER", required=True,
                        help="where stories260K.bin and tok512.bin are")
    args = parser.parse_args()
    if not shutil.which("gcc"): parser.error("gcc is needed to build run.c")
    real = [os.path.join(args.checkpoints, name) for name in ("stories260K.bin", "tok512.bin")]
    for path in [args.run_c, *real]:
        if not os.path.isfile(path): parser.error(f"{path!r} is not a file")
    with tempfile.TemporaryDirectory() as folder:
        library = build(args.run_c, folder)
        run = os.path.join(folder, "run")
        paths = {name: write_model(name, folder) for name in MODELS}
        paths["swiss"] = os.path.join(ROOT, "data", "swiss.bin")
        paths = {name: (path, path[:-4] + ".tokenizer.bin") for name, path in paths.items()}
        files = {os.path.basename(path): sha256(path) for pair in paths.values() for path in pair}
        paths["stories260K"] = real
        c = C(library, folder)
        write({"sha256": files, "generate": generated(run, paths), "chat": chats(run, paths),
               "ids": ids(library, paths)}, "tests", "recorded", "run.json")
        write({"bits": bits(library, paths), "functions": functions(library), "draws": draws(c)},
              "tests", "recorded", "bits.json")
        write(expected(c.program()), "doc", "exercises", "expected.json")


if __name__ == "__main__":
    main()
