"""Train the model in this folder from nothing: its text, its tokenizer, its weights.

    pip install torch sentencepiece
    python train.py
    python train.py --resume

The first writes swiss.bin and swiss.tokenizer.bin, the second trains that swiss.bin a little
longer. The network is said in the names of llama2.py.
"""

import io
import math
import random
import struct
import sys
import time
from array import array

import sentencepiece
import torch
import torch.nn.functional as F

from stories import story

dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len = 64, 172, 5, 8, 4, 512, 512
head_size = dim // n_heads
kv_dim = n_kv_heads * head_size

batch_tokens, warmup = 4096, 100
BOS = 1

# ----------------------------------------------------------------------------
# tokenizer


def train_tokenizer(texts):
    """A BPE tokenizer with the settings that llama2.c trains its own with."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type="bpe",
        vocab_size=vocab_size,
        self_test_sample_size=0,
        character_coverage=1.0,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        byte_fallback=True,
        unk_surface=r" \342\201\207 ",
        normalization_rule_name="identity",
        minloglevel=1,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def export_tokenizer(tokenizer, path):
    """Write llama2.c's tokenizer.bin: the longest length; score, length, bytes of each token."""
    pieces = []
    for i in range(vocab_size):
        piece = {1: "\n<s>\n", 2: "\n</s>\n"}.get(i, tokenizer.id_to_piece(i))
        pieces.append((tokenizer.get_score(i), piece.replace("▁", " ").encode()))
    with open(path, "wb") as file:
        file.write(struct.pack("<I", max(len(piece) for _, piece in pieces)))
        for score, piece in pieces:
            file.write(struct.pack("<fi", score, len(piece)) + piece)


# ----------------------------------------------------------------------------
# the network; a matrix is (d, n), as in the checkpoint


def random_weights():
    def normal(*shape, std=0.02):
        return torch.nn.Parameter(torch.randn(*shape) * std)

    residual = 0.02 / math.sqrt(2 * n_layers)  # for what is added to x
    return dict(
        token_embedding_table=normal(vocab_size, dim),
        rms_att_weight=torch.nn.Parameter(torch.ones(n_layers, dim)),
        wq=normal(n_layers, dim, dim),
        wk=normal(n_layers, kv_dim, dim),
        wv=normal(n_layers, kv_dim, dim),
        wo=normal(n_layers, dim, dim, std=residual),
        rms_ffn_weight=torch.nn.Parameter(torch.ones(n_layers, dim)),
        w1=normal(n_layers, hidden_dim, dim),
        w2=normal(n_layers, dim, hidden_dim, std=residual),
        w3=normal(n_layers, hidden_dim, dim),
        rms_final_weight=torch.nn.Parameter(torch.ones(dim)),
    )


freq = 1.0 / 10000.0 ** (torch.arange(0, head_size, 2) / head_size)  # (head_size / 2,)
angle = torch.arange(seq_len)[:, None] * freq  # (seq_len, head_size / 2)


def rmsnorm(x, weight):
    return weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5))


def rope(vec):
    """Turn each pair of neighbours in vec, (batch, heads, time, head_size)."""
    v0, v1 = vec[..., 0::2], vec[..., 1::2]
    fcr, fci = angle[: vec.shape[2]].cos(), angle[: vec.shape[2]].sin()
    return torch.stack((v0 * fcr - v1 * fci, v0 * fci + v1 * fcr), -1).flatten(3)


def forward(w, tokens):
    """The logits, (batch, time, vocab_size), after each of the tokens, (batch, time)."""
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
    """Write llama2.c's version 0: the header, then the weights, then RoPE's two old tables."""
    with open(path, "wb") as file:
        header = dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len
        file.write(struct.pack("<7i", *header))
        for weight in *w.values(), angle.cos(), angle.sin():
            array("f", weight.detach().flatten().tolist()).tofile(file)


def load_checkpoint(path):
    """The weights of export_checkpoint."""
    with open(path, "rb") as file:
        file.seek(28)
        w = {}
        for name, weight in random_weights().items():
            numbers = array("f")
            numbers.fromfile(file, weight.numel())
            w[name] = torch.nn.Parameter(torch.tensor(numbers).view(weight.shape))
    return w


# ----------------------------------------------------------------------------
# training


def batches(tokenizer, rng):
    """Endless batches of new stories of like length, each from BOS to BOS: (inputs, targets).

    A target of -1 is filling and does not count.
    """
    while True:
        rows = tokenizer.encode([story(rng) for _ in range(1024)])
        rows = sorted([[BOS] + row + [BOS] for row in rows], key=len)
        chunks = []
        while rows:
            size = max(1, batch_tokens // len(rows[-1]))
            chunks.append(rows[-size:])
            del rows[-size:]
        rng.shuffle(chunks)
        for chunk in chunks:
            longest = max(map(len, chunk))
            inputs = [row[:-1] + [0] * (longest - len(row)) for row in chunk]
            targets = [row[1:] + [-1] * (longest - len(row)) for row in chunk]
            yield torch.tensor(inputs), torch.tensor(targets)


def loss(w, inputs, targets):
    return F.cross_entropy(forward(w, inputs).flatten(0, 1), targets.flatten(), ignore_index=-1)


def main():
    resume = sys.argv[1:] == ["--resume"]
    torch.manual_seed(1)
    rng = random.Random(1)
    tokenizer = train_tokenizer([story(rng) for _ in range(20000)])
    export_tokenizer(tokenizer, "swiss.tokenizer.bin")
    w = load_checkpoint("swiss.bin") if resume else random_weights()
    steps, max_lr = (200, 1e-3) if resume else (7000, 4e-3)
    if resume:
        rng = random.Random(3)  # other stories
    optimizer = torch.optim.AdamW(w.values(), lr=max_lr, betas=(0.9, 0.99), weight_decay=0.01)
    training = batches(tokenizer, rng)
    validation_batches = batches(tokenizer, random.Random(2))
    validation = [next(validation_batches) for _ in range(16)]
    start = time.time()
    for step in range(steps + 1):
        if step % 200 == 0:
            with torch.no_grad():
                value = sum(loss(w, *batch).item() for batch in validation) / len(validation)
            seconds = time.time() - start
            print(f"step {step}  validation loss {value:.4f}  {seconds:.0f} s", flush=True)
            export_checkpoint(w, "swiss.bin")
        # up in a straight line, then down along a cosine
        lr = max_lr * min((step + 1) / warmup, 0.505 + 0.495 * math.cos(math.pi * step / steps))
        for group in optimizer.param_groups:
            group["lr"] = lr
        value = loss(w, *next(training))
        value.backward()
        torch.nn.utils.clip_grad_norm_(w.values(), 1.0)
        optimizer.step()
        optimizer.zero_grad()


if __name__ == "__main__":
    main()
