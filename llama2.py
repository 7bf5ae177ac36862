"""Inference for a Llama 2 model: llama2.c's run.c said again in plain Python.

    python llama2.py checkpoint [temperature] [steps] [prompt] [options]

Read it beside run.c: each function has the name it has there, and "run.c 217-229" at the end of
its docstring, or [264-279] at the start of a comment, gives the lines that it mirrors.
"""

import argparse
import math
import os
import re
import struct
import sys
import time
from array import array
from dataclasses import dataclass

from tokenizer import build_tokenizer, decode, encode, fopen, printf, safe_printf

# ----------------------------------------------------------------------------
# Transformer model


@dataclass
class Config:
    """The numbers that shape the network: the header of a checkpoint. run.c 19-27"""

    dim: int  # length of a token's vector
    hidden_dim: int  # length of the hidden vector in the feed-forward network
    n_layers: int
    n_heads: int  # query heads
    n_kv_heads: int  # key and value heads: fewer than n_heads in grouped-query attention
    vocab_size: int
    seq_len: int  # positions that the model can attend to


@dataclass
class TransformerWeights:
    """The trained numbers. A matrix (d, n) is a list of d rows, each an array of n floats.

    run.c 29-48
    """

    token_embedding_table: list  # (vocab_size, dim)
    # weights of the rmsnorms
    rms_att_weight: list  # (n_layers, dim)
    rms_ffn_weight: list  # (n_layers, dim)
    # weights of attention; dim == n_heads * head_size, kv_dim == n_kv_heads * head_size
    wq: list  # (n_layers, dim, dim)
    wk: list  # (n_layers, kv_dim, dim)
    wv: list  # (n_layers, kv_dim, dim)
    wo: list  # (n_layers, dim, dim)
    # weights of the feed-forward network
    w1: list  # (n_layers, hidden_dim, dim)
    w2: list  # (n_layers, dim, hidden_dim)
    w3: list  # (n_layers, hidden_dim, dim)
    rms_final_weight: array  # (dim,)
    # the classifier: often the same object as token_embedding_table
    wcls: list  # (vocab_size, dim)


@dataclass
class RunState:
    """The numbers that flow through the network while it runs, in lists of floats. run.c 50-65"""

    x: list  # (dim,) the token's vector on its way up
    xb: list  # (dim,) the same inside a residual branch
    xb2: list  # (dim,) a second one
    hb: list  # (hidden_dim,) the hidden vector
    hb2: list  # (hidden_dim,) a second one
    q: list  # (dim,) query
    k: list  # (kv_dim,) key: a row of key_cache
    v: list  # (kv_dim,) value: a row of value_cache
    att: list  # (n_heads, seq_len) attention scores, then weights
    logits: list  # (vocab_size,) the output
    key_cache: list  # (n_layers, seq_len, kv_dim)
    value_cache: list  # (n_layers, seq_len, kv_dim)


@dataclass
class Transformer:
    """All of a model: its shape, its weights, its state. run.c 67-75"""

    config: Config
    weights: TransformerWeights
    state: RunState


def malloc_run_state(p):
    """Make the RunState for a Config p, all zeros. run.c 77-96"""
    # [78-79] a key or a value is shorter than x when query heads share them
    kv_dim = p.dim * p.n_kv_heads // p.n_heads
    # [80-85, 88-96] one list for each buffer
    return RunState(
        x=[0.0] * p.dim,
        xb=[0.0] * p.dim,
        xb2=[0.0] * p.dim,
        hb=[0.0] * p.hidden_dim,
        hb2=[0.0] * p.hidden_dim,
        q=[0.0] * p.dim,
        k=[],
        v=[],
        att=[[0.0] * p.seq_len for _ in range(p.n_heads)],
        logits=[0.0] * p.vocab_size,
        # [86-87] as calloc does, take memory for a position only when it is used: until then it
        # is one row of zeros, in forward it gets a row of its own
        key_cache=[[[0.0] * kv_dim] * p.seq_len for _ in range(p.n_layers)],
        value_cache=[[[0.0] * kv_dim] * p.seq_len for _ in range(p.n_layers)],
    )


