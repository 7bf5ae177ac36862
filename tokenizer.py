"""The Byte Pair Encoding (BPE) tokenizer: text to token ids and back. run.c 367-571"""

import os
import re
import struct
import sys
from contextlib import contextmanager
from dataclasses import dataclass


class FileError(ValueError):
    """A file cannot be read, is damaged or is the wrong one; the message says so in one line."""

@contextmanager
def fopen(path):
    """Open a file to read its bytes. Whatever is wrong with it meanwhile raises FileError."""
    if not os.path.isfile(path):  # a named pipe, for one, might never end
        problem = "is not a regular file" if os.path.exists(path) else "does not exist"
        raise FileError(f"{path!r} {'is a folder' if os.path.isdir(path) else problem}")
    try:
        with open(path, "rb") as file:
            yield file
    except OSError as error:
        raise FileError(f"{path!r} cannot be read: {error.strerror}") from None
    except FileError:
        raise
    except (EOFError, ValueError, struct.error):  # what reading too few bytes leads to
        raise FileError(f"{path!r} is cut short: get it again") from None


def printf(text):
    """Write bytes to standard output at once, as C's printf and fflush do."""
    out = getattr(sys.stdout, "buffer", None)
    if out is None:  # a notebook or io.StringIO takes only str
        return print(text.decode("utf-8", "replace"), end="", flush=True)
    try:
        sys.stdout.flush()  # what print has written comes first
        out.write(text)
        out.flush()
    except OSError:  # what is left goes nowhere, so that Python does not complain when it exits
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def eprint(line):
    """Print a line on standard error, or nowhere if that is closed or full."""
    try:
        if sys.stderr: print(line, file=sys.stderr, flush=True)
    except OSError:
        sys.stderr = None  # Python would try again when it exits


def c_string(text):
    """text, a str or bytes, as the bytes of a C string, which ends at a zero."""
    if isinstance(text, str): text = text.encode("utf-8", "surrogateescape")
    return text.split(b"\0")[0]


@dataclass
class Tokenizer:
    """The vocabulary, read from a tokenizer file by build_tokenizer. run.c 372-379"""
    vocab: list  # (vocab_size,) the bytes of each token
    vocab_scores: list  # (vocab_size,) floats; encode merges the pair with the best score first
    sorted_vocab: dict  # bytes -> id, made when encode first needs it; a dict needs no sorting
    vocab_size: int
    max_token_length: int
    byte_pieces: list  # (256,) all single bytes


def build_tokenizer(tokenizer_path, vocab_size):
    """Read a file of vocab_size tokens; return a Tokenizer. Raises FileError. run.c 385-409"""
    # [386-395]
    t = Tokenizer([], [], {}, vocab_size, 0, [bytes([i]) for i in range(256)])
    wrong = f"the {vocab_size} tokens of the checkpoint: name another tokenizer with -z"
    # [396-399] the file begins with the length of the longest token
    with fopen(tokenizer_path) as file:
        (t.max_token_length,) = struct.unpack("<I", file.read(4))
        # [400-407] then comes each token: its score, its length, its bytes
        for i in range(vocab_size):
            start = file.read(8)
            if not start:
                raise FileError(f"{tokenizer_path!r} holds {i} tokens, not {wrong}")
            score, len = struct.unpack("<fi", start)
            if not 1 <= len <= t.max_token_length:
                raise FileError(f"{tokenizer_path!r} is damaged: token {i} has length {len}")
            (piece,) = struct.unpack(f"{len}s", file.read(len))  # struct.error if cut short
            t.vocab_scores.append(score)
            t.vocab.append(c_string(piece))
        # [408-409]
        if file.read(1):
            raise FileError(f"{tokenizer_path!r} holds more than {wrong}")
    if vocab_size < 259 or b" " not in t.vocab:
        raise FileError(f"{tokenizer_path!r} lacks a token for a space or for each byte")
    return t


def decode(t, prev_token, token):
    """The bytes that token stands for when it follows prev_token. run.c 418-429"""
    # [419-421] the first word of a text has no space before it
    piece = t.vocab[token]
    if prev_token == 1 and piece[:1] == b" ": piece = piece[1:]
    # [422-429] a token such as <0x0A> is a byte
    match = re.match(rb"<0x([0-9A-Fa-f]{1,2})", piece)
    if match: piece = t.byte_pieces[int(match[1], 16)]
    return piece


def safe_printf(piece):
    """Print a piece, but not a lone byte that is no text. run.c 431-443"""
    # [432-441]
    if not piece or piece[0] == 0: return
    if len(piece) == 1:
        byte_val = piece[0]
        if not (32 <= byte_val <= 126 or 9 <= byte_val <= 13): return
    # [442-443]
    printf(piece)


def str_lookup(str, sorted_vocab):
    """The id of the token that is exactly the bytes str, or -1. run.c 445-450"""
    return sorted_vocab.get(str, -1)


def encode(t, text, bos, eos):
    """The token ids of text, bytes or str, a list; bos puts 1 before them, eos puts 2 behind them.

    run.c 452-571
    """
    # [453-455]
    text = c_string(text)
    # [457-465]
    if not t.sorted_vocab:
        for i in range(t.vocab_size):
            t.sorted_vocab.setdefault(t.vocab[i], i)
    # [467-473] the bytes of one character, later those of two neighbours
    str_buffer = b""
    tokens = []
    # [475-476]
    if bos: tokens.append(1)
    # [478-485] sentencepiece puts a space before every text that is not empty
    if text != b"":
        dummy_prefix = str_lookup(b" ", t.sorted_vocab)
        tokens.append(dummy_prefix)
    # [487-496] UTF-8: a character is one byte, then up to three that begin with the bits 10
    for c in range(len(text)):
        # [498-507] any other byte begins a character
        if (text[c] & 0xC0) != 0x80:
            str_buffer = b""
        # [509-511]
        str_buffer += text[c : c + 1]
        # [513-517] the next byte belongs to this character too
        if c + 1 < len(text) and (text[c + 1] & 0xC0) == 0x80 and len(str_buffer) < 4:
            continue
        # [519-520] the character is complete
        id = str_lookup(str_buffer, t.sorted_vocab)
        # [522-534] one that is no token falls back to its bytes, whose ids begin at 3
        if id != -1:
            tokens.append(id)
        else:
            for byte in str_buffer:
                tokens.append(byte + 3)
        str_buffer = b""
    # [536-540]
    while True:
        best_score = -1e10
        best_id = -1
        best_idx = -1
        # [542-552] the pair of neighbours whose merged token has the best score
        for i in range(len(tokens) - 1):
            str_buffer = t.vocab[tokens[i]] + t.vocab[tokens[i + 1]]
            id = str_lookup(str_buffer, t.sorted_vocab)
            if id != -1 and t.vocab_scores[id] > best_score:
                best_score = t.vocab_scores[id]
                best_id = id
                best_idx = i
        # [554-556] no two neighbours are a token together
        if best_idx == -1:
            break
        # [558-565] one token in place of two
        tokens[best_idx] = best_id
        del tokens[best_idx + 1]
    # [567-568]
    if eos: tokens.append(2)
    return tokens
