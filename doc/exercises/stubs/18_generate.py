r"""18. generate: tell a story                                                run.c 729-774

This is the loop around everything: run the network on a token, choose the next token, print it, and
run the network on that one. Until the prompt is used up, the next token comes from the prompt.

    prompt   a str, or None, which means an empty prompt
    steps    the maximum number of calls to forward

    encode(tokenizer, text, bos, eos) returns the ids; it takes a str here
    forward(transformer, token, pos) returns the logits, sample(sampler, logits) an id
    decode(tokenizer, prev_token, token) returns bytes, safe_printf(piece) prints them,
    printf(b"\n") prints bytes as they are

For example, with a prompt whose ids are [1, 259, 260]: forward runs on 1 at position 0, and 259 is
printed, whatever the logits are; it runs on 259 at position 1, and 260 is printed; it runs on 260
at position 2, and the token that sample chooses from its logits is printed, and so on. If the next
token is BOS (1), the story ends and BOS is not printed. A newline ends the output.

You may leave out the clock (lines 743, 771-773 and 776-780), the call to free, and the check for an
empty list of tokens, because it is never empty.
"""

from parts import decode, encode, forward, printf, safe_printf, sample


def generate(transformer, tokenizer, sampler, prompt, steps):
    raise NotImplementedError
