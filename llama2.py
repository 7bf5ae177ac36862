"""Inference for a Llama 2 model: llama2.c's run.c said again in plain Python.

    python llama2.py checkpoint [temperature] [steps] [prompt] [options]

Read it beside run.c: each function has the name it has there, and "run.c 217-229" at the end of
its docstring, or [264-279] at the start of a comment, gives the lines that it mirrors.
"""

import math
import os
import signal
import struct
import sys
import time
from array import array
from contextlib import suppress
from dataclasses import dataclass

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # python -P and -I leave it out

from tokenizer import FileError, build_tokenizer, c_string, decode, encode
from tokenizer import eprint, fopen, printf, safe_printf

# ----------------------------------------------------------------------------
# The model: its shape, its weights, its state


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
    """The trained numbers; a matrix (d, n) is a list of d rows, each an array of n. run.c 29-48"""
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
    xb: list  # (dim,) what a block reads, and what it makes
    xb2: list  # (dim,) what the heads found, mixed
    hb: list  # (hidden_dim,) the hidden vector
    hb2: list  # (hidden_dim,) what it is multiplied with
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
    """Make the RunState for a Config p, all zeros. Raises MemoryError. run.c 77-96"""
    # [78-79] a key or a value is shorter than x when query heads share them
    kv_dim = p.dim * p.n_kv_heads // p.n_heads
    try:
        # [80-89] k and v are set in forward
        return RunState(
            x=[0.0] * p.dim,
            xb=[0.0] * p.dim,
            xb2=[0.0] * p.dim,
            hb=[0.0] * p.hidden_dim,
            hb2=[0.0] * p.hidden_dim,
            q=[0.0] * p.dim, k=None, v=None,
            key_cache=[[[0.0] * kv_dim for _ in range(p.seq_len)] for _ in range(p.n_layers)],
            value_cache=[[[0.0] * kv_dim for _ in range(p.seq_len)] for _ in range(p.n_layers)],
            att=[[0.0] * p.seq_len for _ in range(p.n_heads)],
            logits=[0.0] * p.vocab_size,
        )  # fmt: skip
    # [90-96]
    except MemoryError:
        raise MemoryError(f"not enough memory for the state of a model with {p}") from None


def memory_map_weights(p, file, shared_weights):
    """Read the weights that follow in file; EOFError if it ends too early. run.c 111-140"""
    def matrix(d, n):
        rows = [array("f") for _ in range(d)]
        for row in rows: row.fromfile(file, n)
        return rows
    # [112-136] each weight in the order of the file, all layers of it together
    head_size = p.dim // p.n_heads
    layers = range(p.n_layers)
    w = TransformerWeights(
        token_embedding_table=matrix(p.vocab_size, p.dim),
        rms_att_weight=matrix(p.n_layers, p.dim),
        wq=[matrix(p.n_heads * head_size, p.dim) for _ in layers],
        wk=[matrix(p.n_kv_heads * head_size, p.dim) for _ in layers],
        wv=[matrix(p.n_kv_heads * head_size, p.dim) for _ in layers],
        wo=[matrix(p.dim, p.n_heads * head_size) for _ in layers],
        rms_ffn_weight=matrix(p.n_layers, p.dim),
        w1=[matrix(p.hidden_dim, p.dim) for _ in layers],
        w2=[matrix(p.dim, p.hidden_dim) for _ in layers],
        w3=[matrix(p.hidden_dim, p.dim) for _ in layers],
        rms_final_weight=matrix(1, p.dim)[0],
        wcls=None,
    )
    # [137-138] two tables of RoPE's cosines and sines are in the file, but not used any more
    file.seek(4 * p.seq_len * head_size, os.SEEK_CUR)
    # [139-140]
    w.wcls = w.token_embedding_table if shared_weights else matrix(p.vocab_size, p.dim)
    return w