def memory_map_weights(p, file, shared_weights):
    """Read all weights from file, which stands behind the header; return TransformerWeights.

    run.c 111-140
    """

    def vector(n):
        row = array("f", file.read(4 * n))
        if sys.byteorder == "big":
            row.byteswap()
        return row

    def matrix(d, n):
        return [vector(n) for _ in range(d)]

    # [112-114] the shapes
    layers = range(p.n_layers)
    head_size = p.dim // p.n_heads
    kv_dim = p.n_kv_heads * head_size
    # [115-134] each weight in the order of the file, all layers of it together
    token_embedding_table = matrix(p.vocab_size, p.dim)
    rms_att_weight = matrix(p.n_layers, p.dim)
    wq = [matrix(p.dim, p.dim) for _ in layers]
    wk = [matrix(kv_dim, p.dim) for _ in layers]
    wv = [matrix(kv_dim, p.dim) for _ in layers]
    wo = [matrix(p.dim, p.dim) for _ in layers]
    rms_ffn_weight = matrix(p.n_layers, p.dim)
    w1 = [matrix(p.hidden_dim, p.dim) for _ in layers]
    w2 = [matrix(p.dim, p.hidden_dim) for _ in layers]
    w3 = [matrix(p.hidden_dim, p.dim) for _ in layers]
    # [135-140] two tables of RoPE's cosines and sines are in the file, but not used any more
    rms_final_weight = vector(p.dim)
    file.seek(4 * p.seq_len * head_size, os.SEEK_CUR)
    wcls = token_embedding_table if shared_weights else matrix(p.vocab_size, p.dim)
    return TransformerWeights(
        token_embedding_table, rms_att_weight, rms_ffn_weight, wq, wk, wv, wo, w1, w2, w3,
        rms_final_weight, wcls,
    )  # fmt: skip


def read_checkpoint(checkpoint):
    """Read a checkpoint file, llama2.c's version 0; return (Config, TransformerWeights).

    Raises OSError when it cannot be read, ValueError when it is damaged or of another format.
    run.c 142-162
    """
    # [144-147] the header, seven integers
    with fopen(checkpoint) as file:
        file_size = os.fstat(file.fileno()).st_size
        header = file.read(28)
        again = "export it again with llama2.c's `export.py --version 0`"
        if header[:4] == b"24ka":
            version = int.from_bytes(header[4:8], "little")
            raise ValueError(
                f"{checkpoint} is a llama2.c checkpoint of version {version}, and only version 0"
                f" can be read: {again}"
            )
        for magic, name in (b"GGUF", "a GGUF file"), (b"PK\3\4", "a zip file (PyTorch's, perhaps)"):
            if header.startswith(magic):
                raise ValueError(f"{checkpoint} is {name}, not a llama2.c checkpoint: {again}")
        if len(header) < 28:
            raise ValueError(
                f"{checkpoint} has {file_size} bytes, too few for a checkpoint: get it again"
            )
        p = Config(*struct.unpack("<7i", header))
        # [148-150] a negative vocab_size says that the classifier has weights of its own
        shared_weights = p.vocab_size > 0
        p.vocab_size = abs(p.vocab_size)
        # [151-154] the file must be as long as the header says
        refuse = f"{checkpoint} is damaged or no llama2.c checkpoint: "
        for name, value in vars(p).items():
            if value < 1:
                raise ValueError(refuse + f"its header says {name} = {value}")
        if p.dim % p.n_heads or p.n_heads % p.n_kv_heads or p.dim // p.n_heads % 2:
            raise ValueError(
                refuse + f"its header says dim = {p.dim}, n_heads = {p.n_heads}, n_kv_heads ="
                f" {p.n_kv_heads}, which do not divide into heads of an even size"
            )
        if p.vocab_size < 2:
            raise ValueError(refuse + "its vocabulary has no BOS, which is token 1")
        size = checkpoint_size(p, shared_weights)
        if file_size != size:
            raise ValueError(
                f"{checkpoint} has {file_size} bytes where its header asks for {size}: it is"
                f" {'cut short' if file_size < size else 'too long'}, damaged or no llama2.c"
                " checkpoint; get it again"
            )
        # [155-162] the weights
        return p, memory_map_weights(p, file, shared_weights)


