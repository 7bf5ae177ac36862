"""Print the numbers of one attention head for the last token of a short text, as in attention.md.

    python doc/attention_numbers.py [text] [layer] [head]
"""

import math
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # python -P and -I leave it out

from source import ROOT
import llama2
from tokenizer import FileError, build_tokenizer, encode


def row(name, values):
    """A name, then numbers, in columns."""
    return f"{name:<18}" + "".join(f"{value:6.2f}" for value in values)


def main(text="Zorblax sat. Zor", layer="1", head="2"):
    checkpoint = str(ROOT / "data" / "swiss.bin")
    transformer = llama2.build_transformer(checkpoint)
    p, s, w = transformer.config, transformer.state, transformer.weights
    tokenizer = build_tokenizer(llama2.find_tokenizer(checkpoint), p.vocab_size)
    tokens = encode(tokenizer, text, True, False)
    for what, value, n in ("layer", layer, p.n_layers), ("head", head, p.n_heads):
        if value not in map(str, range(n)):
            raise ValueError(f"{what} {value!r} is none of 0 to {n - 1}")
    if len(tokens) > p.seq_len:
        raise ValueError(f"the text has {len(tokens)} tokens, more than {p.seq_len}")
    layer, head = int(layer), int(head)
    vocab = [piece.decode("utf-8", "replace") for piece in tokenizer.vocab]
    words = [vocab[i].strip("\n").replace(" ", "␣").replace("\n", "\\n") for i in tokens]

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
    start, kv = head * head_size, head // (p.n_heads // p.n_kv_heads) * head_size
    q = q[start : start + head_size]
    keys, values = ([vector[kv : kv + head_size] for vector in cache[layer][: pos + 1]]
                    for cache in (s.key_cache, s.value_cache))
    context = [sum(a * v[i] for a, v in zip(weights, values)) for i in range(head_size)]
    root = math.sqrt(head_size)
    print(f"layer {layer}, head {head}: {words[-1]} at position {pos} asks; "
          f"√{head_size} = {root:g}\n")
    powers = [math.exp(score - max(scores)) for score in scores]  # as softmax does it
    power = f"e^(score - {max(scores):.2f})"
    print(f"position  token    q · key   score{power:>19}  soft weight  value[0]")
    for t, word in enumerate(words):
        score = f"{scores[t] * root:8.2f}{scores[t]:8.2f}{powers[t]:19.4f}{weights[t]:13.4f}"
        print(f"{t:>8}  {word:<8}{score}{values[t][0]:10.2f}")
    print(f"{'sum':<34}{sum(powers):19.4f}{sum(weights):13.4f}")
    best = llama2.sample_argmax(weights, pos + 1)
    print("\n" + row("q", q), row(f"key {best}, {words[best]}", keys[best]), sep="\n")
    print(row(f"value {best}, {words[best]}", values[best]), row("context", context), sep="\n")

    # which tokens' logits does the context raise most, by way of wo, the last norm and wcls?
    rows = [wo[start : start + head_size] for wo in w.wo[layer]]
    added = [sum(a * c for a, c in zip(wo, context)) for wo in rows]
    added = [weight * value for weight, value in zip(w.rms_final_weight, added)]
    raised = [sum(a * b for a, b in zip(wcls, added)) for wcls in w.wcls]
    likely = sorted(range(p.vocab_size), key=raised.__getitem__, reverse=True)[:3]
    print("\nit speaks for:", ", ".join(repr(vocab[i]) for i in likely))


if __name__ == "__main__":
    if sys.stdout: sys.stdout.reconfigure(errors="backslashreplace")  # not every stdout is UTF-8
    if len(sys.argv) > 4:
        sys.exit("usage: python doc/attention_numbers.py [text] [layer] [head]")
    try:
        main(*sys.argv[1:])
    except (FileError, ValueError, OSError) as error:
        sys.exit(f"attention_numbers: {error}")
