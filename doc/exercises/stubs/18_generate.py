r"""18. generate: tell a story                                                run.c 729-774

The loop around everything: run the network on a token, choose the next, print it, run the network
on that one. While the prompt lasts, the next token is not chosen but taken from it.

    prompt   a str or None, which means an empty one
    steps    how many times to call forward, at most

    encode(tokenizer, text, bos, eos) returns the ids; it takes a str here
    forward(transformer, token, pos) returns the logits, sample(sampler, logits) an id
    decode(tokenizer, prev_token, token) returns bytes, safe_printf(piece) prints them,
    printf(b"\n") prints bytes as they are

For example a prompt with the ids [1, 259, 260]: forward runs on 1 at position 0, and 259 is
printed, whatever the logits say; it runs on 259 at position 1, and 260 is printed; it runs on 260
at position 2, and the token that sample chooses from its logits is printed, and so on. BOS (1) as
the next token ends the story and is not printed; a newline is.

You may leave out the clock (lines 743, 771-773 and 776-780) and free, and there is always a token.
"""

from parts import decode, encode, forward, printf, safe_printf, sample


def generate(transformer, tokenizer, sampler, prompt, steps):
    raise NotImplementedError
