"""The Byte Pair Encoding (BPE) tokenizer of run.c: text to token ids and back.

Text is bytes throughout, as in C; encode takes a str too. run.c 364-571
"""

import codecs
import os
import re
import struct
import sys
from dataclasses import dataclass

# C's sscanf(piece, "<0x%02hhX>"): two characters at most, white space and a sign are taken too
BYTE_TOKEN = re.compile(rb"<0x[ \t\n\v\f\r]*(0[xX]|[0-9A-Fa-f]{1,2}|[+-][0-9A-Fa-f])")


@dataclass
class Tokenizer:
    """The vocabulary, read from a tokenizer file by build_tokenizer. run.c 372-379"""

    vocab: list  # (vocab_size,) the bytes of each token
    vocab_scores: list  # (vocab_size,) floats; encode merges the pair with the best score first
    sorted_vocab: dict  # bytes -> id, made when encode first needs it; a dict needs no sorting
    vocab_size: int
    max_token_length: int
    byte_pieces: list  # (256,) all single bytes


def fopen(path):
    """Open a file to read its bytes; what may never end, such as a named pipe, is refused.

    Raises ValueError when it is no regular file, OSError when it may not be read.
    """
    if not os.path.isfile(path):
        exists = "is not a regular file" if os.path.exists(path) else "does not exist"
        problem = "is a folder" if os.path.isdir(path) else exists
        raise ValueError(f"{path} {problem}: give the path of a .bin file")
    return open(path, "rb")


def build_tokenizer(tokenizer_path, vocab_size):
    """Read the tokenizer file, which must hold exactly vocab_size tokens; return a Tokenizer.

    Raises OSError when it cannot be read, ValueError when it is damaged or not the right one.
    run.c 385-409
    """
    # [387-395] the empty Tokenizer
    t = Tokenizer([], [], {}, vocab_size, 0, [bytes([i]) for i in range(256)])
    # [396-400] the file begins with the length of the longest token
    with fopen(tokenizer_path) as file:
        left = os.fstat(file.fileno()).st_size - 4
        if left < 0:
            raise ValueError(f"{tokenizer_path} is no tokenizer: it is too short to hold one token")
        (t.max_token_length,) = struct.unpack("<I", file.read(4))
        # [401-407] then comes each token: its score, its length, its bytes
        for i in range(vocab_size):
            if left == 0:
                raise ValueError(
                    f"{tokenizer_path} holds {i} tokens, but the checkpoint has {vocab_size}: it is"
                    " another model's tokenizer; name the right one with -z"
                )
            score, length = struct.unpack("<fi", file.read(8)) if left >= 8 else (0.0, left)
            if length <= 0:
                raise ValueError(
                    f"{tokenizer_path} is damaged or no tokenizer: token {i} has length {length}"
                )
            left -= 8 + length
            if left < 0:
                raise ValueError(
                    f"{tokenizer_path} is cut short, damaged or no tokenizer: it ends inside token"
                    f" {i} of {vocab_size}; get it again, or name another with -z"
                )
            t.vocab_scores.append(score)
            t.vocab.append(file.read(length).split(b"\0")[0])  # a C string ends at a zero
    # [408-409] nothing may follow
    if left > 0:
        raise ValueError(
            f"{tokenizer_path} holds more than the {vocab_size} tokens of the checkpoint: it is"
            " another model's tokenizer; name the right one with -z"
        )
    return t


def decode(t, prev_token, token):
    """The bytes that token stands for when it follows prev_token.

    After BOS (1) a leading space is dropped; a byte token such as <0x0A> becomes that byte.
    run.c 418-429
    """
    piece = t.vocab[token]
    if prev_token == 1 and piece[:1] == b" ":
        piece = piece[1:]
    match = BYTE_TOKEN.match(piece)
    if match:
        digits = match.group(1)
        # "0x" leaves C's two characters without a digit behind the prefix: it reads 0
        piece = t.byte_pieces[0 if digits in (b"0x", b"0X") else int(digits, 16) & 0xFF]
    return piece


utf8 = codecs.getincrementaldecoder("utf-8")("replace")


def printf(text):
    """Write bytes to standard output at once, as printf and fflush do.

    Where sys.stdout takes only str (a notebook, io.StringIO) they are decoded as UTF-8; the bytes
    of a character may come in several calls.
    """
    out = getattr(sys.stdout, "buffer", None)
    if out is None:
        print(utf8.decode(text), end="", flush=True)
    else:
        sys.stdout.flush()  # what print has written comes first
        out.write(text)
        out.flush()


def safe_printf(piece):
    """Print a token's bytes, but not a lone byte that is neither printable nor white space.

    run.c 431-443
    """
    if not piece or piece[0] == 0:
        return
    if len(piece) == 1 and not (32 <= piece[0] <= 126 or 9 <= piece[0] <= 13):
        return
    printf(piece)


def str_lookup(str, sorted_vocab):
    """The id of the token that is exactly the bytes str, or -1.

    >>> str_lookup(b"at", {b"a": 3, b"at": 4})
    4

    run.c 445-450
    """
    return sorted_vocab.get(str, -1)


def encode(t, text, bos, eos):
    """The token ids of text, a list; bos puts 1 before them, eos puts 2 behind them.

    text: bytes, or a str that is taken as UTF-8. It ends at a zero, as a C string does.
    Raises ValueError when the vocabulary has no token for a space or for a byte of the text.
    run.c 452-571
    """
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogateescape")
    text = text.split(b"\0")[0]

    # [457-465] the index of the vocabulary
    if not t.sorted_vocab:
        for i in range(t.vocab_size):
            t.sorted_vocab.setdefault(t.vocab[i], i)

    # [467-476] begin with BOS, if wanted
    tokens = []
    if bos:
        tokens.append(1)

    # [478-485] sentencepiece puts a space before every text that is not empty
    if text:
        dummy_prefix = str_lookup(b" ", t.sorted_vocab)
        if dummy_prefix == -1:
            raise ValueError("the tokenizer has no token for a space: it cannot encode text")
        tokens.append(dummy_prefix)

    # [487-517] collect the bytes of one UTF-8 character: one, then up to three that begin with
    # the bits 10
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and text[end] & 0xC0 == 0x80 and end - start < 4:
            continue
        # [519-534] a character that is no token falls back to its bytes; <unk>, BOS and EOS
        # come before the 256 byte tokens, hence + 3
        id = str_lookup(text[start:end], t.sorted_vocab)
        if id != -1:
            tokens.append(id)
        else:
            for byte in text[start:end]:
                if byte + 3 >= t.vocab_size:
                    raise ValueError(f"the tokenizer has no token for the byte 0x{byte:02X}")
                tokens.append(byte + 3)
        start = end

    # [536-552] find the pair of neighbours whose merged token has the best score
    while True:
        best_score = -1e10
        best_id = -1
        best_idx = -1
        for i in range(len(tokens) - 1):
            id = str_lookup(t.vocab[tokens[i]] + t.vocab[tokens[i + 1]], t.sorted_vocab)
            if id != -1 and t.vocab_scores[id] > best_score:
                best_score = t.vocab_scores[id]
                best_id = id
                best_idx = i
        # [554-565] merge it, until no two neighbours are a token together
        if best_idx == -1:
            break
        tokens[best_idx : best_idx + 2] = [best_id]

    # [567-571] end with EOS, if wanted
    if eos:
        tokens.append(2)
    return tokens