def read_checkpoint(checkpoint):
    """Read a checkpoint; return (Config, TransformerWeights). Raises FileError. run.c 142-162"""
    # [144-147]
    with fopen(checkpoint) as file:
        config = Config(*struct.unpack("<7i", file.read(28)))
        # [148-150] a negative vocab_size says that the classifier has weights of its own
        shared_weights = config.vocab_size > 0
        config.vocab_size = abs(config.vocab_size)
        # [151-154]
        file_size = os.fstat(file.fileno()).st_size
        check_header(checkpoint, config, shared_weights, file_size)
        # [155-162]
        return config, memory_map_weights(config, file, shared_weights)


def check_header(checkpoint, p, shared_weights, file_size):
    """Raise FileError if a checkpoint of file_size bytes is not what its header p says."""
    magic = struct.pack("<i", p.dim)
    other = {b"24ka": f"version {p.hidden_dim}", b"GGUF": "GGUF", b"PK\3\4": "zip"}.get(magic)
    if other:
        raise FileError(f"{checkpoint!r} is {other}: use llama2.c's `export.py --version 0`")
    damaged = f"{checkpoint!r} is damaged or no llama2.c checkpoint: "
    if min(vars(p).values()) < 1 or p.vocab_size < 2:
        raise FileError(f"{damaged}its header says {p}, where a number is too small")
    if p.dim % p.n_heads or p.n_heads % p.n_kv_heads or p.dim // p.n_heads % 2:
        raise FileError(f"{damaged}its header says {p}, which does not divide into even heads")
    size = checkpoint_size(p, shared_weights)
    if file_size != size:
        problem = "cut short" if file_size < size else "too long"
        raise FileError(f"{damaged}it is {problem}, {file_size} bytes instead of {size}")


def checkpoint_size(p, shared_weights):
    """Bytes of a checkpoint file with the Config p: its header and 4 for each weight."""
    head_size = p.dim // p.n_heads
    kv_dim = p.n_kv_heads * head_size
    attention = p.dim + 2 * p.dim * p.dim + 2 * p.dim * kv_dim
    ffn = p.dim + 3 * p.dim * p.hidden_dim
    tables = p.vocab_size * p.dim * (1 if shared_weights else 2)
    return 28 + 4 * (tables + p.n_layers * (attention + ffn) + p.dim + p.seq_len * head_size)


def build_transformer(checkpoint_path):
    """Read a checkpoint and make its state; return a Transformer. run.c 164-169"""
    config, weights = read_checkpoint(checkpoint_path)
    return Transformer(config, weights, malloc_run_state(config))


# ----------------------------------------------------------------------------
# The network and its blocks


