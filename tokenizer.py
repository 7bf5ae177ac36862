"""The Byte Pair Encoding (BPE) tokenizer: text to token ids and back. run.c 367-571

It comes after the replacements for C's libraries. The names str and len are C's.
"""

import codecs
import os
import re
import struct
import sys
from contextlib import contextmanager
from dataclasses import dataclass

# ----------------------------------------------------------------------------
# Replacements for C's stdio.h, ctype.h and string.h

# a notebook prints str, so bytes wait here until a character is complete
decoder = codecs.getincrementaldecoder("utf-8")("replace")


class FileError(ValueError):
    """A file is missing, damaged or the wrong one. The message says so in one line."""


@contextmanager
def open_file(path):
    """Open a file to read bytes. Any problem with it raises FileError."""
    if not os.path.isfile(path):  # a named pipe, say, might never end
        problem = "is not a regular file" if os.path.exists(path) else "does not exist"
        raise FileError(f"{path!r} {'is a folder' if os.path.isdir(path) else problem}")
    try:
        with open(path, "rb") as file:
            yield file
    except OSError as error:
        raise FileError(f"{path!r} cannot be read: {error.strerror}") from None
    except (EOFError, struct.error):  # raised if too few bytes were read
        raise FileError(f"{path!r} is cut short or is the wrong file") from None


def printf(format, *values):
    """Write bytes to standard output and flush it, like C's printf and fflush."""
    text = format % values
    out = getattr(sys.stdout, "buffer", None)
    if out is None:  # a notebook or io.StringIO
        return print(decoder.decode(text), end="", flush=True)
    try:
        sys.stdout.flush()  # what print has written must come first
        out.write(text)
        out.flush()
    except OSError:  # discard the rest, so that Python does not complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def eprint(line):
    """Print a line to standard error, unless that is closed or full."""
    try:
        if sys.stderr: print(line, file=sys.stderr, flush=True)
    except OSError: sys.stderr = None  # Python would try again at exit


def c_string(text):
    """Return text, a str or bytes, as bytes up to the first zero, like a C string."""
    if isinstance(text, str): text = text.encode("utf-8", "surrogateescape")
    return text.split(b"\0")[0]


def isprint(c): return 32 <= c <= 126
def isspace(c): return c == 32 or 9 <= c <= 13


# ----------------------------------------------------------------------------
# The Tokenizer


@dataclass
class Tokenizer:
    """The vocabulary, read from a tokenizer file by build_tokenizer. run.c 372-379"""
    vocab: list  # (vocab_size,) the bytes of each token
    vocab_scores: list  # (vocab_size,) floats; the best-scoring pair is merged first
    sorted_vocab: dict  # bytes -> id, built by encode; a dict needs no sorting
    vocab_size: int
    max_token_length: int
    byte_pieces: list  # (256,) all single bytes


def build_tokenizer(tokenizer_path, vocab_size):
    """Read a file of vocab_size tokens. Raises FileError. run.c 385-409"""
    # [386-395] encode builds sorted_vocab
    vocab = [b""] * vocab_size
    vocab_scores = [0.0] * vocab_size
    # [396-399] the file begins with the length of the longest token
    with open_file(tokenizer_path) as file:
        (max_token_length,) = struct.unpack("<I", file.read(4))
        wrong = f"the {vocab_size} tokens the checkpoint needs: choose another with -z"
        # [400-407] then, for each token, its score, its length and its bytes
        for i in range(vocab_size):
            start = file.read(8)
            if not start:
                raise FileError(f"{tokenizer_path!r} holds {i} tokens, not {wrong}")
            vocab_scores[i], len = struct.unpack("<fi", start)
            if not 1 <= len <= max_token_length:
                problem = f"is damaged: token {i} has length {len}"
                if start[:4] == b"<unk": problem = "is from July 2023, without scores"
                raise FileError(f"{tokenizer_path!r} {problem}: export it again")
            (piece,) = struct.unpack(f"{len}s", file.read(len))
            vocab[i] = c_string(piece)
        # [408-409]
        if file.read(1): raise FileError(f"{tokenizer_path!r} holds more than {wrong}")
    pieces = [bytes([i]) for i in range(256)]
    return Tokenizer(vocab, vocab_scores, None, vocab_size, max_token_length, pieces)


def decode(t, prev_token, token):
    """Return the bytes that token stands for after prev_token. run.c 418-429"""
    # [419-421] the first word of a text has no space before it
    piece = t.vocab[token]
    if prev_token == 1 and piece[:1] == b" ": piece = piece[1:]
    # [422-429] a token such as <0x0A> is a single byte
    match = re.match(rb"<0x([0-9A-Fa-f]{1,2})", piece)
    if match:
        byte_val = int(match[1], 16)
        piece = t.byte_pieces[byte_val]
    return piece


def safe_printf(piece):
    """Print a piece, unless it is a control byte or half a character. run.c 431-443"""
    # [432-441]
    if piece is None: return
    if piece == b"": return
    if len(piece) == 1:
        byte_val = piece[0]
        if not (isprint(byte_val) or isspace(byte_val)):
            return
    # [442-443]
    printf(b"%s", piece)


def str_lookup(str, sorted_vocab):
    """Return the id of the token that is exactly the bytes str, or -1. run.c 445-450"""
    return sorted_vocab.get(str, -1)


def encode(t, text, bos, eos):
    """Return the token ids of text, bytes or str; bos puts 1 first, eos puts 2 last.

    Raises FileError if the vocabulary lacks a byte of text. run.c 452-571
    """
    # [453-455] text is never None here
    text = c_string(text)
    # [457-465] build it first, then assign it, so that threads can share a Tokenizer
    if t.sorted_vocab is None:
        sorted_vocab = {}
        for i in range(t.vocab_size):
            sorted_vocab.setdefault(t.vocab[i], i)
        t.sorted_vocab = sorted_vocab
    # [467-473] the bytes of one character, later those of two neighbours
    str_buffer = b""
    str_len = 0
    tokens = []
    # [475-476]
    if bos: tokens.append(1)
    # [478-485] SentencePiece puts a space before every text that is not empty
    if text != b"":
        dummy_prefix = str_lookup(b" ", t.sorted_vocab)
        tokens.append(dummy_prefix)
    # [487-496] UTF-8: a character is a byte and up to three that start with the bits 10
    for c in range(len(text)):
        # [498-507] any other byte starts a character
        if (text[c] & 0xC0) != 0x80:
            str_len = 0
        # [509-511] append the byte
        str_buffer = str_buffer[:str_len] + text[c : c + 1]
        str_len += 1
        # [513-517] the next byte belongs to this character too
        if c + 1 < len(text) and (text[c + 1] & 0xC0) == 0x80 and str_len < 4:
            continue
        # [519-520] the character is complete
        id = str_lookup(str_buffer, t.sorted_vocab)
        # [522-534] if it is not a token, each of its bytes is one: their ids start at 3
        if id != -1:
            tokens.append(id)
        else:
            for i in range(str_len):
                tokens.append(str_buffer[i] + 3)
        str_len = 0
    # [536-540] merge until no pair is left; C would read outside a small vocabulary
    if tokens and not 0 <= min(tokens) <= max(tokens) < t.vocab_size:
        raise FileError("the tokenizer has no token for a space or a byte of the text")
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
        # [554-556] no two neighbours form a token
        if best_idx == -1:
            break
        # [558-565] replace the two tokens with one
        tokens[best_idx] = best_id
        del tokens[best_idx + 1]
    # [567-568]
    if eos: tokens.append(2)
    return tokens
