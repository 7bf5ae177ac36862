"""llama2.py in parts: a function for each exercise, made of llama2.py's own lines.

Your functions import the functions that they call from this module. These are llama2.py's until all
of yours pass. Then check.py replaces them with yours, one by one.
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
    """Return the blocks of function that mirror lines first to last of run.c, dedented."""
    text = inspect.getsource(function)
    lines = text.splitlines(keepends=True)
    blocks = [b for b in source.read_blocks(text) if first <= b.run_c[0][0] <= last]
    return textwrap.dedent("".join("".join(lines[b.first - 1 : b.last]) for b in blocks))


def part(head, *body):
    """Return the text of a function."""
    return f"def {head}:\n" + textwrap.indent("".join(body), "    ")


forward = llama2.forward
encode = tokenizer.encode
loop = "for h in range(p.n_heads):\n"
head = textwrap.dedent(cut(forward, 281, 288).split(loop)[1])  # the short names for one head

# the text of each part; a known mistake is one of them with a line or two changed
TEXTS = {text[4 : text.index("(")]: text for text in [
    *map(inspect.getsource, (
        llama2.matmul, llama2.rmsnorm, llama2.softmax, llama2.sample_argmax, llama2.random_u32,
        llama2.random_f32, llama2.sample_mult, llama2.sample_topp, llama2.sample, llama2.generate,
        tokenizer.decode)),
    part("swiglu(s, hidden_dim)", cut(forward, 337, 345)),
    part("rope(s, pos, dim, kv_dim, head_size)", cut(forward, 264, 279)),
    part("scores(s, l, h, pos, head_size, kv_mul)", head, cut(forward, 289, 301)),
    part("weighted_sum(s, l, h, pos, head_size, kv_mul)",
         re.sub("q, qoff = .*\n", "", head), cut(forward, 306, 319)),
    part("layer(transformer, l, pos)",
         cut(forward, 233, 242), cut(forward, 251, 262), "rope(s, pos, dim, kv_dim, head_size)\n",
         loop,
         "    scores(s, l, h, pos, head_size, kv_mul)\n",
         "    softmax(s.att[h], pos + 1)\n",
         "    weighted_sum(s, l, h, pos, head_size, kv_mul)\n",
         cut(forward, 321, 335), "swiglu(s, hidden_dim)\n", cut(forward, 347, 354)),
    part("forward(transformer, token, pos)",
         cut(forward, 233, 246), "for l in range(p.n_layers):\n    layer(transformer, l, pos)\n",
         cut(forward, 356, 362)),
    part("characters(t, text, bos)", cut(encode, 467, 534), "return tokens\n"),
    part("merge(t, tokens)", cut(encode, 536, 565)),
    part("encode(t, text, bos, eos)",
         cut(encode, 453, 465), "tokens = characters(t, text, bos)\n", "merge(t, tokens)\n",
         cut(encode, 567, 571)),
]}


compiled = functools.lru_cache(None)(compile)


def program(functions=(), changes=()):
    """Return a dict of everything that llama2.py and tokenizer.py define, and the parts. changes:
    pairs of an old text and a new one, to be replaced in some of the functions."""
    names = {**vars(llama2), **vars(tokenizer), "__name__": "parts"}
    for name, text in TEXTS.items():
        for old, new in changes if name in functions else ():
            text = text.replace(old, new)
        exec(compiled(text, "llama2.py, in parts", "exec"), names)
    return names


globals().update({name: value for name, value in program().items() if name[:2] != "__"})
