"""Llama 2 inference: llama2.c's run.c ported, line by line, to plain Python.

    python llama2.py checkpoint [temperature] [steps] [prompt] [options]

Read it beside run.c. Each function has the same name there, and "run.c 217-229" at
the end of its docstring, or [264-279] at the start of a comment, gives the lines that
it mirrors. Some names from C, such as next, sum and len, hide Python's functions.
"""

import functools
import math
import os
import re
import signal
import struct
import sys
import time
from array import array
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # for this import only
try:
    from tokenizer import FileError, build_tokenizer, c_string, decode, decoder, encode
    from tokenizer import eprint, open_file, printf, safe_printf
except ImportError as error:  # another library's module, in sys.modules or this folder
    raise SystemExit(f"llama2: another module named tokenizer is in the way: {error}")
finally:
    sys.path.pop(0)

# ----------------------------------------------------------------------------
# The Transformer: its shape, its weights, its state


@dataclass
class Config:
    """The sizes of the network, from the header of a checkpoint. run.c 19-27"""
    dim: int  # length of a token's vector
    hidden_dim: int  # length of the hidden vector in the feed-forward network
    n_layers: int
    n_heads: int  # query heads
    n_kv_heads: int  # key and value heads: fewer in grouped-query attention
    vocab_size: int
    seq_len: int  # positions that the model can attend to


@dataclass
class TransformerWeights:
    """The trained weights; a matrix (d, n) is a list of d arrays of n. run.c 29-48"""
    token_embedding_table: list  # (vocab_size, dim)
    rms_att_weight: list  # (n_layers, dim)
    rms_ffn_weight: list  # (n_layers, dim)
    wq: list  # (n_layers, dim, dim)
    wk: list  # (n_layers, kv_dim, dim); kv_dim == n_kv_heads * head_size
    wv: list  # (n_layers, kv_dim, dim)
    wo: list  # (n_layers, dim, dim)
    w1: list  # (n_layers, hidden_dim, dim)
    w2: list  # (n_layers, dim, hidden_dim)
    w3: list  # (n_layers, hidden_dim, dim)
    rms_final_weight: array  # (dim,)
    wcls: list  # (vocab_size, dim) the classifier, often token_embedding_table itself


@dataclass
class RunState:
    """The activations of the current token, and the KV cache. run.c 50-65"""
    x: list  # (dim,) the residual stream
    xb: list  # (dim,) x after a norm; the heads' outputs; w2's output
    xb2: list  # (dim,) attention's output: wo times the heads' outputs
    hb: list  # (hidden_dim,) w1 x, then the hidden vector
    hb2: list  # (hidden_dim,) w3 x
    q: list  # (dim,) query
    k: list  # (kv_dim,) key: a row of key_cache
    v: list  # (kv_dim,) value: a row of value_cache
    att: list  # (n_heads, seq_len) attention scores, then weights
    logits: list  # (vocab_size,) the output
    key_cache: list  # (n_layers, seq_len, kv_dim)
    value_cache: list  # (n_layers, seq_len, kv_dim)


@dataclass
class Transformer:
    """A model. [72-74] The file is closed after it is read. run.c 67-75"""
    config: Config
    weights: TransformerWeights
    state: RunState


def malloc_run_state(p):
    """Allocate a RunState for a Config p, zeroed. Raises MemoryError. run.c 77-96"""
    # [78-79] keys and values are shorter than x if query heads share them
    kv_dim = (p.dim * p.n_kv_heads) // p.n_heads
    def calloc(n, *shape):
        return [calloc(*shape) for _ in range(n)] if shape else [0.0] * n
    # [80-89] k and v are set in forward
    return RunState(
        x=calloc(p.dim),
        xb=calloc(p.dim),
        xb2=calloc(p.dim),
        hb=calloc(p.hidden_dim),
        hb2=calloc(p.hidden_dim),
        q=calloc(p.dim),
        key_cache=calloc(p.n_layers, p.seq_len, kv_dim),
        value_cache=calloc(p.n_layers, p.seq_len, kv_dim),
        att=calloc(p.n_heads, p.seq_len),
        logits=calloc(p.vocab_size),
        k=None, v=None,
    )


