r"""18. generate: tell a story                                                run.c 729-774

The loop around it all: run the network on a token, choose the next, print it, run the network on
that. While the prompt lasts, the next token is not chosen but taken from it.

    prompt   str or None, which is an empty one
    steps    how many times forward is called, at most

    encode(tokenizer, text, bos, eos) returns the ids; it takes str here
    forward(transformer, token, pos) returns the logits, sample(sampler, logits) an id
    decode(tokenizer, prev_token, token) returns bytes, safe_printf(piece) prints them,
    printf(b"\n") prints bytes as they are

For example a prompt of the ids [1, 259, 260]: forward is called for 1 at position 0, whatever it
says 259 is printed; for 259 at 1, 260 is printed; for 260 at 2, and what sample makes of its
logits is printed, and so on. BOS (1) as the next token ends the story and is not printed; a
newline is.

The clock (lines 743, 771-773 and 776-780) and free may be left out, and there is always a token.
"""

from parts import decode, encode, forward, printf, safe_printf, sample


def generate(transformer, tokenizer, sampler, prompt, steps):
    raise NotImplementedError
