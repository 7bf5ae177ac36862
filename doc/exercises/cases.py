"""The inputs for the exercises, and what run.c computes from them.

A case is a tuple: its input as shown to the student; a function that runs it in a program (a dict
of functions, see parts.py) and returns the outcome, {"xout": [21.0, 43.0], ...}; and the values
from before. The right outcome is in expected.json. run.c computed it, with its functions or, for an
exercise that is only part of a function, with those lines. It leaves out what a function must not
change.
"""

import contextlib
import copy
import dataclasses
import inspect
import io
import json
import random
from array import array

import parts
from parts import llama2, source, tokenizer


def numbers(seed, *shape):
    """Return multiples of 1/8 from -2 to 2 in lists of this shape, the same for the same seed."""
    rng = random.Random(seed)

    def fill(n=None, *shape):
        return int(rng.random() * 33) / 8 - 2.0 if n is None else [fill(*shape) for _ in range(n)]

    return fill(*shape)


def short(value, start=0):
    """Return value as text: numbers with 7 digits, and eight items of a long list, from start."""
    if isinstance(value, float):
        return repr(float(f"{value:.7g}"))
    if isinstance(value, (list, array)):
        shown = [short(v) for v in value[start : start + 8]]
        if len(", ".join(shown)) > 150 and isinstance(value[0], list):
            shown = shown[:1]
        if len(value) > len(shown):
            shown.append(f"... {len(value)} in total")
        return f"[{'..., ' * bool(start)}{', '.join(shown)}]"
    text = repr(value)
    return text if len(text) < 200 else text[:200] + "..."


