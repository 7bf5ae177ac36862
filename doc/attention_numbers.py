"""Print the numbers of one attention head for a short text, as in attention.md.

    python doc/attention_numbers.py [text] [layer] [head]
"""

import math
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

import llama2
from tokenizer import build_tokenizer, encode


def main(text="They went to town", layer="0", head="0"):
    layer, head = int(layer), int(head)
    checkpoint = os.path.join(ROOT, "data", "swiss.bin")
    transformer = llama2.build_transformer(checkpoint)
    p, s = transformer.config, transformer.state
    tokenizer = build_tokenizer(llama2.find_tokenizer(checkpoint), p.vocab_size)
    tokens = encode(tokenizer, text, True, False)
    words = [tokenizer.vocab[token].decode("utf-8", "replace").strip() or "␣" for token in tokens]

    # look at each call of softmax: layer by layer and head by head, the scores become weights
    calls = []
    softmax = llama2.softmax

    def looking(x, size):
        scores = x[:size]
        softmax(x, size)
        calls.append((scores, x[:size], list(s.q)))

    llama2.softmax = looking
    for pos, token in enumerate(tokens):
        calls.clear()
        llama2.forward(transformer, token, pos)
    llama2.softmax = softmax

    scores, weights, q = calls[layer * p.n_heads + head]
    head_size = p.dim // p.n_heads
    kv = head // (p.n_heads // p.n_kv_heads) * head_size
    q = q[head * head_size : (head + 1) * head_size]
    root = math.sqrt(head_size)
    print(f"layer {layer}, head {head}: {words[-1]!r} asks; divided by √{head_size} = {root:.3f}\n")
    numbers = ", ".join(f"{value:.2f}" for value in q)
    print(f"q = {numbers}\n")
    print("| position | token | key | q · key | score | soft weight | value |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    context = [0.0] * head_size
    for t, word in enumerate(words):
        k = s.key_cache[layer][t][kv : kv + head_size]
        v = s.value_cache[layer][t][kv : kv + head_size]
        context = [c + weights[t] * v_i for c, v_i in zip(context, v)]
        k, v = (", ".join(f"{value:.2f}" for value in vector) for vector in (k, v))
        row = f"{scores[t] * root:.2f} | {scores[t]:.2f} | {weights[t]:.3f}"
        print(f"| {t} | `{word}` | {k} | {row} | {v} |")
    numbers = ", ".join(f"{value:.2f}" for value in context)
    print(f"\ncontext = {numbers}")


if __name__ == "__main__":
    main(*sys.argv[1:])