def expf(x):
    """e to the power of x; infinity where C has it too, and before math.exp fails (at 710)."""
    return math.inf if x > 700.0 else math.exp(x)


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
    """Turn the first size scores in x into probabilities, in place: from 0 to 1, and 1 in all.

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
        x[i] = expf(x[i] - max_val)
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
    kv_dim = p.dim * p.n_kv_heads // p.n_heads
    kv_mul = p.n_heads // p.n_kv_heads  # query heads that share one key and value head
    hidden_dim = p.hidden_dim
    head_size = dim // p.n_heads
    # [244-246] the token's row of the embedding table is where x begins
    content_row = w.token_embedding_table[token]  # (vocab_size, dim) -> (dim,)
    x[:] = content_row
    # [248-249]
    for l in range(p.n_layers):
        # [251-252] attention looks at x after a norm
        rmsnorm(s.xb, x, w.rms_att_weight[l], dim)
        # [254-257] this position's key and value stay in the cache for the positions to come
        s.k = s.key_cache[l][pos]  # (n_layers, seq_len, kv_dim) -> (kv_dim,)
        s.v = s.value_cache[l][pos]  # (n_layers, seq_len, kv_dim) -> (kv_dim,)
        # [259-262] query, key and value of this position
        matmul(s.q, s.xb, w.wq[l], dim, dim)  # (dim, dim) @ (dim,) -> (dim,)
        matmul(s.k, s.xb, w.wk[l], dim, kv_dim)  # (kv_dim, dim) @ (dim,) -> (kv_dim,)
        matmul(s.v, s.xb, w.wv[l], dim, kv_dim)  # (kv_dim, dim) @ (dim,) -> (kv_dim,)
        # [264-279] RoPE: turn each pair of numbers in q and k by an angle that grows with pos,
        # so that the product of q and k depends on how far apart they are
        for i in range(0, dim, 2):
            head_dim = i % head_size
            freq = 1.0 / 10000.0 ** (head_dim / float(head_size))
            val = pos * freq
            fcr = math.cos(val)
            fci = math.sin(val)
            rotn = 2 if i < kv_dim else 1  # how many vectors have this pair: q and k, or q alone
            for v in range(rotn):
                vec = s.q if v == 0 else s.k
                v0 = vec[i]
                v1 = vec[i + 1]
                vec[i] = v0 * fcr - v1 * fci
                vec[i + 1] = v0 * fci + v1 * fcr
        # [281-288] each head attends on its own, with its part of q, att and xb
        for h in range(p.n_heads):
            hoff = h * head_size  # where its part of q and xb begins
            q = s.q[hoff : hoff + head_size]  # (dim,) -> (head_size,)
            att = s.att[h]  # (n_heads, seq_len) -> (seq_len,)
            kvoff = h // kv_mul * head_size  # where its part of a key or a value begins
            # [289-301] score each position up to this one by how well its key fits the query
            for t in range(pos + 1):
                k = s.key_cache[l][t]  # (n_layers, seq_len, kv_dim) -> (kv_dim,)
                score = 0.0
                for i in range(head_size):
                    score += q[i] * k[kvoff + i]
                score /= math.sqrt(head_size)
                att[t] = score
            # [303-304] the scores become weights
            softmax(att, pos + 1)
            # [306-319] the weighted sum of the values
            xb = s.xb
            xb[hoff : hoff + head_size] = [0.0] * head_size
            for t in range(pos + 1):
                v = s.value_cache[l][t]  # (n_layers, seq_len, kv_dim) -> (kv_dim,)
                a = att[t]
                for i in range(head_size):
                    xb[hoff + i] += a * v[kvoff + i]
        # [321-322] mix what the heads have found
        matmul(s.xb2, s.xb, w.wo[l], dim, dim)  # (dim, dim) @ (dim,) -> (dim,)
        # [324-327] and add it to x: a residual connection
        for i in range(dim):
            x[i] += s.xb2[i]
        # [329-330] the feed-forward network looks at x after a norm too
        rmsnorm(s.xb, x, w.rms_ffn_weight[l], dim)
        # [332-335] up to hidden_dim, twice
        matmul(s.hb, s.xb, w.w1[l], dim, hidden_dim)  # (hidden_dim, dim) @ (dim,) -> (hidden_dim,)
        matmul(s.hb2, s.xb, w.w3[l], dim, hidden_dim)  # the same shapes
        # [337-345] SwiGLU: silu of the first, times the second; silu(x) = x * sigmoid(x)
        for i in range(hidden_dim):
            val = s.hb[i]
            val *= 1.0 / (1.0 + expf(-val))
            val *= s.hb2[i]
            s.hb[i] = val
        # [347-348] and down again to dim
        matmul(s.xb, s.hb, w.w2[l], hidden_dim, dim)  # (dim, hidden_dim) @ (hidden_dim,) -> (dim,)
        # [350-354] residual connection
        for i in range(dim):
            x[i] += s.xb[i]
    # [356-357]
    rmsnorm(x, x, w.rms_final_weight, dim)
    # [359-362] the classifier: one logit for each token of the vocabulary
    matmul(s.logits, x, w.wcls, p.dim, p.vocab_size)  # (vocab_size, dim) @ (dim,) -> (vocab_size,)
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
    """An index drawn from the nucleus: the fewest most probable ones with more than topp in all.

    probabilities: n floats that sum to 1; probindex: a list to work in; coin: as in sample_mult.
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
    n0 = len(probindex)
    if n0 == 0: return 0  # topp is below 1 / n, or the logits are not numbers
    # [642] most probable first
    probindex.sort(key=lambda candidate: candidate[0], reverse=True)
    # [644-653] the nucleus ends where the sum exceeds topp
    cumulative_prob = 0.0
    last_idx = n0 - 1
    for i in range(n0):
        cumulative_prob += probindex[i][0]
        if cumulative_prob > topp:
            last_idx = i
            break
    # [655-665] draw from it
    r = coin * cumulative_prob
    cdf = 0.0
    for i in range(last_idx + 1):
        cdf += probindex[i][0]
        if r < cdf:
            return probindex[i][1]
    return probindex[last_idx][1]  # rounding


