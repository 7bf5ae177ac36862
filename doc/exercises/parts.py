"""llama2.py in parts: a function for each exercise, made of llama2.py's own lines.

Your functions import from here what they call: llama2.py's, until all of yours pass. Then check.py
puts yours in their place, one by one.
"""

import functools
import inspect
import os
import re
import sys
import textwrap

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import source

import llama2
import tokenizer


def cut(function, first, last):
    """The blocks of function, dedented, that mirror lines first to last of run.c."""
    text = inspect.getsource(function)
    lines = text.splitlines(keepends=True)
    blocks = [b for b in source.read_blocks(text) if first <= b.run_c[0][0] <= last]
    return textwrap.dedent("".join("".join(lines[b.first - 1 : b.last]) for b in blocks))


def indent(text):
    return textwrap.indent(text, "    ")


forward = llama2.forward
encode = tokenizer.encode
loop = "for h in range(p.n_heads):\n"
head = textwrap.dedent(cut(forward, 281, 288).split(loop)[1])  # the short names for one head

# the text of each part; a known mistake is one of them with a line or two changed
TEXTS = {
    **{f.__name__: inspect.getsource(f) for f in (
        llama2.matmul, llama2.rmsnorm, llama2.softmax, llama2.sample_argmax, llama2.random_u32,
        llama2.random_f32, llama2.sample_mult, llama2.sample_topp, llama2.sample, llama2.generate,
        tokenizer.decode)},
    "swiglu": "def swiglu(s, hidden_dim):\n" + indent(cut(forward, 337, 345)),
    "rope": "def rope(s, pos, dim, kv_dim, head_size):\n" + indent(cut(forward, 264, 279)),
    "scores": "def scores(s, l, h, pos, head_size, kv_mul):\n"
    + indent(head + cut(forward, 289, 301)),
    "weighted_sum": "def weighted_sum(s, l, h, pos, head_size, kv_mul):\n"
    + indent(re.sub("q, qoff = .*\n", "", head) + cut(forward, 306, 319)),
    "layer": "def layer(transformer, l, pos):\n"
    + indent(
        cut(forward, 233, 242)
        + cut(forward, 251, 262)
        + "rope(s, pos, dim, kv_dim, head_size)\n"
        + loop
        + "    scores(s, l, h, pos, head_size, kv_mul)\n"
        + "    softmax(s.att[h], pos + 1)\n"
        + "    weighted_sum(s, l, h, pos, head_size, kv_mul)\n"
        + cut(forward, 321, 335)
        + "swiglu(s, hidden_dim)\n"
        + cut(forward, 347, 354)
    ),
    "forward": "def forward(transformer, token, pos):\n"
    + indent(
        cut(forward, 233, 246)
        + "for l in range(p.n_layers):\n    layer(transformer, l, pos)\n"
        + cut(forward, 356, 362)
    ),
    "characters": "def characters(t, text, bos):\n"
    + indent(cut(encode, 467, 534) + "return tokens\n"),
    "merge": "def merge(t, tokens):\n" + indent(cut(encode, 536, 565)),
    "encode": "def encode(t, text, bos, eos):\n"
    + indent(
        cut(encode, 453, 465)
        + "tokens = characters(t, text, bos)\nmerge(t, tokens)\n"
        + cut(encode, 567, 571)
    ),
}


@functools.lru_cache(None)
def compiled(text):
    return compile(text, "llama2.py, in parts", "exec")


def program(changed={}):
    """A dict of all that llama2.py and tokenizer.py define, and the parts, some changed."""
    names = {**vars(llama2), **vars(tokenizer), "__name__": "parts"}
    for name, text in TEXTS.items():
        exec(compiled(changed.get(name, text)), names)
    return names


globals().update({name: value for name, value in program().items() if name[:2] != "__"})
