"""The inputs that the exercises are tried on, and what run.c computes from them.

A case is a tuple: what it shows of its input, a function that runs it in a program (a dict of
functions, see parts.py) and returns the outcome, {"xout": [21.0, 43.0], ...}, and the values as
they were before. The right outcome is in expected.json, computed by run.c: by its functions, and by
the lines of the exercise where it has no function for them. What a function must not change is not
in there.
"""

import contextlib
import copy
import dataclasses
import io
import json
import os
import random
import sys
from array import array

from parts import llama2, tokenizer


def numbers(seed, *shape):
    """Multiples of 1/8 from -2 to 2, the same for the same seed, in lists of that shape."""
    rng = random.Random(seed)

    def fill(shape):
        if not shape:
            return int(rng.random() * 33) / 8 - 2.0
        return [fill(shape[1:]) for _ in range(shape[0])]

    return fill(shape)


def short(value):
    """value as it is shown: numbers with 7 digits, long lists cut short."""
    if isinstance(value, float):
        return repr(float(f"{value:.7g}"))
    if isinstance(value, (list, array)):
        shown = [short(v) for v in value[:8]]
        if len(value) > 8:
            shown.append(f"... {len(value)} in all")
        if len(", ".join(shown)) > 150 and isinstance(value[0], list):
            return f"[{short(value[0])}, ... {len(value)} in all]"
        return f"[{', '.join(shown)}]"
    text = repr(value)
    return text if len(text) < 200 else text[:200] + "..."


# ----------------------------------------------------------------------------
# a small model, and what a function may be given


def state(**fields):
    """A RunState with these fields; the others are None."""
    return llama2.RunState(**{**dict.fromkeys(llama2.RunState.__dataclass_fields__), **fields})


def sampler(vocab_size, temperature, topp, rng_state):
    return llama2.Sampler(vocab_size, [], temperature, topp, rng_state)


# 16 numbers in 4 heads of 4, 2 key/value heads, 2 layers, 300 tokens, 16 positions, and a
# classifier of its own
CONFIG = llama2.Config(16, 24, 2, 4, 2, 300, 16)


