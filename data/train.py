"""Train the model in this folder from scratch: its text, its tokenizer, its weights.

    apt install wamerican
    pip install torch sentencepiece
    python train.py

It writes swiss.bin and swiss.tokenizer.bin. The network uses llama2.py's names.
"""

import io
import math
import os
import random
import re
import string
import struct
import sys
import time
from array import array

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # python -P and -I leave it out

import sentencepiece
import torch
import torch.nn.functional as F

from stories import marked_story
from unseen import PROMPTS, UNSEEN

dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len = 64, 172, 5, 4, 2, 512, 512
head_size = dim // n_heads
kv_dim = n_kv_heads * head_size

copy_steps, steps, warmup, max_lr, batch_tokens = 600, 24000, 100, 3e-3, 4096
BOS = 1

# ----------------------------------------------------------------------------
# tokenizer


def train_tokenizer(texts):
    """Train a BPE tokenizer with the settings that llama2.c uses for its own."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, model_type="bpe", vocab_size=vocab_size,
        # every letter is a token, so that any name can be spelled
        required_chars=string.ascii_letters + string.digits + "äöüÄÖÜé" + "-:;()",
        character_coverage=1.0, split_digits=True, byte_fallback=True,
        allow_whitespace_only_pieces=True, unk_surface=r" \342\201\207 ",
        # encode_story encodes a text in parts
        add_dummy_prefix=False, remove_extra_whitespaces=False, normalization_rule_name="identity",
        self_test_sample_size=0, minloglevel=1,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def export_tokenizer(tokenizer, path):
    """Write llama2.c's tokenizer.bin: the longest length; each token's score, length and bytes."""
    names = {1: "\n<s>\n", 2: "\n</s>\n"}
    pieces = [names.get(i, tokenizer.id_to_piece(i)).replace("▁", " ").encode()
              for i in range(vocab_size)]
    with open(path, "wb") as file:
        file.write(struct.pack("<I", max(map(len, pieces))))
        for i, piece in enumerate(pieces):
            file.write(struct.pack("<fi", tokenizer.get_score(i), len(piece)) + piece)


# ----------------------------------------------------------------------------
# the network; a matrix is (d, n), as in the checkpoint


def random_weights():
    residual = 0.02 / math.sqrt(2 * n_layers)  # for what is added to x
    shapes = dict(
        token_embedding_table=(0.02, vocab_size, dim), rms_att_weight=(None, n_layers, dim),
        wq=(0.02, n_layers, dim, dim), wk=(0.02, n_layers, kv_dim, dim),
        wv=(0.02, n_layers, kv_dim, dim), wo=(residual, n_layers, dim, dim),
        rms_ffn_weight=(None, n_layers, dim),
        w1=(0.02, n_layers, hidden_dim, dim), w2=(residual, n_layers, dim, hidden_dim),
        w3=(0.02, n_layers, hidden_dim, dim), rms_final_weight=(None, dim),
    )
    return {name: torch.nn.Parameter(torch.randn(*shape) * std if std else torch.ones(*shape))
            for name, (std, *shape) in shapes.items()}


freq = 1.0 / 10000.0 ** (torch.arange(0, head_size, 2) / head_size)  # (head_size / 2,)
angle = torch.arange(seq_len)[:, None] * freq  # (seq_len, head_size / 2)


def rmsnorm(x, weight):
    return weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5))


def rope(vec):
    """Rotate each pair of neighbours in vec, (batch, heads, time, head_size)."""
    v0, v1 = vec[..., 0::2], vec[..., 1::2]
    fcr, fci = angle[: vec.shape[2]].cos(), angle[: vec.shape[2]].sin()
    return torch.stack((v0 * fcr - v1 * fci, v0 * fci + v1 * fcr), -1).flatten(3)


def forward(w, tokens):
    """Return the logits, (batch, time, vocab_size), after each of the tokens, (batch, time)."""
    batch, time = tokens.shape

    def heads(x):  # (batch, time, heads * head_size) -> (batch, heads, time, head_size)
        return x.view(batch, time, -1, head_size).transpose(1, 2)

    x = w["token_embedding_table"][tokens]
    for l in range(n_layers):
        xb = rmsnorm(x, w["rms_att_weight"][l])
        q = rope(heads(xb @ w["wq"][l].T))
        k = rope(heads(xb @ w["wk"][l].T)).repeat_interleave(n_heads // n_kv_heads, 1)
        v = heads(xb @ w["wv"][l].T).repeat_interleave(n_heads // n_kv_heads, 1)
        xb = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + xb.transpose(1, 2).reshape(batch, time, dim) @ w["wo"][l].T
        xb = rmsnorm(x, w["rms_ffn_weight"][l])
        x = x + (F.silu(xb @ w["w1"][l].T) * (xb @ w["w3"][l].T)) @ w["w2"][l].T
    return rmsnorm(x, w["rms_final_weight"]) @ w["token_embedding_table"].T


def export_checkpoint(w, path):
    """Write a llama2.c checkpoint, version 0: header, weights, and RoPE's two old tables."""
    with open(path, "wb") as file:
        file.write(struct.pack("<7i", dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size,
                               seq_len))
        for weight in *w.values(), angle.cos(), angle.sin():
            array("f", weight.detach().flatten().tolist()).tofile(file)