def byte_stdout():
    """Return a stand-in for sys.stdout that takes bytes (printf) and text; see its buffer."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)


# ----------------------------------------------------------------------------
# a small model, and the arguments of functions


def state(**fields):
    """Return a RunState with these fields; the others are None."""
    return llama2.RunState(**{**dict.fromkeys(llama2.RunState.__dataclass_fields__), **fields})


# dim 16 in 4 heads of size 4, 2 key/value heads, 2 layers, 300 tokens, 16 positions, and a separate
# classifier
CONFIG = llama2.Config(16, 24, 2, 4, 2, 300, 16)


def checkpoint():
    """Return the bytes of the small model's weights."""
    rng = random.Random(7)
    size = llama2.checkpoint_size(CONFIG, False) - 28
    return array("f", [int(rng.random() * 65) / 64 - 0.5 for _ in range(size // 4)]).tobytes()


WEIGHTS = llama2.memory_map_weights(CONFIG, io.BytesIO(checkpoint()), False)


def transformer():
    """Return a new small model."""
    weights = copy.copy(WEIGHTS)
    weights.token_embedding_table = copy.deepcopy(weights.token_embedding_table)
    return llama2.Transformer(copy.copy(CONFIG), weights, llama2.malloc_run_state(CONFIG))


# the pieces after the 256 bytes, with their scores
PIECES = {piece: -100.0 for piece in [" ", *"helotunaéw.\n"]}
PIECES.update({"he": -3.0, "ll": -1.0, "llo": -4.0, "lo": -2.0, " h": -5.0, " he": -6.0})
PIECES.update({"hello": -7.0, " hello": -8.0, "to": -9.0, "ot": -9.0, "un": -10.0, "aa": -11.0})
PIECES.update({"  ": -12.0, "na": -13.0, "ao": -0.5, " a": -14.0})
PIECES.update({piece: -100.0 for piece in "bcdfgijkmpr,"})


def small_tokenizer():
    """Return the small model's tokenizer, with its dict of tokens filled."""
    vocab = [b"<unk>", b"\n<s>\n", b"\n</s>\n"] + [b"<0x%02X>" % i for i in range(256)]
    vocab += [piece.encode() for piece in PIECES]
    scores = [0.0] * 259 + list(PIECES.values())
    by_bytes = {piece: id for id, piece in reversed(list(enumerate(vocab)))}
    pieces = [bytes([i]) for i in range(256)]
    return tokenizer.Tokenizer(vocab, scores, by_bytes, len(vocab), max(map(len, vocab)), pieces)


TOKENIZER = small_tokenizer()
NEW_TOKENIZER = dataclasses.replace(TOKENIZER, sorted_vocab=None)  # before encode fills its dict
ID = {piece.decode(): id for id, piece in enumerate(TOKENIZER.vocab)}


# ----------------------------------------------------------------------------
# cases

PROGRAM = parts.program()


def by_name(given):
    """Return the arguments and their fields that C defines: {"s.q": ..., "pos": ...}."""
    out = {}
    for name, value in given.items():
        fields = vars(value) if dataclasses.is_dataclass(value) else {"": value}
        out.update({f"{name}.{field}".rstrip("."): v for field, v in fields.items()})
    return {name: v for name, v in out.items()
            if v is not None and "probindex" not in name and not name.startswith("t.")}


def call(name, *arguments):
    """Return a case that calls one function."""
    given = dict(zip(inspect.signature(PROGRAM[name]).parameters, arguments))

    def run(program):
        values = copy.deepcopy(given)
        returned = program[name](*values.values())
        return {**by_name(values), "returned": returned}

    before = by_name(given)
    shown = ", ".join(f"{k} = {short(v)}" for k, v in before.items())
    if "t" in given:
        shown += ", with a small tokenizer"
        for id in before.get("tokens") or [before[name] for name in before if name == "token"]:
            shown += f"; {id} is {TOKENIZER.vocab[id]!r}"
    return shown, run, before


def calls(name, *cases):
    return [call(name, *arguments) for arguments in cases]


def script(shown):
    """Make a case from a function that takes a program and returns the outcome."""
    return lambda run: (shown, run, {})


@script("llama2.py with your code, on a small model: logits of tokens 1, 5, 9 at positions 0, 1, 2")
def logits(program):
    t = transformer()
    return {f"at position {pos}: logits[::10]": program["forward"](t, token, pos)[::10]
            for pos, token in enumerate([1, 5, 9])}


@script("llama2.py with your code: 8 tokens sampled from 300 logits for each of five settings")
def samples(program):
    out = {}
    for temperature, topp in [(0.0, 0.9), (1.0, 0.9), (0.5, 0.5), (1.5, 1.0), (1.0, 0.0)]:
        s = llama2.Sampler(300, [], temperature, topp, 5)
        different = [[v + i / 4096 for i, v in enumerate(numbers(seed, 300))] for seed in range(8)]
        out[f"ids at temperature {temperature}, top-p {topp}"] = [
            program["sample"](s, values) for values in different]
    return out


TEXTS = ["hello", "tot", "una", "nao", "aaa hello.", " hello", "hé\nü日😀", "ß", ""]


@script("llama2.py with your code: the ids of " + ", ".join(map(ascii, TEXTS)))
def ids(program):
    t = copy.copy(NEW_TOKENIZER)
    return {f"ids of {ascii(text)}": program["encode"](t, text, True, True) for text in TEXTS}


def story(temperature, topp, seed, prompt, steps):
    """Return a case that generates text with the small model."""

    @script(f"a small model; temperature {temperature}, top-p {topp}, seed {seed}, "
            f"prompt {prompt!r}, {steps} steps")
    def case(program):
        s = llama2.Sampler(300, [], temperature, topp, seed)
        with contextlib.redirect_stdout(byte_stdout()) as out:
            with contextlib.redirect_stderr(io.StringIO()):
                program["generate"](transformer(), copy.copy(NEW_TOKENIZER), s, prompt, steps)
        return {"printed": out.buffer.getvalue().decode("latin-1"),
                "sampler.rng_state afterwards": s.rng_state}

    return case


def layers(tokens):
    """Return a case that runs both layers at some positions."""

    @script(f"a small model: 2 layers at positions {list(range(tokens))}, with a new s.x at each")
    def case(program):
        t = transformer()
        out = {}
        for pos in range(tokens):
            t.state.x[:] = numbers(40 + pos, 16)
            for l in range(2):
                program["layer"](t, l, pos)
                after = f"at position {pos}, after layer {l}: s."
                out[f"{after}key_cache[{l}][{pos}]"] = list(t.state.key_cache[l][pos])
                out[f"{after}value_cache[{l}][{pos}]"] = list(t.state.value_cache[l][pos])
                out[f"{after}x"] = list(t.state.x)
        out["at the end: s.key_cache[0][0]"] = list(t.state.key_cache[0][0])
        return out

    return case


@script("a small model: tokens 1, 5, 5, 9 at positions 0, 1, 2, 3")
def forward(program):
    t = transformer()
    out = {}
    for pos, token in enumerate([1, 5, 5, 9]):
        out[f"at position {pos}: logits[::10]"] = program["forward"](t, token, pos)[::10]
        out[f"at position {pos}: s.x"] = list(t.state.x)
    out["at the end: w.token_embedding_table[5]"] = list(t.weights.token_embedding_table[5])
    return out


@script("rng_state = 1, then several numbers in a row")
def random_numbers(program):
    s = llama2.Sampler(2, [], 1.0, 0.9, 1)
    out = {}
    for name in "random_u32", "random_f32":
        s.rng_state = 1
        for i in range(4):
            n, at = program[name](s), f"call {i + 1} of {name}: "
            out[at + "returned"] = n if isinstance(n, int) else repr(n)  # exact
            out[at + "sampler.rng_state"] = s.rng_state
    return out


@script("rng_state = 2**64 - 59, then 50 numbers from random_f32")
def many_random_numbers(program):
    s = llama2.Sampler(2, [], 1.0, 0.9, 2**64 - 59)
    return {"numbers": [repr(program["random_f32"](s)) for _ in range(50)]}


@script("two draws with the same list probindex, top-p 0.8 and coin = 0.9: probabilities = "
        "[0.125, 0.5, 0.375], then [0.75, 0.15625, 0.09375]")
def two_draws(program):
    probindex = []
    draw = program["sample_topp"]
    return {"first id": draw([0.125, 0.5, 0.375], 3, 0.8, probindex, 0.9),
            "second id": draw([0.75, 0.15625, 0.09375], 3, 0.8, probindex, 0.9)}


def attention(name, *settings):
    """Return cases for a part of attention: 6 heads of size 4; every 3 share a key/value head."""
    for seed, l, h, pos in settings:
        own = {"scores": "q", "weighted_sum": "xb"}[name]
        s = state(**{own: numbers(seed, 24)}, att=numbers(seed + 1, 6, 5),
                  key_cache=numbers(seed + 2, 2, 5, 8), value_cache=numbers(seed + 3, 2, 5, 8))
        yield call(name, s, l, h, pos, 4, 3)


CASES = {
    "matmul": [
        *calls("matmul",
               ([7.0, 7.0], [1.0, 10.0], [[1.0, 2.0], [3.0, 4.0]], 2, 2),
               (numbers(1, 3), numbers(2, 5), numbers(3, 3, 5), 5, 3),
               (numbers(4, 4), numbers(5, 2), numbers(6, 4, 2), 2, 4)),
        logits],
    "rmsnorm": [
        *calls("rmsnorm",
               ([9.0, 9.0], [3.0, -3.0], [1.0, 2.0], 2),
               (numbers(1, 5), numbers(2, 5), numbers(3, 5), 5),
               ([0.0] * 3, [1 / 512, -1 / 256, 1 / 1024], [1.0] * 3, 3),
               ([0.0] * 2, [0.0, 0.0], [1.0, 1.0], 2)),
        logits],  # where o is x at the end
    "softmax": [
        *calls("softmax",
               ([0.0, 0.0, 1.0, 5.0], 3), (numbers(1, 6), 6), ([1000.0, 1001.0, 999.0], 3),
               ([-1000.0, -1001.0, -1000.5], 3), ([1.0, 2.0, 5000.0], 2), ([400.0, -400.0], 2),
               ([-400.0, 400.0], 2), ([3.0, 7.0], 1)),
        logits],
    "swiglu": [
        *calls("swiglu",
               (state(hb=[1.0, -1.0], hb2=[2.0, 4.0]), 2),
               (state(hb=numbers(1, 6), hb2=numbers(2, 6)), 6),
               (state(hb=[-1000.0, 1000.0], hb2=[2.0, 4.0]), 2)),
        logits],
    "rope": [
        *calls("rope",
               (state(q=[1.0, 0.0, 1.0, 0.0], k=[0.0, 2.0, 0.0, 2.0]), 1, 4, 4, 4),
               (state(q=numbers(1, 16), k=numbers(2, 16)), 3, 16, 16, 8),
               (state(q=numbers(3, 16), k=numbers(4, 8)), 5, 16, 8, 4),
               (state(q=numbers(5, 8), k=numbers(6, 4)), 0, 8, 4, 4)),
        logits],
    "scores": [
        call("scores", state(q=[1.0, 2.0, 3.0, 4.0], att=[[0.0, 0.0, 9.0]], key_cache=[
            [[1.0, 0.0, 0.0, 1.0], [0.0, 2.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0]]]), 0, 0, 1, 4, 1),
        *attention("scores", (1, 0, 1, 2), (5, 1, 2, 3), (9, 1, 4, 0)),
        logits],
    "weighted_sum": [
        call("weighted_sum", state(xb=[7.0, 7.0], att=[[0.25, 0.75, 9.0]], value_cache=[
            [[4.0, 0.0], [0.0, 8.0], [9.0, 9.0]]]), 0, 0, 1, 2, 1),
        *attention("weighted_sum", (1, 0, 1, 2), (5, 1, 2, 3), (9, 1, 4, 0)),
        logits],
    "layer": [layers(1), layers(4), logits],
    "forward": [forward],
    "argmax": [
        *calls("sample_argmax",
               ([0.1, 0.7, 0.2], 3), ([0.25, 0.5, 0.5, 0.25], 4), ([-3.0, -1.0, -2.0], 3),
               ([0.5, 0.1, 0.4], 3), ([0.2, 0.3, 0.5], 3), ([0.2, 0.3, 0.1, 0.9], 3)),
        samples],
    "random": [random_numbers, many_random_numbers, samples],
    "mult": [
        *calls("sample_mult",
               ([0.5, 0.25, 0.25], 3, 0.6), ([0.5, 0.25, 0.25], 3, 0.5),
               ([0.5, 0.25, 0.25], 3, 0.8), ([0.0, 0.25, 0.75], 3, 0.0),
               ([0.25, 0.25, 0.25], 3, 0.9), ([0.125, 0.125, 0.5, 0.25], 4, 0.625)),
        samples],
    "topp": [
        *calls("sample_topp",
               ([0.125, 0.5, 0.375], 3, 0.8, [], 0.9), ([0.125, 0.5, 0.375], 3, 0.8, [], 0.5),
               ([0.0625, 0.125, 0.5, 0.3125], 4, 0.5, [], 0.75),
               ([0.0625, 0.125, 0.5, 0.3125], 4, 0.4, [], 0.97), ([0.25, 0.75], 2, 0.9, [], 0.75)),
        two_draws, samples],
    "sample": [
        *calls("sample",
               (llama2.Sampler(4, [], 0.0, 0.9, 3), [1.0, 4.0, 2.0, 3.0]),
               (llama2.Sampler(4, [], 0.5, 0.0, 3), [1.0, 2.5, 2.0, 3.0]),
               (llama2.Sampler(4, [], 2.0, 1.0, 3), [1.0, 4.0, 2.0, 3.0]),
               (llama2.Sampler(4, [], 2.0, 0.5, 6), [1.0, 4.0, 2.0, 3.0])),
        samples],
    "decode": calls("decode", *((TOKENIZER, prev_token, ID[piece]) for prev_token, piece in [
        (ID["he"], "llo"), (1, " hello"), (ID["he"], " hello"), (1, "  "), (ID["he"], "<0x41>"),
        (1, "<0x0A>"), (ID["he"], "<0xE9>"), (ID["he"], "\n<s>\n"), (1, "na")])),
    "characters": [
        *calls("characters",
               (TOKENIZER, b"he", True), (TOKENIZER, b"o lo", False), (TOKENIZER, b"", True),
               (TOKENIZER, "né".encode(), True), (TOKENIZER, "aü".encode(), True),
               (TOKENIZER, "日😀".encode(), True),
               (TOKENIZER, b"\x80\x81\x82\x83\x84\x85", True)),
        ids],
    "merges": [
        *calls("merge", *((TOKENIZER, [ID[c] for c in text]) for text in [
            "lo", " hello", "una", "nao", "tot", "aaa", "wwe", " hello hello"])),
        call("encode", NEW_TOKENIZER, b"hello", True, True),
        call("encode", NEW_TOKENIZER, b"hello", True, False),
        call("encode", NEW_TOKENIZER, "lo", False, False),
        ids],
    "generate": [
        story(0.0, 0.9, 1, "hello", 6),
        story(0.0, 0.9, 1, " hello hello", 8),
        story(1.0, 0.9, 62, "hello", 16),  # with EOS in it, and BOS after 5 samples
        story(1.0, 1.0, 3, None, 8),
        story(0.0, 0.9, 1, "hello tot una", 3)],
}

EXPECTED = json.loads(source.read("doc/exercises/expected.json"))


def expected(name, i):
    """Return the right outcome of case i of an exercise: run.c's numbers, the rest as before."""
    recorded = EXPECTED[name][i]
    if isinstance(recorded, str):  # several exercises have this one
        recorded = EXPECTED[recorded]
    if name == "decode":
        recorded = {"returned": recorded["returned"].encode("latin-1")}
    return {**CASES[name][i][2], **recorded}