def checkpoint():
    """The bytes of the small model's weights."""
    rng = random.Random(7)
    size = llama2.checkpoint_size(CONFIG, False) - 28
    weights = array("f", [int(rng.random() * 65) / 64 - 0.5 for _ in range(size // 4)])
    if sys.byteorder == "big":
        weights.byteswap()
    return weights.tobytes()


def transformer():
    """The small model, as new."""
    if not hasattr(transformer, "weights"):
        transformer.weights = llama2.memory_map_weights(CONFIG, io.BytesIO(checkpoint()), False)
    weights = copy.copy(transformer.weights)
    weights.token_embedding_table = copy.deepcopy(weights.token_embedding_table)
    return llama2.Transformer(copy.copy(CONFIG), weights, llama2.malloc_run_state(CONFIG))


# the pieces behind the 256 bytes, with their scores
PIECES = {piece: -100.0 for piece in [" ", *"helotunaéw.\n"]}
PIECES.update({"he": -3.0, "ll": -1.0, "llo": -4.0, "lo": -2.0, " h": -5.0, " he": -6.0})
PIECES.update({"hello": -7.0, " hello": -8.0, "to": -9.0, "ot": -9.0, "un": -10.0, "aa": -11.0})
PIECES.update({"  ": -12.0, "na": -13.0, "ao": -0.5, " a": -14.0})
PIECES.update({piece: -100.0 for piece in "bcdfgijkmpr,"})


def small_tokenizer():
    """The small model's tokenizer, its dict of tokens ready."""
    vocab = [b"<unk>", b"\n<s>\n", b"\n</s>\n"] + [b"<0x%02X>" % i for i in range(256)]
    vocab += [piece.encode() for piece in PIECES]
    scores = [0.0] * 259 + list(PIECES.values())
    by_bytes = {piece: id for id, piece in reversed(list(enumerate(vocab)))}
    pieces = [bytes([i]) for i in range(256)]
    return tokenizer.Tokenizer(vocab, scores, by_bytes, len(vocab), max(map(len, vocab)), pieces)


TOKENIZER = small_tokenizer()
ID = {piece.decode(): id for id, piece in enumerate(TOKENIZER.vocab)}



def new_tokenizer():
    """The same as build_tokenizer leaves it, before encode has filled its dict."""
    return dataclasses.replace(TOKENIZER, sorted_vocab=None)


# ----------------------------------------------------------------------------
# cases


def outcome(given, returned):
    """The values of what a function was given, after it ran, and what it returned."""
    out = {}
    for name, value in given.items():
        if hasattr(value, "__dataclass_fields__"):
            for field, inner in vars(value).items():
                if inner is not None and field != "probindex":
                    out[f"{name}.{field}"] = inner
        elif name != "probindex":
            out[name] = value
    out.pop("t.sorted_vocab", None)
    out["returned"] = returned
    return out


def call(name, shown=None, **given):
    """A case that calls one function with what is given."""

    def run(program):
        values = {k: copy.copy(v) if k == "t" else copy.deepcopy(v) for k, v in given.items()}
        returned = program[name](*values.values())
        values.pop("t", None)
        return outcome(values, returned)

    before = outcome({k: v for k, v in given.items() if k != "t"}, None)
    del before["returned"]
    if shown is None:
        shown = ", ".join(f"{k} = {short(v)}" for k, v in before.items())
    return shown, run, before


def script(shown):
    """Make a case of a function that takes a program and returns the outcome."""
    return lambda run: (shown, run, {})


@script("llama2.py with yours in it, on a small model: the logits of tokens 1, 5, 9 at 0, 1, 2")
def logits(program):
    t = transformer()
    out = {}
    for pos, token in enumerate([1, 5, 9]):
        out[f"logits at position {pos}, every tenth"] = program["forward"](t, token, pos)[::10]
    return out


@script("llama2.py with yours in it: 8 tokens sampled for each of five settings, on 300 logits")
def samples(program):
    out = {}
    for temperature, topp in [(0.0, 0.9), (1.0, 0.9), (0.5, 0.5), (1.5, 1.0), (1.0, 0.0)]:
        s = sampler(300, temperature, topp, 5)
        ids = []
        for seed in range(8):
            different = [v + i / 4096 for i, v in enumerate(numbers(seed, 300))]
            ids.append(program["sample"](s, different))
        out[f"ids at temperature {temperature}, top-p {topp}"] = ids
    return out


TEXTS = ["hello", "tot", "una", "nao", "aaa hello.", " hello", "hé\nü日😀", "ß", ""]


@script("llama2.py with yours in it: the ids of " + ", ".join(map(ascii, TEXTS)))
def ids(program):
    t = new_tokenizer()
    return {f"ids of {ascii(text)}": program["encode"](t, text, True, True) for text in TEXTS}


@contextlib.contextmanager
def printed(out):
    """Keep what is printed, by bytes or by print, as out["printed"]; errors go nowhere."""
    stdout, stderr = sys.stdout, sys.stderr
    sys.stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    sys.stderr = io.StringIO()
    try:
        yield
        sys.stdout.flush()
        out["printed"] = sys.stdout.buffer.getvalue().decode("latin-1")
    finally:
        sys.stdout, sys.stderr = stdout, stderr


def story(temperature, topp, seed, prompt, steps):
    """A case that generates text with the small model."""
    shown = f"a small model; temperature {temperature}, top-p {topp}, seed {seed}, "
    shown += f"prompt {prompt!r}, {steps} steps"

    def run(program):
        out = {}
        s = sampler(300, temperature, topp, seed)
        with printed(out):
            program["generate"](transformer(), new_tokenizer(), s, prompt, steps)
        out["sampler.rng_state afterwards"] = s.rng_state
        return out

    return shown, run, {}


def layers(tokens):
    """A case that runs both layers at some positions."""
    shown = f"a small model, its 2 layers, x = numbers at each of {tokens} positions"

    def run(program):
        t = transformer()
        out = {}
        for pos in range(tokens):
            t.state.x[:] = numbers(40 + pos, 16)
            for l in range(2):
                program["layer"](t, l, pos)
                at = f"after layer {l} at position {pos}"
                out[f"key_cache[{l}][{pos}] {at}"] = list(t.state.key_cache[l][pos])
                out[f"value_cache[{l}][{pos}] {at}"] = list(t.state.value_cache[l][pos])
                out[f"x {at}"] = list(t.state.x)
        out["key_cache[0][0] at the end"] = list(t.state.key_cache[0][0])
        return out

    return shown, run, {}


@script("a small model: tokens 1, 5, 5, 9 at the positions 0, 1, 2, 3")
def forward(program):
    t = transformer()
    out = {}
    for pos, token in enumerate([1, 5, 5, 9]):
        out[f"logits at position {pos}, every tenth"] = program["forward"](t, token, pos)[::10]
        out[f"state.x at position {pos}"] = list(t.state.x)
    out["token_embedding_table[5] afterwards"] = list(t.weights.token_embedding_table[5])
    return out


@script("rng_state = 1, then the numbers in a row")
def random_numbers(program):
    s = sampler(2, 1.0, 0.9, 1)
    out = {}
    for name in "random_u32", "random_f32":
        s.rng_state = 1
        for i in range(4):
            out[f"number {i + 1} of {name}"] = repr(program[name](s))  # exact
            out[f"sampler.rng_state after number {i + 1} of {name}"] = s.rng_state
    return out


@script("rng_state = 2**64 - 59, then 50 numbers of random_f32")
def many_random_numbers(program):
    s = sampler(2, 1.0, 0.9, 2**64 - 59)
    return {"numbers": [repr(program["random_f32"](s)) for _ in range(50)]}


@script("the same list probindex for two draws at top-p 0.8 with coin = 0.9: probabilities = "
        "[0.125, 0.5, 0.375], then [0.75, 0.15625, 0.09375]")
def two_draws(program):
    probindex = []
    draw = program["sample_topp"]
    return {"first id": draw([0.125, 0.5, 0.375], 3, 0.8, probindex, 0.9),
            "second id": draw([0.75, 0.15625, 0.09375], 3, 0.8, probindex, 0.9)}


def rope_case(seed, pos, dim, kv_dim, head_size):
    s = state(q=numbers(seed, dim), k=numbers(seed + 1, kv_dim))
    return call("rope", s=s, pos=pos, dim=dim, kv_dim=kv_dim, head_size=head_size)


def attention_case(name, seed, l, h, pos):
    own = {"scores": "q", "weighted_sum": "xb"}[name]
    s = state(**{own: numbers(seed, 24)}, att=numbers(seed + 1, 6, 5),
              key_cache=numbers(seed + 2, 2, 5, 8), value_cache=numbers(seed + 3, 2, 5, 8))
    return call(name, s=s, l=l, h=h, pos=pos, head_size=4, kv_mul=3)


def decoding(prev_token, piece):
    shown = f"prev_token = {prev_token}, token = {ID[piece]}, t.vocab[{ID[piece]}] = "
    shown += repr(TOKENIZER.vocab[ID[piece]])
    return call("decode", shown, t=TOKENIZER, prev_token=prev_token, token=ID[piece])


def reading(text, bos=True):
    shown = f"text = {text!r}, bos = {bos}, in a small tokenizer"
    return call("characters", shown, t=TOKENIZER, text=text, bos=bos)


def encoding(text, bos, eos):
    """A case of encode whose tokenizer is as new each time."""
    shown = f"text = {text!r}, bos = {bos}, eos = {eos}, in a small tokenizer as new"

    def run(program):
        return {"returned": program["encode"](new_tokenizer(), text, bos, eos)}

    return shown, run, {}


def merging(text):
    tokens = [ID[c] for c in text]
    shown = f"tokens = {tokens}, which are {list(text)}, in a small tokenizer"
    return call("merge", shown, t=TOKENIZER, tokens=tokens)


CASES = {
    "matmul": [
        call("matmul", xout=[7.0, 7.0], x=[1.0, 10.0], w=[[1.0, 2.0], [3.0, 4.0]], n=2, d=2),
        call("matmul", xout=numbers(1, 3), x=numbers(2, 5), w=numbers(3, 3, 5), n=5, d=3),
        call("matmul", xout=numbers(4, 4), x=numbers(5, 2), w=numbers(6, 4, 2), n=2, d=4),
        logits,
    ],
    "rmsnorm": [
        call("rmsnorm", o=[9.0, 9.0], x=[3.0, -3.0], weight=[1.0, 2.0], size=2),
        call("rmsnorm", o=numbers(1, 5), x=numbers(2, 5), weight=numbers(3, 5), size=5),
        call("rmsnorm", o=[0.0] * 3, x=[1 / 512, -1 / 256, 1 / 1024], weight=[1.0] * 3, size=3),
        call("rmsnorm", o=[0.0] * 2, x=[0.0, 0.0], weight=[1.0, 1.0], size=2),
        logits,  # where o is x at the end
    ],
    "softmax": [
        *(call("softmax", x=x, size=size) for x, size in [
            ([0.0, 0.0, 1.0, 5.0], 3), (numbers(1, 6), 6), ([1000.0, 1001.0, 999.0], 3),
            ([-1000.0, -1001.0, -1000.5], 3), ([1.0, 2.0, 5000.0], 2), ([400.0, -400.0], 2),
            ([-400.0, 400.0], 2), ([3.0, 7.0], 1)]),
        logits,
    ],
    "swiglu": [
        call("swiglu", s=state(hb=[1.0, -1.0], hb2=[2.0, 4.0]), hidden_dim=2),
        call("swiglu", s=state(hb=numbers(1, 6), hb2=numbers(2, 6)), hidden_dim=6),
        call("swiglu", s=state(hb=[-1000.0, 1000.0], hb2=[2.0, 4.0]), hidden_dim=2),
        logits,
    ],
    "rope": [
        call("rope", s=state(q=[1.0, 0.0, 1.0, 0.0], k=[0.0, 2.0, 0.0, 2.0]), pos=1, dim=4,
             kv_dim=4, head_size=4),
        rope_case(1, 3, 16, 16, 8),
        rope_case(3, 5, 16, 8, 4),
        rope_case(5, 0, 8, 4, 4),
        logits,
    ],
    "scores": [
        call("scores", s=state(q=[1.0, 2.0, 3.0, 4.0], att=[[0.0, 0.0, 9.0]],
             key_cache=[[[1.0, 0.0, 0.0, 1.0], [0.0, 2.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0]]]),
             l=0, h=0, pos=1, head_size=4, kv_mul=1),
        attention_case("scores", 1, 0, 1, 2),
        attention_case("scores", 5, 1, 2, 3),
        attention_case("scores", 9, 1, 4, 0),
        logits,
    ],
    "weighted_sum": [
        call("weighted_sum", s=state(xb=[7.0, 7.0], att=[[0.25, 0.75, 9.0]],
             value_cache=[[[4.0, 0.0], [0.0, 8.0], [9.0, 9.0]]]),
             l=0, h=0, pos=1, head_size=2, kv_mul=1),
        attention_case("weighted_sum", 1, 0, 1, 2),
        attention_case("weighted_sum", 5, 1, 2, 3),
        attention_case("weighted_sum", 9, 1, 4, 0),
        logits,
    ],
    "layer": [layers(1), layers(4), logits],
    "forward": [forward],
    "argmax": [
        *(call("sample_argmax", probabilities=p, n=n) for p, n in [
            ([0.1, 0.7, 0.2], 3), ([0.25, 0.5, 0.5, 0.25], 4), ([-3.0, -1.0, -2.0], 3),
            ([0.5, 0.1, 0.4], 3), ([0.2, 0.3, 0.5], 3), ([0.2, 0.3, 0.1, 0.9], 3)]),
        samples,
    ],
    "random": [random_numbers, many_random_numbers, samples],
    "mult": [
        *(call("sample_mult", probabilities=p, n=len(p), coin=coin) for p, coin in [
            ([0.5, 0.25, 0.25], 0.6), ([0.5, 0.25, 0.25], 0.5), ([0.5, 0.25, 0.25], 0.8),
            ([0.0, 0.25, 0.75], 0.0), ([0.25, 0.25, 0.25], 0.9),
            ([0.125, 0.125, 0.5, 0.25], 0.625)]),
        samples,
    ],
    "topp": [
        *(call("sample_topp", probabilities=p, n=len(p), topp=topp, probindex=[], coin=coin)
          for p, topp, coin in [
            ([0.125, 0.5, 0.375], 0.8, 0.9), ([0.125, 0.5, 0.375], 0.8, 0.5),
            ([0.0625, 0.125, 0.5, 0.3125], 0.5, 0.75), ([0.0625, 0.125, 0.5, 0.3125], 0.4, 0.97),
            ([0.25, 0.75], 0.9, 0.75)]),
        two_draws,
        samples,
    ],
    "sample": [
        *(call("sample", sampler=sampler(4, *settings), logits=values) for settings, values in [
            ((0.0, 0.9, 3), [1.0, 4.0, 2.0, 3.0]), ((0.5, 0.0, 3), [1.0, 2.5, 2.0, 3.0]),
            ((2.0, 1.0, 3), [1.0, 4.0, 2.0, 3.0]), ((2.0, 0.5, 6), [1.0, 4.0, 2.0, 3.0])]),
        samples,
    ],
    "decode": [decoding(prev_token, piece) for prev_token, piece in [
        (ID["he"], "llo"), (1, " hello"), (ID["he"], " hello"), (1, "  "), (ID["he"], "<0x41>"),
        (1, "<0x0A>"), (ID["he"], "<0xE9>"), (ID["he"], "\n<s>\n"), (1, "na")]],
    "characters": [
        reading(b"he"), reading(b"o lo", False), reading(b""), reading("né".encode()),
        reading("aü".encode()), reading("日😀".encode()), reading(b"\x80\x81\x82\x83\x84\x85"),
        ids,
    ],
    "merges": [
        *map(merging, ["lo", " hello", "una", "nao", "tot", "aaa", "wwe", " hello hello"]),
        encoding(b"hello", True, True),
        encoding("lo", False, False),
        ids,
    ],
    "generate": [
        story(0.0, 0.9, 1, "hello", 6),
        story(0.0, 0.9, 1, " hello hello", 8),
        story(1.0, 0.9, 62, "hello", 16),  # with EOS in it, and BOS after 5 samples
        story(1.0, 1.0, 3, None, 8),
        story(0.0, 0.9, 1, "hello tot una", 3),
    ],
}

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.json"),
          encoding="utf-8") as file:
    EXPECTED = json.load(file)


def expected(name, i):
    """The right outcome of case i of an exercise: run.c's numbers, the rest as before."""
    recorded = EXPECTED[name][i]
    if isinstance(recorded, str):  # several exercises have this one
        recorded = EXPECTED[recorded]
    if name == "decode":
        recorded = {"returned": recorded["returned"].encode("latin-1")}
    before = CASES[name][i][2]
    return {**recorded, **{k: v for k, v in before.items() if k not in recorded}}