# ----------------------------------------------------------------------------
# training


def stories(rng):
    """Yield endless stories; none contains a name or begins with a prompt from unseen.py."""
    any_prompt = "|".join(re.escape(prompt) for prompt, _ in PROMPTS)
    prompts = re.compile(rf"‹?({any_prompt})(?!\w)")
    while True:
        text = marked_story(rng)
        if not prompts.match(text) and not UNSEEN.intersection(re.findall(r"[\w-]+", text)):
            yield text


def encode_story(tokenizer, text):
    """Return the inputs, targets and loss weights of a marked story, from BOS to BOS.

    What cannot be predicted has weight 0, but a made-up word counts a little from its third token
    on, so that the model learns to end it. What is repeated counts most, above all its first token.
    """
    tokens, weights = [BOS], []
    # a space belongs to the word after it; run.c puts one before the first word
    text = re.sub(" ([‹«])", r"\1 ", " " + text)
    text = text.replace("«»", "")
    for part in re.findall("‹[^›]*›|«[^»]*»|[^‹«]+", text):
        row = tokenizer.encode(part.strip("‹›«»"))
        later = 0.25 if weights else 0.0  # what comes first is what a reader types
        kinds = {"«": (6.0, 2.0, 2.0), "‹": (0.0, 0.0, later)}
        first, second, later = kinds.get(part[0], (1.0, 1.0, 1.0))
        weights += [first, second, *[later] * len(row)][: len(row)]
        tokens += row
    return tokens, tokens[1:] + [BOS], weights + [1.0]


def tokenizer_texts(rng, n=20000):
    """Yield stories without unpredictable parts, plus 13 letters: a name may start with any."""
    texts = stories(rng)
    for _ in range(n):
        text = f" {next(texts)} {' '.join(rng.sample(string.ascii_letters, 13))}"
        yield re.sub("‹.*?›|[^ -~\näöüÄÖÜé]", "", text)


def story_batches(tokenizer, rng):
    """Yield endless batches of new stories of similar length: (inputs, targets, weights)."""
    texts = stories(rng)
    while True:
        rows = [encode_story(tokenizer, next(texts)) for _ in range(1024)]
        rows.sort(key=lambda row: len(row[0]))
        chunks = []
        while rows:
            size = max(1, batch_tokens // len(rows[-1][0]))
            chunks.append(rows[-size:])
            del rows[-size:]
        rng.shuffle(chunks)
        for chunk in chunks:
            longest = len(chunk[-1][0])
            yield tuple(torch.tensor([row[i] + [0] * (longest - len(row[i])) for row in chunk])
                        for i in range(3))


def copy_batches(rng):
    """Yield endless batches of 4 to 24 random tokens, repeated; only the repetitions count.

    The only way to a low loss is a head that finds the previous token, and a head in a higher layer
    that finds what came next the last time.
    """
    while True:
        length = rng.randint(4, 24)
        rows = [(rng.choices(range(3, vocab_size), k=length) * 16)[:64]
                for _ in range(batch_tokens // 64)]
        weights = [[0.0] * (length + 1) + [1.0] * (63 - length)] * len(rows)
        yield (torch.tensor([[BOS] + row[:-1] for row in rows]), torch.tensor(rows),
               torch.tensor(weights))


def loss(w, inputs, targets, weights):
    counts = weights > 0
    weights = weights[counts]
    values = F.cross_entropy(forward(w, inputs)[counts], targets[counts], reduction="none")
    return (values * weights).sum() / weights.sum()


def main():
    torch.manual_seed(1)
    # the matrices are small, so use one thread; treating tiny numbers as zero saves time
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    rng = random.Random(1)
    tokenizer = train_tokenizer(tokenizer_texts(rng))
    export_tokenizer(tokenizer, "swiss.tokenizer.bin")
    w = random_weights()
    optimizer = torch.optim.AdamW(w.values(), betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    copies, training = copy_batches(rng), story_batches(tokenizer, rng)
    validation_batches = story_batches(tokenizer, random.Random(2))
    validation = [next(validation_batches) for _ in range(16)]
    start = time.time()
    for step in range(-copy_steps, steps + 1):
        if step % 200 == 0:
            with torch.no_grad():
                value = sum(loss(w, *batch).item() for batch in validation) / len(validation)
            seconds = time.time() - start
            print(f"step {step}  validation loss {value:.4f}  {seconds:.0f} s", flush=True)
            export_checkpoint(w, "swiss.bin")
        # the learning rate rises linearly, then falls along a cosine
        up = (step + copy_steps + 1) / warmup
        lr = max_lr * min(up, 1, 0.505 + 0.495 * math.cos(math.pi * max(step, 0) / steps))
        for group in optimizer.param_groups:
            group["lr"] = lr
        value = loss(w, *next(copies if step < 0 else training))
        if step < 0 and step % 50 == 0:
            print(f"step {step}  copy loss {value.item():.4f}", flush=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(w.values(), 1.0)
        optimizer.step()
        optimizer.zero_grad()


if __name__ == "__main__":
    main()