def c_float(x):
    """x rounded to a C float, which has 24 binary digits of a double's 53."""
    return array("f", [x])[0]


def build_sampler(vocab_size, temperature, topp, rng_seed):
    """Return a Sampler; temperature 0 is greedy, topp 0 or 1 is off. run.c 667-674"""
    return Sampler(vocab_size, [], c_float(temperature), c_float(topp), rng_seed % 2**64)


def random_u32(sampler):
    """32 random bits, an int, by xorshift* on sampler.rng_state. run.c 680-686"""
    state = sampler.rng_state
    state ^= state >> 12
    state ^= (state << 25) & 0xFFFFFFFFFFFFFFFF
    state ^= state >> 27
    sampler.rng_state = state
    return ((state * 0x2545F4914F6CDD1D) & 0xFFFFFFFFFFFFFFFF) >> 32


def random_f32(sampler):
    """A random float in [0, 1). run.c 687-689"""
    return (random_u32(sampler) >> 8) / 16777216.0


def sample(sampler, logits):
    """Choose the next token; logits, (vocab_size,), become probabilities. run.c 691-714"""
    # [692-696] greedy
    if sampler.temperature == 0.0:
        next = sample_argmax(logits, sampler.vocab_size)
    else:
        # [697-699] a high temperature levels the probabilities, a low one sharpens them
        for q in range(sampler.vocab_size): logits[q] /= sampler.temperature
        # [700-703]
        softmax(logits, sampler.vocab_size)
        coin = random_f32(sampler)
        # [704-714] from the whole distribution, or from its nucleus
        if sampler.topp <= 0 or sampler.topp >= 1:
            next = sample_mult(logits, sampler.vocab_size, coin)
        else:
            next = sample_topp(logits, sampler.vocab_size, sampler.topp, sampler.probindex, coin)
    return next


# ----------------------------------------------------------------------------
# The clock


def time_in_ms():
    """The time of day in whole milliseconds. run.c 719-724"""
    return time.time_ns() // 1000000


# ----------------------------------------------------------------------------
# Telling a story


def generate(transformer, tokenizer, sampler, prompt, steps):
    """Print the prompt (bytes, str, None), then the model's text, until BOS. run.c 729-783"""
    # [730-731]
    if prompt is None: prompt = ""
    # [733-736] the prompt as ids, BOS first
    prompt_tokens = encode(tokenizer, prompt, True, False)
    num_prompt_tokens = len(prompt_tokens)
    # [742-747]
    start = 0  # set after the first token, which may take longer
    token = prompt_tokens[0]
    pos = 0
    while pos < steps:
        # [749-750]
        logits = forward(transformer, token, pos)
        # [752-760] the next token is the prompt's while that lasts, then the model's
        if pos < num_prompt_tokens - 1:
            next = prompt_tokens[pos + 1]
        else:
            next = sample(sampler, logits)
        pos += 1
        # [762-763] BOS (1) stands between texts
        if next == 1: break
        # [765-769]
        piece = decode(tokenizer, token, next)
        safe_printf(piece)
        token = next
        # [771-773]
        if start == 0: start = time_in_ms()
    # [774]
    printf(b"\n")
    # [776-780] the first token is not counted
    if pos > 1:
        end = time_in_ms()
        speed = (pos - 1) / (end - start) * 1000 if end > start else math.inf
        eprint(f"achieved tok/s: {speed:f}")