def checkpoint_size(p, shared_weights):
    """Bytes of a checkpoint file with the Config p: its header and 4 for each weight."""
    head_size = p.dim // p.n_heads
    kv_dim = p.n_kv_heads * head_size
    attention = p.dim + 2 * p.dim * p.dim + 2 * p.dim * kv_dim
    ffn = p.dim + 3 * p.dim * p.hidden_dim
    rope = p.seq_len * head_size
    tables = 1 if shared_weights else 2
    floats = tables * p.vocab_size * p.dim + p.n_layers * (attention + ffn) + p.dim + rope
    return 28 + 4 * floats


def build_transformer(checkpoint_path):
    """Read a checkpoint and make its state; return a Transformer.

    Raises what read_checkpoint raises. run.c 164-169
    """
    config, weights = read_checkpoint(checkpoint_path)
    return Transformer(config, weights, malloc_run_state(config))


# ----------------------------------------------------------------------------
# neural net blocks


def expf(x):
    """e to the power of x; infinity where that is too large for a float, as in C."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def rmsnorm(o, x, weight, size):
    """Scale x so that the mean of its squares is 1, then each element by its weight.

    o, x, weight: size floats each; o is overwritten, and may be x itself.
    >>> o = [0.0, 0.0]; rmsnorm(o, [3.0, -3.0], [1.0, 2.0], 2); [round(v, 4) for v in o]
    [1.0, -2.0]

    run.c 182-195
    """
    # [183-190] one over the root of the mean square; 1e-5 keeps it finite
    ss = 0.0
    for j in range(size):
        ss += x[j] * x[j]
    ss /= size
    ss += 1e-5
    ss = 1.0 / math.sqrt(ss)
    # [191-195]
    for j in range(size):
        o[j] = weight[j] * (ss * x[j])


def softmax(x, size):
    """Turn the first size scores in x into probabilities, in place: positive, and 1 in all.

    >>> x = [0.0, math.log(3.0)]; softmax(x, 2); [round(v, 4) for v in x]
    [0.25, 0.75]

    run.c 197-215
    """
    # [198-204] with the largest score at 0, exp cannot overflow
    max_val = x[0]
    for i in range(1, size):
        if x[i] > max_val:
            max_val = x[i]
    # [205-210]
    sum = 0.0
    for i in range(size):
        x[i] = math.exp(x[i] - max_val)
        sum += x[i]
    # [211-215]
    for i in range(size):
        x[i] /= sum


def matmul(xout, x, w, n, d):
    """xout = W x: nearly all the time goes by in here.

    w: d rows of n floats, x: n floats, xout: d floats, overwritten.
    >>> xout = [0.0, 0.0]; matmul(xout, [1.0, 10.0], [[1.0, 2.0], [3.0, 4.0]], 2, 2); xout
    [21.0, 43.0]

    run.c 217-229
    """
    for i in range(d):
        val = 0.0
        for w_ij, x_j in zip(w[i], x):
            val += w_ij * x_j
        xout[i] = val


if sys.implementation.name == "pypy":
    # PyPy compiles the same loop with indices into code that is 1.5 times as fast, while on
    # CPython 3.11 it is 1.25 times as slow
    def matmul(xout, x, w, n, d):
        """xout = W x, as above."""
        for i in range(d):
            row = w[i]
            val = 0.0
            for j in range(n):
                val += row[j] * x[j]
            xout[i] = val


def forward(transformer, token, pos):
    """Run the network on one token at one position; return the logits of the next token.

    token: an id below vocab_size; pos: below seq_len, all positions before it already run.
    Returns state.logits, (vocab_size,), which the next call overwrites.
    run.c 231-362
    """
    # [233-242] short names
    p = transformer.config
    w = transformer.weights
    s = transformer.state
    x = s.x
    dim = p.dim
    hidden_dim = p.hidden_dim
    kv_dim = p.dim * p.n_kv_heads // p.n_heads
    kv_mul = p.n_heads // p.n_kv_heads  # query heads that share one key and value head
    head_size = dim // p.n_heads

    # [244-246] the token's row of the embedding table is where x begins
    x[:] = w.token_embedding_table[token]

    # [248-249]
    for l in range(p.n_layers):
        # [251-252] attention looks at x after a norm
        rmsnorm(s.xb, x, w.rms_att_weight[l], dim)

        # [254-257] this position's key and value stay in the cache for the positions to come
        s.k = s.key_cache[l][pos] = [0.0] * kv_dim
        s.v = s.value_cache[l][pos] = [0.0] * kv_dim

        # [259-262] query, key and value of this position
        matmul(s.q, s.xb, w.wq[l], dim, dim)
        matmul(s.k, s.xb, w.wk[l], dim, kv_dim)
        matmul(s.v, s.xb, w.wv[l], dim, kv_dim)

        # [264-279] RoPE: turn each pair of numbers in q and k by an angle that grows with pos,
        # so that the product of q and k depends on how far apart they are
        for i in range(0, dim, 2):
            head_dim = i % head_size
            freq = 1.0 / 10000.0 ** (head_dim / head_size)
            val = pos * freq
            fcr = math.cos(val)
            fci = math.sin(val)
            for vec in (s.q, s.k) if i < kv_dim else (s.q,):
                v0 = vec[i]
                v1 = vec[i + 1]
                vec[i] = v0 * fcr - v1 * fci
                vec[i + 1] = v0 * fci + v1 * fcr

        # [281-288] each head attends on its own
        for h in range(p.n_heads):
            q = s.q[h * head_size : (h + 1) * head_size]
            att = s.att[h]
            kv = h // kv_mul * head_size  # where this head's part of a key or value begins
            # [289-301] score each position up to this one by how well its key fits the query
            for t in range(pos + 1):
                k = s.key_cache[l][t]
                score = 0.0
                for i in range(head_size):
                    score += q[i] * k[kv + i]
                att[t] = score / math.sqrt(head_size)

            # [303-304] the scores become weights
            softmax(att, pos + 1)

            # [306-319] the weighted sum of the values
            xb = [0.0] * head_size
            for t in range(pos + 1):
                v = s.value_cache[l][t]
                a = att[t]
                for i in range(head_size):
                    xb[i] += a * v[kv + i]
            s.xb[h * head_size : (h + 1) * head_size] = xb

        # [321-322] mix what the heads have found
        matmul(s.xb2, s.xb, w.wo[l], dim, dim)

        # [324-327] and add it to x: a residual connection
        for i in range(dim):
            x[i] += s.xb2[i]

        # [329-330] the feed-forward network looks at x after a norm too
        rmsnorm(s.xb, x, w.rms_ffn_weight[l], dim)

        # [332-335] up to hidden_dim, twice
        matmul(s.hb, s.xb, w.w1[l], dim, hidden_dim)
        matmul(s.hb2, s.xb, w.w3[l], dim, hidden_dim)

        # [337-345] SwiGLU: silu of the first, times the second; silu(x) = x * sigmoid(x)
        for i in range(hidden_dim):
            val = s.hb[i]
            val *= 1.0 / (1.0 + expf(-val))
            val *= s.hb2[i]
            s.hb[i] = val

        # [347-348] and down again to dim
        matmul(s.xb, s.hb, w.w2[l], hidden_dim, dim)

        # [350-354] residual connection
        for i in range(dim):
            x[i] += s.xb[i]

    # [356-357]
    rmsnorm(x, x, w.rms_final_weight, dim)

    # [359-362] the classifier: one logit for each token of the vocabulary
    matmul(s.logits, x, w.wcls, dim, p.vocab_size)
    return s.logits


# ----------------------------------------------------------------------------
# The Sampler: from logits to the next token


@dataclass
class Sampler:
    """How the next token is chosen, and the state of the random numbers. run.c 582-588"""

    vocab_size: int
    probindex: list  # (probability, id) of the candidates in top-p sampling
    temperature: float
    topp: float
    rng_state: int  # 64 bits


def sample_argmax(probabilities, n):
    """The index of the largest of n probabilities; the first of equals. run.c 590-601"""
    max_i = 0
    max_p = probabilities[0]
    for i in range(1, n):
        if probabilities[i] > max_p:
            max_i = i
            max_p = probabilities[i]
    return max_i


def sample_mult(probabilities, n, coin):
    """An index drawn from n probabilities that sum to 1; coin: a random number in [0, 1).

    >>> sample_mult([0.5, 0.25, 0.25], 3, 0.6)
    1

    run.c 603-614
    """
    cdf = 0.0
    for i in range(n):
        cdf += probabilities[i]
        if coin < cdf:
            return i
    return n - 1  # rounding


def sample_topp(probabilities, n, topp, probindex, coin):
    """An index drawn from the nucleus: the fewest most probable tokens with more than topp in all.

    probabilities: n floats that sum to 1; probindex: a list, overwritten with the candidates;
    coin: a random number in [0, 1).
    >>> sample_topp([0.1, 0.5, 0.4], 3, 0.8, [], 0.5)
    1

    run.c 624-665
    """
    # [630-641] what is below the cutoff cannot be in the nucleus, and need not be sorted
    probindex.clear()
    cutoff = (1.0 - topp) / (n - 1)
    for i in range(n):
        if probabilities[i] >= cutoff:
            probindex.append((probabilities[i], i))
    # [642] most probable first
    probindex.sort(key=lambda candidate: candidate[0], reverse=True)
    if not probindex:
        return 0  # nothing reaches the cutoff: topp is below 1 / n, or the logits are not numbers

    # [644-653] the nucleus ends where the sum exceeds topp
    cumulative_prob = 0.0
    last_idx = len(probindex) - 1
    for i, (prob, index) in enumerate(probindex):
        cumulative_prob += prob
        if cumulative_prob > topp:
            last_idx = i
            break

    # [655-664] draw from it
    r = coin * cumulative_prob
    cdf = 0.0
    for i in range(last_idx + 1):
        prob, index = probindex[i]
        cdf += prob
        if r < cdf:
            return index
    return probindex[last_idx][1]  # rounding


def build_sampler(vocab_size, temperature, topp, rng_seed):
    """Return a Sampler.

    temperature: 0 is greedy, 1 is the model's own distribution; topp: 0 or 1 is off.
    run.c 667-674
    """
    return Sampler(vocab_size, [], temperature, topp, rng_seed)


def random_u32(sampler):
    """32 random bits, an int, by xorshift* on sampler.rng_state. run.c 680-686"""
    state = sampler.rng_state
    state ^= state >> 12
    state ^= state << 25 & 0xFFFFFFFFFFFFFFFF
    state ^= state >> 27
    sampler.rng_state = state
    return (state * 0x2545F4914F6CDD1D & 0xFFFFFFFFFFFFFFFF) >> 32


def random_f32(sampler):
    """A random float in [0, 1). run.c 687-689"""
    return (random_u32(sampler) >> 8) / 16777216.0


def sample(sampler, logits):
    """Choose the next token; logits, (vocab_size,), turn into probabilities unless it is greedy.

    run.c 691-714
    """
    # [692-696] greedy
    if sampler.temperature == 0.0:
        return sample_argmax(logits, sampler.vocab_size)
    # [697-703] a high temperature levels the probabilities, a low one sharpens them
    for q in range(sampler.vocab_size):
        logits[q] /= sampler.temperature
    softmax(logits, sampler.vocab_size)
    coin = random_f32(sampler)
    # [704-714] from the whole distribution, or from its nucleus
    if sampler.topp <= 0 or sampler.topp >= 1:
        return sample_mult(logits, sampler.vocab_size, coin)
    return sample_topp(logits, sampler.vocab_size, sampler.topp, sampler.probindex, coin)


# ----------------------------------------------------------------------------
# utilities: time


def time_in_ms():
    """The time of day in whole milliseconds. run.c 719-724"""
    return time.time_ns() // 1000000


# ----------------------------------------------------------------------------
# generation loop


def generate(transformer, tokenizer, sampler, prompt, steps):
    """Print the prompt and the text that the model goes on with, until BOS or steps positions.

    prompt: bytes or str; None is no prompt. run.c 729-783
    """
    # [730-740] the prompt as ids, BOS first
    prompt_tokens = encode(tokenizer, prompt or b"", True, False)

    # [742-747]
    start = 0  # set after the first token, which may take longer
    token = prompt_tokens[0]
    pos = 0
    while pos < steps:
        # [749-750]
        logits = forward(transformer, token, pos)

        # [752-760] the next token is the prompt's while that lasts, then the model's
        if pos < len(prompt_tokens) - 1:
            next = prompt_tokens[pos + 1]
        else:
            next = sample(sampler, logits)
        pos += 1

        # [762-763] BOS (1) stands between texts
        if next == 1:
            break

        # [765-773]
        safe_printf(decode(tokenizer, token, next))
        token = next
        if start == 0:
            start = time_in_ms()
    printf(b"\n")

    # [776-783] the first token is not counted
    if pos > 1:
        seconds = max(time_in_ms() - start, 1) / 1000
        print(f"achieved tok/s: {(pos - 1) / seconds:f}", file=sys.stderr)


def read_stdin(guide):
    """Print guide, then read a line; return it as bytes without its end, or None at end of input.

    run.c 785-794
    """
    printf(guide)
    line = getattr(sys.stdin, "buffer", sys.stdin).readline()
    if not line:
        return None
    if isinstance(line, str):
        line = line.encode("utf-8", "surrogateescape")
    line = line.split(b"\0")[0]  # a C string ends at a zero
    return line[:-1] if line.endswith(b"\n") else line


# ----------------------------------------------------------------------------
# chat loop


def chat(transformer, tokenizer, sampler, cli_user_prompt, cli_system_prompt, steps):
    """Talk with a Llama 2 Chat model: the user's lines come from standard input.

    cli_user_prompt, cli_system_prompt: bytes; None asks for them. It ends after steps positions
    or at the end of input. run.c 802-884
    """
    # [805-820]
    user_turn = True
    pos = 0
    while pos < steps:
        # [822-834] the user's turn begins; at position 0 with the system prompt
        if user_turn:
            if pos == 0:
                system_prompt = cli_system_prompt
                if system_prompt is None:
                    system_prompt = read_stdin(b"Enter system prompt (optional): ")
                if system_prompt is None:
                    break
            # [835-842] the user's prompt
            user_prompt = cli_user_prompt
            if pos > 0 or user_prompt is None:
                user_prompt = read_stdin(b"User: ")
            if user_prompt is None:
                break
            # [843-850] both in the form that Llama 2 Chat was trained on
            if pos == 0 and system_prompt:
                rendered_prompt = b"[INST] <<SYS>>\n%s\n<</SYS>>\n\n%s [/INST]" % (
                    system_prompt,
                    user_prompt,
                )
            else:
                rendered_prompt = b"[INST] %s [/INST]" % user_prompt
            # [851-856] as ids
            prompt_tokens = encode(tokenizer, rendered_prompt, True, False)
            user_idx = 0
            user_turn = False
            printf(b"Assistant: ")

        # [858-865] the next token is the prompt's while that lasts, then the model's
        if user_idx < len(prompt_tokens):
            token = prompt_tokens[user_idx]
            user_idx += 1
        else:
            token = next
        # [866-867] EOS (2) hands the turn back
        if token == 2:
            user_turn = True

        # [869-872]
        logits = forward(transformer, token, pos)
        next = sample(sampler, logits)
        pos += 1

        # [874-881] print what the assistant says
        if user_idx >= len(prompt_tokens) and next != 2:
            safe_printf(decode(tokenizer, token, next))
        if next == 2:
            printf(b"\n")
    # [882-884]
    printf(b"\n")


# ----------------------------------------------------------------------------
# CLI


def atof(text):
    """A number rounded to a C float, for argparse. It refuses what is not a number, and nan."""
    try:
        value = array("f", [float(text)])[0]
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return value


def atoi(text):
    """The integer that text begins with, or 0, in a C int."""
    match = re.match(r"[ \t\n\v\f\r]*([+-]?[0-9]+)", text)
    value = int(match.group(1)) if match else 0
    value = max(-(2**63), min(value, 2**63 - 1))  # strtol stops here
    return (value + 2**31) % 2**32 - 2**31


def error_usage():
    """The command line, an ArgumentParser; its error() prints the usage and exits with 2.

    run.c 891-904
    """
    # [892-894]
    parser = argparse.ArgumentParser(
        prog="llama2",
        usage="%(prog)s checkpoint [temperature] [steps] [prompt] [options]",
        description="Tell a story with a Llama 2 model: llama2.c's run.c in plain Python.",
        epilog='example: python llama2.py stories15M.bin 0.8 256 "Once upon a time" --seed=1',
    )
    parser.add_argument("checkpoint", help="the model, a .bin file of llama2.c's version 0")
    for name, kind in ("temperature", atof), ("steps", int), ("prompt", str):
        parser.add_argument(name, nargs="?", type=kind, help="the same as the option below")
    # [895-904]
    for flag, name, kind, help in (
        ("-t", "--temperature", atof, "0 always takes the likeliest token, 1 (default) samples"
         " as the model was trained, more is wilder"),
        ("-p", "--topp", atof, "sample only from the likeliest tokens that have this probability"
         " together, in [0, 1]; 0 or 1: from all (default 0.9)"),
        ("-s", "--seed", atoi, "seed of the random numbers: the same seed tells the same story"
         " (default, and 0: the time)"),
        ("-n", "--steps", int, "most tokens to run for, prompt included; 0: as many as the model"
         " can (default 256)"),
        ("-i", "--prompt", str, "how the text begins (default: empty)"),
        ("-z", "--tokenizer", str, "the tokenizer file (default: NAME.tokenizer.bin for NAME.bin,"
         " else tokenizer.bin beside it, else tokenizer.bin here)"),
        ("-m", "--mode", str, "generate (default) or chat"),
        ("-y", "--system-prompt", str, "in chat mode, what the assistant is told first"),
    ):  # fmt: skip
        parser.add_argument(flag, name, type=kind, help=help, dest=flag[1])
    parser.set_defaults(p="0.9", s="0", m="generate")
    return parser


def find_tokenizer(checkpoint_path):
    """The path of the tokenizer that belongs to a checkpoint.

    Raises ValueError if there is none.
    """
    folder = os.path.dirname(checkpoint_path)
    paths = [
        os.path.splitext(checkpoint_path)[0] + ".tokenizer.bin",
        os.path.join(folder, "tokenizer.bin"),
        "tokenizer.bin",
    ]
    for path in paths:
        if os.path.exists(path):
            return path
    raise ValueError(f"no tokenizer for {checkpoint_path}: name it with -z, or put it beside it")


def main(argv=None):
    """Run the command line argv, a list of str (default: the program's own).

    Returns the exit status, None for success. Bad usage raises SystemExit. run.c 906-972
    """
    # [919-925] whatever follows a flag is its value, even if it begins with a dash
    parser = error_usage()
    words = iter(sys.argv[1:] if argv is None else argv)
    joined = []
    for word in words:
        value = next(words, None) if re.fullmatch("-[tpsnizmy]", word) else None
        joined.append(word if value is None else f"{word}={value}")
    # [926-936] three values are given by their place or by their flag
    args = parser.parse_intermixed_args(joined)
    values = ("temperature", "t", 1.0), ("steps", "n", 256), ("prompt", "i", None)
    for name, flag, default in values:
        by_place, by_flag = getattr(args, name), getattr(args, flag)
        if by_place is not None and by_flag is not None:
            parser.error(f"{name} is given twice: by its place and by -{flag} or --{name}")
        value = by_flag if by_place is None else by_place
        setattr(args, name, default if value is None else value)

    if args.m not in ("generate", "chat"):
        parser.error(f"unknown mode: {args.m}")

    # [938-942] limits
    rng_seed = args.s & 0xFFFFFFFFFFFFFFFF or int(time.time())
    temperature = max(args.temperature, 0.0)
    topp = args.p if 0.0 <= args.p <= 1.0 else atof("0.9")
    steps = max(args.steps, 0)
    prompt, system_prompt = (
        None if text is None else text.encode("utf-8", "surrogateescape")
        for text in (args.prompt, args.y)
    )

    try:
        try:
            # [944-947] the model
            transformer = build_transformer(args.checkpoint)
            config = transformer.config
            if steps == 0 or steps > config.seq_len:
                steps = config.seq_len
            # [949-955] its tokenizer, and the sampler
            tokenizer_path = args.z if args.z is not None else find_tokenizer(args.checkpoint)
            tokenizer = build_tokenizer(tokenizer_path, config.vocab_size)
            sampler = build_sampler(config.vocab_size, temperature, topp, rng_seed)
            # [957-965] run
            if args.m == "chat":
                chat(transformer, tokenizer, sampler, prompt, system_prompt, steps)
            else:
                generate(transformer, tokenizer, sampler, prompt, steps)
        except KeyboardInterrupt:
            printf(b"\n")
            return 130
    # [966-972] errors, and how each ends
    except BrokenPipeError:
        drop_stdout()
        return 141  # as a C program that SIGPIPE ends
    except OSError as error:
        if error.filename is None:  # it was writing that failed
            drop_stdout()
        print(f"llama2: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        return 1
    except MemoryError:
        print(f"llama2: {args.checkpoint} does not fit into memory", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"llama2: {error}", file=sys.stderr)
        return 1


def drop_stdout():
    """Send what standard output still holds nowhere, so that Python's own exit is quiet."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