def memory_map_weights(p, file, shared_weights):
    """Read the weights from an open file. Raises EOFError. run.c 111-140"""
    def matrix(d, n):  # (d, n)
        rows = [array("f") for _ in range(d)]
        for row in rows:
            try: row.fromfile(file, n)
            except ValueError: raise EOFError from None  # the file ends within a number
        return rows
    def stack(n_layers, d, n): return [matrix(d, n) for _ in range(n_layers)]
    # [112-136] the weights in the file's order, all layers of each one together
    head_size = p.dim // p.n_heads
    n_layers = p.n_layers
    w = TransformerWeights(
        token_embedding_table=matrix(p.vocab_size, p.dim),
        rms_att_weight=matrix(n_layers, p.dim),
        wq=stack(n_layers, p.n_heads * head_size, p.dim),
        wk=stack(n_layers, p.n_kv_heads * head_size, p.dim),
        wv=stack(n_layers, p.n_kv_heads * head_size, p.dim),
        wo=stack(n_layers, p.dim, p.n_heads * head_size),
        rms_ffn_weight=matrix(n_layers, p.dim),
        w1=stack(n_layers, p.hidden_dim, p.dim),
        w2=stack(n_layers, p.dim, p.hidden_dim),
        w3=stack(n_layers, p.hidden_dim, p.dim),
        rms_final_weight=matrix(1, p.dim)[0],
        wcls=None,
    )
    # [137-138] skip two tables that older versions used for RoPE
    matrix(p.seq_len, head_size // 2)
    matrix(p.seq_len, head_size // 2)
    # [139-140] the classifier: the embedding table, or a separate matrix
    w.wcls = w.token_embedding_table if shared_weights else matrix(p.vocab_size, p.dim)
    return w


def read_checkpoint(checkpoint):
    """Read the Config and weights of a checkpoint. Raises FileError. run.c 142-162"""
    # [144-147] the header: seven integers
    with open_file(checkpoint) as file:
        config = Config(*struct.unpack("<7i", file.read(28)))
        # [148-150] a negative vocab_size means that the classifier is not shared
        shared_weights = config.vocab_size > 0
        config.vocab_size = abs(config.vocab_size)
        # [151-154] the file size, which must match the header
        file.seek(0, os.SEEK_END)
        file_size = file.tell()
        check_header(checkpoint, config, shared_weights, file_size)
        # [155-162] the weights: C maps them into memory, Python reads them
        file.seek(28)
        return config, memory_map_weights(config, file, shared_weights)


def check_header(path, p, shared_weights, file_size):
    """Raise FileError if the header p is impossible or does not match file_size."""
    kinds = {b"24ka": f"version {p.hidden_dim}", b"GGUF": "GGUF", b"PK\3\4": "zip"}
    kind = kinds.get(struct.pack("<i", p.dim))
    if kind:
        raise FileError(f"{path!r} is {kind}: use llama2.c's `export.py --version 0`")
    damaged = f"{path!r} is damaged or not a llama2.c checkpoint: "
    if min(vars(p).values()) < 1 or p.vocab_size < 2:
        raise FileError(f"{damaged}a number in its header, {p}, is too small")
    if p.dim % p.n_heads or p.n_heads % p.n_kv_heads or p.dim // p.n_heads % 2:
        raise FileError(f"{damaged}{p} cannot be divided into heads of an even size")
    size = checkpoint_size(p, shared_weights)
    if file_size != size:
        problem = "cut short" if file_size < size else "too long"
        raise FileError(f"{damaged}{problem}, {file_size} bytes instead of {size}")


def checkpoint_size(p, shared_weights):
    """Return a checkpoint's size in bytes: a header, and 4 bytes for each weight."""
    head_size = p.dim // p.n_heads
    layer = p.dim * (2 + 2 * p.dim + 2 * p.n_kv_heads * head_size + 3 * p.hidden_dim)
    tables = p.vocab_size * p.dim * (1 if shared_weights else 2)
    return 28 + 4 * (tables + p.n_layers * layer + p.dim + p.seq_len * head_size)


def build_transformer(checkpoint_path):
    """Read a checkpoint, allocate its state and return a Transformer. run.c 164-169"""
    config, weights = read_checkpoint(checkpoint_path)
    try: state = malloc_run_state(config)
    except MemoryError: raise MemoryError(f"not enough memory for {config}") from None
    return Transformer(config, weights, state)


# ----------------------------------------------------------------------------
# The blocks of the network, and the network


def expf(x): return math.inf if x > 700.0 else math.exp(x)  # C: inf above 88.7


def rmsnorm(o, x, weight, size):
    """Scale x to a mean square of 1, then multiply each element by its weight.

    >>> o = [0.0, 0.0]; rmsnorm(o, [3.0, -3.0], [1.0, 2.0], 2); [round(v, 4) for v in o]
    [1.0, -2.0]

    o, x, weight: size floats each; o is overwritten, and may be x itself. run.c 182-195
    """
    # [183-190] 1 divided by the root of the mean square; 1e-5 keeps it finite
    ss = 0.0
    for j in range(size):
        ss += x[j] * x[j]
    ss /= size
    ss += 1e-5
    ss = 1.0 / math.sqrt(ss)
    # [191-195] normalize and scale
    for j in range(size):
        o[j] = weight[j] * (ss * x[j])


def softmax(x, size):
    """Turn the first size scores in x into probabilities, which sum to 1, in place.

    >>> x = [0.0, math.log(3.0)]; softmax(x, 2); [round(v, 4) for v in x]
    [0.25, 0.75]

    run.c 197-215
    """
    # [198-204] with the largest score at 0, exp cannot overflow
    max_val = x[0]
    for i in range(1, size):
        if x[i] > max_val:
            max_val = x[i]
    # [205-210] exponentials and their sum
    sum = 0.0
    for i in range(size):
        x[i] = expf(x[i] - max_val)
        sum += x[i]
    # [211-215] normalize
    for i in range(size):
        x[i] /= sum


def matmul(xout, x, w, n, d):
    """xout = W x: nearly all the time is spent here.

    >>> w = [[1.0, 2.0], [3.0, 4.0]]
    >>> xout = [0.0, 0.0]; matmul(xout, [1.0, 10.0], w, 2, 2); xout
    [21.0, 43.0]

    w: d rows of n floats, x: n floats, xout: d floats, overwritten. run.c 217-229
    """
    for i in range(d):
        row = w[i]
        val = 0.0
        for j in range(n):
            val += row[j] * x[j]
        xout[i] = val


def forward(transformer, token, pos):
    """Run the network on one token at one position; return the next token's logits.

    token: an id below vocab_size; pos: below seq_len, after all earlier positions.
    Returns state.logits, (vocab_size,), which the next call overwrites. run.c 231-362
    """
    # [233-242] short names
    p = transformer.config
    w = transformer.weights
    s = transformer.state
    x = s.x
    dim = p.dim
    kv_dim = (p.dim * p.n_kv_heads) // p.n_heads
    kv_mul = p.n_heads // p.n_kv_heads  # query heads that share a key/value head
    hidden_dim = p.hidden_dim
    head_size = dim // p.n_heads
    # [244-246] x starts as the token's row of the embedding table
    content_row = w.token_embedding_table[token]  # (vocab_size, dim) -> (dim,)
    x[:] = content_row  # a copy
    # [248-249] run each layer
    for l in range(p.n_layers):
        # [251-252] a norm before attention
        rmsnorm(s.xb, x, w.rms_att_weight[l], dim)
        # [254-257] k and v are rows of the KV cache; [255] no layer offset is needed
        s.k = s.key_cache[l][pos]  # (n_layers, seq_len, kv_dim) -> (kv_dim,)
        s.v = s.value_cache[l][pos]  # (n_layers, seq_len, kv_dim) -> (kv_dim,)
        # [259-262] the query, key and value at this position
        matmul(s.q, s.xb, w.wq[l], dim, dim)  # (dim, dim) @ (dim,)
        matmul(s.k, s.xb, w.wk[l], dim, kv_dim)  # (kv_dim, dim) @ (dim,)
        matmul(s.v, s.xb, w.wv[l], dim, kv_dim)  # (kv_dim, dim) @ (dim,)
        # [264-279] RoPE: rotate each pair of numbers in q and k by an angle that grows
        # with pos, so that their dot product depends on how far apart the tokens are
        for i in range(0, dim, 2):
            head_dim = i % head_size
            freq = 1.0 / 10000.0 ** (head_dim / float(head_size))
            val = pos * freq
            fcr = math.cos(val)
            fci = math.sin(val)
            rotn = 2 if i < kv_dim else 1  # 2: q and k have this pair, 1: only q has it
            for v in range(rotn):
                vec = s.q if v == 0 else s.k
                v0 = vec[i]
                v1 = vec[i + 1]
                vec[i] = v0 * fcr - v1 * fci
                vec[i + 1] = v0 * fci + v1 * fcr
        # [281-288] for each head, take its part of q, att and xb; C's pointer into
        # the middle of a buffer is a list and an offset in Python
        for h in range(p.n_heads):
            q, qoff = s.q, h * head_size  # [286] (dim,)
            att = s.att[h]  # [288] (n_heads, seq_len) -> (seq_len,)
            # [289-301] score each position up to pos by how well its key matches q
            for t in range(pos + 1):
                k, koff = s.key_cache[l][t], (h // kv_mul) * head_size  # [292]
                score = 0.0
                for i in range(head_size):
                    score += q[qoff + i] * k[koff + i]
                score /= math.sqrt(head_size)
                att[t] = score
            # [303-304] turn the scores into weights
            softmax(att, pos + 1)
            # [306-319] the weighted sum of the values
            xb, xboff = s.xb, h * head_size  # [307] (dim,)
            xb[xboff : xboff + head_size] = [0.0] * head_size
            for t in range(pos + 1):
                v, voff = s.value_cache[l][t], (h // kv_mul) * head_size  # [311]
                a = att[t]
                for i in range(head_size):
                    xb[xboff + i] += a * v[voff + i]
        # [321-322] mix the heads' outputs
        matmul(s.xb2, s.xb, w.wo[l], dim, dim)  # (dim, dim) @ (dim,)
        # [324-327] residual connection: add the result to x
        for i in range(dim):
            x[i] += s.xb2[i]
        # [329-330] a norm before the feed-forward network
        rmsnorm(s.xb, x, w.rms_ffn_weight[l], dim)
        # [332-335] project up to hidden_dim, twice
        matmul(s.hb, s.xb, w.w1[l], dim, hidden_dim)  # (hidden_dim, dim) @ (dim,)
        matmul(s.hb2, s.xb, w.w3[l], dim, hidden_dim)  # (hidden_dim, dim) @ (dim,)
        # [337-345] SwiGLU: silu(w1 x) times w3 x; silu(x) = x * sigmoid(x)
        for i in range(hidden_dim):
            val = s.hb[i]
            val *= 1.0 / (1.0 + expf(-val))
            val *= s.hb2[i]
            s.hb[i] = val
        # [347-348] project back down to dim
        matmul(s.xb, s.hb, w.w2[l], hidden_dim, dim)  # (dim, hidden_dim) @ (hidden_dim,)
        # [350-354] residual connection
        for i in range(dim):
            x[i] += s.xb[i]
    # [356-357] the final norm
    rmsnorm(x, x, w.rms_final_weight, dim)
    # [359-362] the classifier: a logit for each token in the vocabulary
    matmul(s.logits, x, w.wcls, p.dim, p.vocab_size)  # (vocab_size, dim) @ (dim,)
    return s.logits


# ----------------------------------------------------------------------------
# The Sampler: from logits to the next token (364-571, the tokenizer, is tokenizer.py)


@dataclass
class Sampler:
    """The sampling settings, and the state of the random numbers. run.c 582-588"""
    vocab_size: int
    probindex: list  # (probability, id) of the candidates in top-p sampling
    temperature: float
    topp: float
    rng_state: int  # 64 bits


def sample_argmax(probabilities, n):
    """Return the index of the largest of n probabilities or logits. run.c 590-601"""
    max_i = 0
    max_p = probabilities[0]
    for i in range(1, n):
        if probabilities[i] > max_p:
            max_i = i
            max_p = probabilities[i]
    return max_i


def sample_mult(probabilities, n, coin):
    """Draw an index from n probabilities that sum to 1; coin is random, in [0, 1).

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
    """Draw an index from the nucleus, the top probabilities whose sum exceeds topp.

    >>> sample_topp([0.1, 0.5, 0.4], 3, 0.8, [], 0.5)
    1

    probindex: a list to work in; the rest is as in sample_mult. run.c 624-665
    """
    # [630-641] no id below the cutoff can be in the nucleus, so leave it out
    n0 = 0
    probindex.clear()
    cutoff = (1.0 - topp) / (n - 1)
    for i in range(n):
        if probabilities[i] >= cutoff:
            probindex.append((probabilities[i], i))
            n0 += 1
    if n0 == 0: return 0  # topp is below 1 / n, or the logits are nan
    # [642] the most probable first
    probindex.sort(key=lambda candidate: candidate[0], reverse=True)
    # [644-653] the nucleus ends where the sum exceeds topp
    cumulative_prob = 0.0
    last_idx = n0 - 1
    for i in range(n0):
        cumulative_prob += probindex[i][0]
        if cumulative_prob > topp:
            last_idx = i
            break
    # [655-665] draw from the nucleus
    r = coin * cumulative_prob
    cdf = 0.0
    for i in range(last_idx + 1):
        cdf += probindex[i][0]
        if r < cdf:
            return probindex[i][1]
    return probindex[last_idx][1]  # rounding


def build_sampler(vocab_size, temperature, topp, rng_seed):
    """Return a Sampler; temperature 0: greedy; topp 0 or 1: no top-p. run.c 667-674"""
    return Sampler(
        vocab_size=vocab_size,
        temperature=c_float(temperature),
        topp=c_float(topp),
        rng_state=rng_seed % 2**64,
        probindex=[],
    )


def random_u32(sampler):
    """Return 32 random bits as an int: xorshift* on sampler.rng_state. run.c 680-686"""
    state = sampler.rng_state
    state ^= state >> 12
    state ^= (state << 25) & 0xFFFFFFFFFFFFFFFF
    state ^= state >> 27
    sampler.rng_state = state
    return ((state * 0x2545F4914F6CDD1D) & 0xFFFFFFFFFFFFFFFF) >> 32


def random_f32(sampler):
    """Return a random float in [0, 1). run.c 687-689"""
    return (random_u32(sampler) >> 8) / 16777216.0


def sample(sampler, logits):
    """Choose the next token; logits become probabilities in place. run.c 691-714"""
    # [692-696] greedy
    if sampler.temperature == 0.0:
        next = sample_argmax(logits, sampler.vocab_size)
    else:
        # [697-699] a high temperature flattens the distribution, a low one sharpens it
        for q in range(sampler.vocab_size): logits[q] /= sampler.temperature
        # [700-701] turn the logits into probabilities
        softmax(logits, sampler.vocab_size)
        # [702-703]
        coin = random_f32(sampler)
        # [704-714] draw from the whole distribution, or from its nucleus
        if sampler.topp <= 0 or sampler.topp >= 1:
            next = sample_mult(logits, sampler.vocab_size, coin)
        else:
            n, topp, probindex = sampler.vocab_size, sampler.topp, sampler.probindex
            next = sample_topp(logits, n, topp, probindex, coin)
    return next


# ----------------------------------------------------------------------------
# Utilities: time


def time_in_ms():
    """Return the time of day in whole milliseconds. run.c 719-724"""
    return time.time_ns() // 1000000


# ----------------------------------------------------------------------------
# The generation loop


def generate(transformer, tokenizer, sampler, prompt, steps):
    """Print prompt (bytes, str or None) and its continuation. run.c 729-783"""
    # [730-731] None means an empty prompt
    if prompt is None: prompt = ""
    # [733-736] the prompt's ids, with BOS first
    prompt_tokens = encode(tokenizer, prompt, True, False)
    num_prompt_tokens = len(prompt_tokens)
    # [742-747] the main loop
    start = 0  # set after the first token, which can take longer
    token = prompt_tokens[0]
    pos = 0
    while pos < steps:
        # [749-750] the logits of the next token
        logits = forward(transformer, token, pos)
        # [752-760] the next token comes from the prompt, then from the model
        if pos < num_prompt_tokens - 1:
            next = prompt_tokens[pos + 1]
        else:
            next = sample(sampler, logits)
        pos += 1
        # [762-763] BOS (1) separates texts
        if next == 1: break
        # [765-769] print it
        piece = decode(tokenizer, token, next)
        safe_printf(piece)
        token = next
        # [771-773] start the clock
        if start == 0: start = time_in_ms()
    # [774] end the line
    printf(b"\n")
    # [776-780] the first token is not counted
    if pos > 1:
        end = time_in_ms()
        speed = (pos - 1) / (end - start) * 1000 if end > start else math.inf
        eprint(f"achieved tok/s: {speed:f}")


def read_stdin(guide):
    """Print guide; return a line of input as bytes, or None at EOF. run.c 785-794"""
    printf(b"%s", guide)
    stdin = getattr(sys.stdin, "buffer", sys.stdin)  # io.StringIO has no buffer
    buffer = stdin.readline() if stdin else b""
    if not buffer: return None
    buffer = c_string(buffer)
    if buffer[-1:] == b"\n":
        buffer = buffer[:-1]
    return buffer


# ----------------------------------------------------------------------------
# The chat loop


def chat(transformer, tokenizer, sampler, cli_user_prompt, cli_system_prompt, steps):
    """Chat with a Llama 2 Chat model for steps positions, or until the input ends.

    cli_user_prompt, cli_system_prompt: bytes, str, or None to ask for it. run.c 802-884
    """
    # [805-820] the user starts
    user_turn = True
    pos = 0
    while pos < steps:
        # [822-834] the user's turn; position 0 starts with the system prompt
        if user_turn:
            if pos == 0:
                if cli_system_prompt is None:
                    system_prompt = read_stdin(b"Enter system prompt (optional): ")
                else:
                    system_prompt = c_string(cli_system_prompt)
            # [835-842] the user's prompt, from the command line or the input
            if pos == 0 and cli_user_prompt is not None:
                user_prompt = c_string(cli_user_prompt)
            else:
                user_prompt = read_stdin(b"User: ")
            if user_prompt is None: break
            # [843-850] put both into the form that Llama 2 Chat was trained on
            if pos == 0 and system_prompt:
                system_template = b"[INST] <<SYS>>\n%s\n<</SYS>>\n\n%s [/INST]"
                rendered_prompt = system_template % (system_prompt, user_prompt)
            else:
                user_template = b"[INST] %s [/INST]"
                rendered_prompt = user_template % user_prompt
            # [851-856] turn them into ids
            prompt_tokens = encode(tokenizer, rendered_prompt, True, False)
            num_prompt_tokens = len(prompt_tokens)
            user_idx = 0
            user_turn = False
            printf(b"Assistant: ")
        # [858-865] the token to run comes from the prompt, then from the model
        if user_idx < num_prompt_tokens:
            token = prompt_tokens[user_idx]
            user_idx += 1
        else:
            token = next
        # [866-867] EOS (2) ends the assistant's turn
        if token == 2: user_turn = True
        # [869-872] the next token
        logits = forward(transformer, token, pos)
        next = sample(sampler, logits)
        pos += 1
        # [874-879] print what the assistant says
        if user_idx >= num_prompt_tokens and next != 2:
            piece = decode(tokenizer, token, next)
            safe_printf(piece)
        # [880-881] end the line
        if next == 2: printf(b"\n")
    # [882-884] end the line
    printf(b"\n")


# ----------------------------------------------------------------------------
# The command line

USAGE = """\
Usage:   llama2.py checkpoint [temperature] [steps] [prompt] [options]
Example: python llama2.py data/swiss.bin 0.8 256 "Once upon a time" --seed=1
Options:
  -t, --temperature <float>  0 always takes the most probable token; default 1.0
  -p, --topp <float>         sample from the top tokens that sum to this; default 0.9
  -s, --seed <int>           the same seed gives the same story; default: the time
  -n, --steps <int>          tokens, with the prompt; default 256; 0: the model's limit
  -i, --prompt <string>      the beginning of the text
  -z, --tokenizer <string>   default: NAME.tokenizer.bin, or tokenizer.bin there or here
  -m, --mode <string>        generate or chat; default generate
  -y, --system-prompt <string>  instructions for the assistant
  --                         the rest are values, even if they begin with a dash"""

LONG = {long: flag for flag, long in re.findall(r"(-\w), (--[\w-]+)", USAGE)}


def error_usage(problem=None):
    """Print what is wrong, or the usage; raise SystemExit(2). run.c 891-904"""
    eprint(USAGE if problem is None else f"llama2: {problem} (-h shows the usage)")
    raise SystemExit(2)


def number(kind, flag, value):
    """Convert the value of a flag to kind, float or int; exit if it is invalid."""
    with suppress(ValueError):
        if value.isascii() and "_" not in value and kind(value) == kind(value):
            return kind(value)  # nan is not equal to itself
    flag = ", ".join([flag] + [long for long in LONG if LONG[long] == flag])
    hint = ": the prompt is the fourth value, or use -i" if value[:1].isalpha() else ""
    error_usage(f"{flag}: {value!r} is not a {'whole ' * (kind is int)}number{hint}")


def c_float(x): return array("f", [x])[0]  # rounded from 53 binary digits to 24
def c_int(x): return (min(max(x, -(2**63)), 2**63 - 1) + 2**31) % 2**32 - 2**31
def atof(flag, value): return c_float(number(float, flag, value))
def atoi(flag, value): return c_int(number(int, flag, value))  # the low half of a long


def find_tokenizer(checkpoint_path):
    """Return the path of a checkpoint's tokenizer. Raises FileError."""
    named = os.path.splitext(checkpoint_path)[0] + ".tokenizer.bin"
    beside = os.path.join(os.path.dirname(checkpoint_path), "tokenizer.bin")
    for path in named, beside, "tokenizer.bin":
        if os.path.exists(path): return path
    raise FileError(f"no tokenizer for {checkpoint_path!r}: name one with -z")


def c_argv(words):
    """Put a command line into run.c's form: checkpoint, flag, value, flag, value, ...

    The first value without a flag is the checkpoint; others go to the first of -t, -n
    and -i that has not been given yet.
    """
    checkpoint, pairs, places, flags = [], [], ["-t", "-n", "-i"], True
    words = iter(words)
    for word in words:
        if flags and word in ("-h", "--help"):
            printf(b"%s\n", USAGE.encode())
            raise SystemExit
        elif flags and word == "--": flags = False
        elif flags and word[:1] == "-":
            flag, equals, value = word.partition("=" if word[:2] == "--" else "\0")
            pairs += [LONG.get(flag, flag), *([value] if equals else islice(words, 1))]
        elif not checkpoint: checkpoint = [word]
        else:
            places = [flag for flag in places if flag not in pairs[::2]]
            if not places: error_usage(f"unexpected value {word!r}")
            pairs += [places[0], word]
    return checkpoint + pairs if checkpoint else []


def command(main):
    """Let main be called without argv, and return a status instead of printing a traceback."""
    def interrupt(signum, frame):  # the first Ctrl-C; later ones do nothing
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    @functools.wraps(main)
    def run(argv=None):
        # catch Ctrl-C, unless it is ignored or a notebook or another thread has it
        if argv is None and signal.getsignal(2) is signal.default_int_handler:
            with suppress(ValueError): signal.signal(signal.SIGINT, interrupt)
        decoder.reset()  # drop half a character of an interrupted run
        try:
            return main(["llama2", *c_argv(sys.argv[1:] if argv is None else argv)])
        except SystemExit as exit: return exit.code
        except KeyboardInterrupt:
            with suppress(OSError): printf(b"\n")
            return 130
        except BrokenPipeError: return 141  # like a C program that SIGPIPE ends
        except (FileError, MemoryError, OSError, UnicodeEncodeError) as error:
            eprint(f"llama2: {str(error) or 'not enough memory'}")
            return 1
    return run


@command
def main(argv):
    """Run the command in argv; return the status, None for success. run.c 906-972"""
    # [908-917] defaults
    checkpoint_path = None
    tokenizer_path = None  # found beside the checkpoint
    temperature = 1.0
    topp = 0.9
    steps = 256
    prompt = None
    rng_seed = 0
    mode = "generate"
    system_prompt = None
    # [919-921] the checkpoint, then flags
    argc = len(argv)
    if argc >= 2: checkpoint_path = argv[1]
    else: error_usage()
    for i in range(2, argc, 2):
        # [922-925] a flag is a dash and a letter (see c_argv), and has a value
        if len(argv[i]) != 2: error_usage(f"unknown option {argv[i]!r}")
        if i + 1 >= argc: error_usage(f"no value for {argv[i]!r}")
        # [926-936] its value
        if argv[i][1] == "t": temperature = atof(argv[i], argv[i + 1])
        elif argv[i][1] == "p": topp = atof(argv[i], argv[i + 1])
        elif argv[i][1] == "s": rng_seed = atoi(argv[i], argv[i + 1])
        elif argv[i][1] == "n": steps = atoi(argv[i], argv[i + 1])
        elif argv[i][1] == "i": prompt = os.fsencode(argv[i + 1])
        elif argv[i][1] == "z": tokenizer_path = argv[i + 1]
        elif argv[i][1] == "m": mode = argv[i + 1]
        elif argv[i][1] == "y": system_prompt = os.fsencode(argv[i + 1])
        else: error_usage(f"unknown option {argv[i]!r}")
    # [938-942] limits
    if rng_seed == 0: rng_seed = int(time.time())
    if temperature < 0.0: temperature = 0.0
    if topp < 0.0 or 1.0 < topp: topp = 0.9
    if steps < 0: steps = 0
    # [944-947] the Transformer
    transformer = build_transformer(checkpoint_path)
    p = transformer.config
    if steps == 0 or steps > p.seq_len: steps = p.seq_len
    # [949-951] the Tokenizer
    if tokenizer_path is None: tokenizer_path = find_tokenizer(checkpoint_path)
    tokenizer = build_tokenizer(tokenizer_path, p.vocab_size)
    # [953-955] the Sampler
    sampler = build_sampler(p.vocab_size, temperature, topp, rng_seed)
    # [957-965] run
    if mode == "generate":
        generate(transformer, tokenizer, sampler, prompt, steps)
    elif mode == "chat":
        chat(transformer, tokenizer, sampler, prompt, system_prompt, steps)
    else:
        error_usage(f"unknown mode {mode!r}")


if __name__ == "__main__": sys.exit(main())