def read_stdin(guide):
    """Print guide, then read a line, bytes without its end; None at end of input. run.c 785-794"""
    # [786-794]
    printf(guide)
    stdin = getattr(sys.stdin, "buffer", sys.stdin)  # io.StringIO has no buffer
    line = stdin.readline() if stdin else b""
    return c_string(line).split(b"\n")[0] if line else None


# ----------------------------------------------------------------------------
# Talking


def chat(transformer, tokenizer, sampler, cli_user_prompt, cli_system_prompt, steps):
    """Talk with a Llama 2 Chat model for steps positions, or until the user's input ends.

    cli_user_prompt, cli_system_prompt: bytes or str; None: from standard input. run.c 802-884
    """
    # [805-820]
    user_turn = True
    pos = 0
    while pos < steps:
        # [822-834] the user's turn begins; at position 0 with the system prompt
        if user_turn:
            if pos == 0:
                if cli_system_prompt is None:
                    system_prompt = read_stdin(b"Enter system prompt (optional): ")
                else:
                    system_prompt = c_string(cli_system_prompt)
            # [835-842] the user's prompt
            if pos == 0 and cli_user_prompt is not None:
                user_prompt = c_string(cli_user_prompt)
            else:
                user_prompt = read_stdin(b"User: ")
            if user_prompt is None: break
            # [843-850] both in the form that Llama 2 Chat was trained on
            if pos == 0 and system_prompt:
                system_template = b"[INST] <<SYS>>\n%s\n<</SYS>>\n\n%s [/INST]"
                rendered_prompt = system_template % (system_prompt, user_prompt)
            else:
                user_template = b"[INST] %s [/INST]"
                rendered_prompt = user_template % user_prompt
            # [851-856]
            prompt_tokens = encode(tokenizer, rendered_prompt, True, False)
            num_prompt_tokens = len(prompt_tokens)
            user_idx = 0
            user_turn = False
            printf(b"Assistant: ")
        # [858-865] the next token is the prompt's while that lasts, then the model's
        if user_idx < num_prompt_tokens:
            token = prompt_tokens[user_idx]
            user_idx += 1
        else:
            token = next
        # [866-867] EOS (2) hands the turn back
        if token == 2: user_turn = True
        # [869-872]
        logits = forward(transformer, token, pos)
        next = sample(sampler, logits)
        pos += 1
        # [874-879] print what the assistant says
        if user_idx >= num_prompt_tokens and next != 2:
            piece = decode(tokenizer, token, next)
            safe_printf(piece)
        # [880-881]
        if next == 2: printf(b"\n")
    # [882-884]
    printf(b"\n")


# ----------------------------------------------------------------------------
# The command line

USAGE = """\
Usage:   llama2.py checkpoint [temperature] [steps] [prompt] [options]
Example: python llama2.py stories15M.bin 0.8 256 "Once upon a time" --seed=1
Options:
  -t, --temperature <float>   0: always the likeliest token, more: wilder; default 1.0
  -p, --topp <float>          sample from the likeliest that exceed this together; default 0.9
  -s, --seed <int>            the same seed tells the same story; default the time
  -n, --steps <int>           most tokens, prompt included; default 256, 0: the model's limit
  -i, --prompt <string>       how the text begins
  -z, --tokenizer <string>    default NAME.tokenizer.bin, then tokenizer.bin beside NAME.bin or here
  -m, --mode <string>         generate or chat; default generate
  -y, --system-prompt <string>  what a chat begins with
  --                          what follows are values, even if they begin with a dash"""


def error_usage(problem=None):
    """Say in one line what is wrong, or print the usage; raise SystemExit(2). run.c 891-904"""
    eprint(USAGE if problem is None else f"llama2: {problem} (-h shows the usage)")
    raise SystemExit(2)


def atof(flag, value):
    """The value of a flag as a C float."""
    with suppress(ValueError):
        number = c_float(float(value))
        if number == number and value.isascii() and "_" not in value:  # nan is not equal to itself
            return number
    error_usage(f"{flag}: {value!r} is not a number")


def atoi(flag, value):
    """The value of a flag as a C int: the low 32 bits of a long, as atoi gives them."""
    with suppress(ValueError):
        number = min(max(int(value), -2**63), 2**63 - 1)
        if value.isascii() and "_" not in value:
            return (number + 2**31) % 2**32 - 2**31
    error_usage(f"{flag}: {value!r} is not a whole number")


def find_tokenizer(checkpoint_path):
    """The path of the tokenizer that belongs to a checkpoint. Raises FileError if there is none."""
    named = os.path.splitext(checkpoint_path)[0] + ".tokenizer.bin"
    beside = os.path.join(os.path.dirname(checkpoint_path), "tokenizer.bin")
    for path in named, beside, "tokenizer.bin":
        if os.path.exists(path): return path
    raise FileError(f"no tokenizer for {checkpoint_path!r}: name one with -z, or put one beside it")


def interrupt(signum, frame):
    """End the program at the first Ctrl-C; others that follow change nothing."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(argv=None):
    """Run argv, a list of str; return the exit status, None for success. run.c 906-972"""
    # [908-917]
    checkpoint_path = None
    tokenizer_path = None
    temperature = 1.0
    topp = 0.9
    steps = 256
    prompt = None
    rng_seed = 0
    mode = "generate"
    system_prompt = None
    # Ctrl-C, unless it is ignored or a notebook's
    if argv is None and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    try:
        # [919-925] a value without a flag is the next one of these
        places = ["checkpoint", "--temperature", "--steps", "--prompt"]
        flags = True  # until "--"
        words = list(sys.argv[1:] if argv is None else argv)
        while words:
            flag = words.pop(0)
            if flags and flag in ("-h", "--help"): return printf(f"{USAGE}\n".encode())
            if flags and flag == "--":
                flags = False
                continue
            if not flags or flag[:1] != "-":
                value = flag
                flag = places.pop(0) if places else error_usage(f"surplus value {value!r}")
            elif flag[:2] == "--" and "=" in flag:
                flag, value = flag.split("=", 1)
            else:
                value = words.pop(0) if words else error_usage(f"no value for {flag!r}")
            # [926-936]
            if flag == "checkpoint": checkpoint_path = value
            elif flag in ("-t", "--temperature"): temperature = atof(flag, value)
            elif flag in ("-p", "--topp"): topp = atof(flag, value)
            elif flag in ("-s", "--seed"): rng_seed = atoi(flag, value)
            elif flag in ("-n", "--steps"): steps = atoi(flag, value)
            elif flag in ("-i", "--prompt"): prompt = value
            elif flag in ("-z", "--tokenizer"): tokenizer_path = value
            elif flag in ("-m", "--mode"): mode = value
            elif flag in ("-y", "--system-prompt"): system_prompt = value
            else: error_usage(f"unknown option {flag!r}")
        if checkpoint_path is None: error_usage()
        # [938-942]
        if rng_seed == 0: rng_seed = int(time.time())
        if temperature < 0.0: temperature = 0.0
        if topp < 0.0 or 1.0 < topp: topp = 0.9
        if steps < 0: steps = 0
        # [944-947]
        transformer = build_transformer(checkpoint_path)
        if steps == 0 or steps > transformer.config.seq_len: steps = transformer.config.seq_len
        # [949-951]
        if tokenizer_path is None: tokenizer_path = find_tokenizer(checkpoint_path)
        tokenizer = build_tokenizer(tokenizer_path, transformer.config.vocab_size)
        # [953-955]
        sampler = build_sampler(transformer.config.vocab_size, temperature, topp, rng_seed)
        # [957-965]
        if mode == "generate":
            generate(transformer, tokenizer, sampler, prompt, steps)
        elif mode == "chat":
            chat(transformer, tokenizer, sampler, prompt, system_prompt, steps)
        else:
            error_usage(f"unknown mode {mode!r}")
    except KeyboardInterrupt:
        with suppress(OSError): printf(b"\n")
        return 130
    except BrokenPipeError: return 141  # as a C program that SIGPIPE ends
    except (FileError, MemoryError, OSError) as error:  # an OSError: output could not be written
        eprint(f"llama2: {str(error) or 'not enough memory'}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
