"""Measure the model in this folder on names and prompts that it never saw in training.

    pypy3 data/measure.py
    pypy3 data/measure.py --part names

It prints the stories and the faults that it finds, for a person to read, and then a table of
figures and goals. All parts together take three minutes on PyPy and about an hour on CPython. The
parts names and heads do not need the word list (see stories.py).
"""

import argparse
import collections
import difflib
import functools
import itertools
import os
import random
import re
import sys
from array import array

DATA = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(DATA), DATA]

import llama2
import stories
from tokenizer import build_tokenizer, decode, encode
from unseen import NAMES, PROMPTS, UNSEEN

# beginnings of stories
HEROES = [
    "Once upon a time, there was a {kind} named {n}.",
    "In that small Swiss town, there lived a {kind} named {n}.",
    "{n} was a shy {kind}.",
    "A brave {kind} named {n} lived in Zermatt.",
]
# beginnings that end where only the hero's name fits, as its second mention
SECOND_MENTIONS = [
    "In that small Swiss town, there lived a kind {kind} named {n}. {n}",
    "A shy {kind} named {n} lived in Zermatt. {n}",
    "{n} lived in Thun, a pretty town by the lake. {n}",
    "It was winter in Davos. A funny {kind} named {n} looked out of the window. {n}",
    "I know a {kind} called {n} ... That is how the story of {n}",
]


# ----------------------------------------------------------------------------
# The model


def generate(transformer, tokenizer, prompt, seed):
    """Return the model's text after prompt, and the token that follows each position.

    The text is sampled at temperature 0.8 and top-p 0.9, as with
    `llama2.py CHECKPOINT 0.8 512 PROMPT -s SEED`.
    """
    temperature, topp = array("f", [0.8, 0.9])
    sampler = llama2.build_sampler(transformer.config.vocab_size, temperature, topp, seed)
    tokens = encode(tokenizer, prompt, True, False)
    start = len(tokens)
    for pos in range(512):
        logits = llama2.forward(transformer, tokens[pos], pos)
        if pos + 1 == len(tokens): tokens.append(llama2.sample(sampler, logits))
        if tokens[pos + 1] == 1: break  # BOS ends a story
    pieces = [decode(tokenizer, *pair) for pair in zip(tokens[start - 1 :], tokens[start:])
              if pair[1] != 1]
    return b"".join(pieces).decode("utf-8", "replace"), tokens[1:]


def attention(transformer, tokens):
    """Return the attention weights at each position: att[pos][l * n_heads + h][t]."""
    att, softmax = [], llama2.softmax

    def recording(x, size):
        softmax(x, size)
        att[-1].append(x[:size])

    llama2.softmax = recording
    for pos, token in enumerate(tokens):
        att.append([])
        llama2.forward(transformer, token, pos)
    llama2.softmax = softmax
    return att


def mentions(tokenizer, tokens, name):
    """Return the tokens of name, and where its first and last mention begin in tokens."""
    expected = encode(tokenizer, name, False, False)
    n = len(expected)
    first, *_, last = (i for i in range(len(tokens)) if tokens[i : i + n] == expected)
    return expected, first, last


# ----------------------------------------------------------------------------
# Its stories


def words(text):
    """
    >>> words('"Hi," said Jean-Luc.')
    ['Hi', 'said', 'Jean-Luc']
    """
    return re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)


def after_first_sentence(text):
    """
    >>> after_first_sentence('"Good morning!" called Mia. She was happy.')
    'She was happy.'
    """
    return re.sub(r'^.*?[.!?]"? (?=["A-Z])', "", " ".join(text.split()))


@functools.lru_cache(maxsize=None)
def read_corpus():
    """Return the words, the names and the texts (without sentence 1) of 60,000 training stories."""
    n, rng = 60000, random.Random(1)  # train.py's seed
    count, named, later = collections.Counter(), collections.Counter(), set()
    for _ in range(n):
        text = stories.story(rng)
        present = set(words(text))
        if not UNSEEN & present:
            count.update(present)
            named.update(re.findall(r"(?:named|said|asked|friend|Frau) ([A-Z][\w-]+)", text))
            later.add(after_first_sentence(text))
    # a word of the text is in at least one of a thousand stories; an invented name is in fewer
    vocabulary, people = ({w for w in c if 1000 * c[w] >= n} for c in (count, named))
    return vocabulary, people, later


def names(text):
    """Return the names of people in text: capitalised words without any other use."""
    vocabulary, people, _ = read_corpus()
    capitalised = [word for word in words(text) if word[0].isupper()]
    return [word for word in capitalised if word in people or not {word, word.lower()} & vocabulary]


def strangers(known, text):
    """Return the names in text that are not in known and not introduced ("a friend named Tim")."""
    faults = []
    for name in sorted(set(names(text)).difference(words(known))):
        before = text[: re.search(rf"\b{name}\b", text).start()]
        if not re.search(r"(friends?|named|called|was|and|of|Frau) $", before):
            faults.append(f"who is {name[:20]}?")
    return faults


def name_faults(beginning, text, hero):
    """Return what is wrong with the names in text; the beginning before it names the hero.

    The hero must be named at least twice, once of them after the first paragraph, and must not be
    introduced again. Nobody else may have a similar name or appear without an introduction.
    """
    named = names(text)
    faults = strangers(beginning, text)
    if named.count(hero) < 2 or hero not in names(text.partition("\n")[2] or text):
        faults.append(f"{hero} is forgotten")
    if re.search(rf"(friend|named) {hero}\b", text):
        faults.append(f"{hero} is introduced again")
    for other in sorted(set(named) - {hero}):
        if difflib.SequenceMatcher(None, other, hero).ratio() > 0.7:
            faults.append(f"{hero} becomes {other[:20]}")
    return faults


def pronoun_faults(text, kind):
    """Return the wrong pronouns: he, him or his in a girl's story, she or her in a boy's.

    >>> pronoun_faults('Priya put on his coat. "She waits," said Priya.', "girl")
    ['his']
    """
    wrong = {"girl": ["he", "him", "his", "himself"], "boy": ["she", "her", "herself"]}[kind]
    return [word for word in words(re.sub(r'"[^"]*("|$)', " ", text)) if word.lower() in wrong]


def form_faults(prompt, text):
    """Return the faults of a story that can be found without understanding it."""
    known = read_corpus()[0].union(names(text), words(prompt))
    known |= {word.lower() for word in known} | {word.capitalize() for word in known}
    faults = [f"{word[:20]} is not a word" for word in sorted(set(words(text)) - known)]
    faults += strangers((prompt + text).partition("\n")[0], text)
    if any(line.count('"') % 2 for line in (prompt + text).splitlines()):
        faults.append("an open quote")
    sentences = collections.Counter(re.split(r"(?<=[.!?])\s+", text))
    faults += [f"{n} times {sentence!r}" for sentence, n in sentences.items() if n > 2]
    return faults


# ----------------------------------------------------------------------------
# The parts: each prints what it examines and returns rows of the table: what, value, goal


def measure_names(transformer, tokenizer):
    """Is each token of a name the most likely one at the name's second mention?"""
    whole = 0
    for template in SECOND_MENTIONS:
        right = 0
        for name, kind in NAMES:
            tokens = encode(tokenizer, template.format(n=name, kind=kind), True, False)
            expected, _, start = mentions(tokenizer, tokens, name)
            predicted = []
            for pos, token in enumerate(tokens[:-1]):
                logits = llama2.forward(transformer, token, pos)
                if pos + 1 >= start:
                    predicted.append(llama2.sample_argmax(logits, len(logits)))
            right += predicted == expected
            if predicted != expected:
                print(name, b"".join(tokenizer.vocab[token] for token in predicted))
        print(f"--- {right} of {len(NAMES)}: {template}\n")
        whole += right
    share = 100 * whole / len(NAMES) / len(SECOND_MENTIONS)
    return [("names predicted whole at their second mention, %", f"{share:.1f}", "98")]


def measure_heroes(transformer, tokenizer):
    """Do the hero's name and pronoun stay the same to the end of a story?"""
    rows = []
    for (name, kind), template in zip(NAMES, itertools.cycle(HEROES)):
        beginning = template.format(n=name, kind=kind)
        text, _ = generate(transformer, tokenizer, beginning, 1)
        faults = name_faults(beginning, text, name), pronoun_faults(text, kind)
        rows.append((not faults[0], not any(faults)))
        if any(faults): print(f"--- {faults[0]} {faults[1]}\n{beginning}|{text}\n")
    same_name, same_both = map(sum, zip(*rows))
    return [
        (f"names that stay the same to the end, of {len(NAMES)}", same_name, "90"),
        (f"stories in which the pronoun stays the same too, of {len(NAMES)}", same_both, "90"),
    ]


def measure_prompts(transformer, tokenizer):
    """Three stories after each prompt."""
    rows = []
    for seed in 1, 2, 3:
        for prompt, subject in PROMPTS:
            text, tokens = generate(transformer, tokenizer, prompt, seed)
            joined, ended = text[:1].isalpha(), 1 in tokens
            faults = form_faults(prompt, text)
            if joined: faults.append("the last word is continued")
            if not ended: faults.append("no end")
            said = {word: len(re.findall(rf"\b{word}", text, re.I)) for word in subject.split()}
            rows.append((joined, not faults, bool(said), bool(said) and all(said.values()), ended,
                         1 in tokens[:256]))
            print(f"--- {len(rows)}: {faults or 'good'}, subject {said}\n{prompt}|{text}\n")
    n = len(rows)
    joined, good, subjects, kept, whole, short = map(sum, zip(*rows))
    return [
        (f"prompts whose last word the model continues, of {n}", joined, f"at most {n // 20}"),
        (f"stories in which the script finds no fault, of {n}", good, n * 19 // 20),
        (f"that repeat the prompt's name or subject, of {subjects}", kept, "most"),
        (f"that end within 512 tokens, of {n}", whole, n * 19 // 20),
        (f"that end within 256 steps, of {n}", short, "most"),
    ]


def measure_heads(transformer, tokenizer):
    """Which tokens do the heads attend to inside names?"""
    n, sums = collections.Counter(), collections.defaultdict(collections.Counter)
    for (name, kind), template in zip(NAMES, itertools.cycle(SECOND_MENTIONS)):
        tokens = encode(tokenizer, template.format(n=name, kind=kind), True, False)
        expected, first, second = mentions(tokenizer, tokens, name)
        att = attention(transformer, tokens)
        for j in range(1, len(expected)):
            for look, pos, t in (
                ("induction", second + j - 1, first + j),
                ("previous token inside names", first + j, first + j - 1),
                ("previous token inside names", second + j, second + j - 1),
            ):
                n[look] += 1
                for i, row in enumerate(att[pos]):
                    layer, head = divmod(i, transformer.config.n_heads)
                    sums[look][f"head {head} of layer {layer}"] += row[t]
    rows = []
    for look, heads in sums.items():
        best = [(head, f"{total / n[look]:.2f}") for head, total in heads.most_common(6)]
        print(f"{look}:", ", ".join(f"{head} {mean}" for head, mean in best))
        rows.append((f"{look}, {best[0][0]}, average weight", best[0][1], 0.9))
    return rows


def measure_memory(transformer, tokenizer):
    """Which stories are copies of training stories from the second sentence on?"""
    copies = 0
    for prompt in "In that small Swiss town", "Once upon a time", "":
        for seed in range(1, 101):
            text, _ = generate(transformer, tokenizer, prompt, seed)
            if after_first_sentence(prompt + text) in read_corpus()[2]:
                copies += 1
                print(f"--- {prompt}|{text}\n")
    return [("stories copied from one of 60,000 training stories, of 300", copies, 0)]


if __name__ == "__main__":
    if sys.stdout: sys.stdout.reconfigure(errors="backslashreplace")  # not every stdout is UTF-8
    measures = measure_names, measure_heroes, measure_prompts, measure_heads, measure_memory
    parts = {f.__name__[len("measure_") :]: f for f in measures}
    parser = argparse.ArgumentParser(description="Measure the model on unseen names and prompts.")
    parser.add_argument("--part", choices=parts, help="measure only this part")
    args = parser.parse_args()
    transformer = llama2.build_transformer(os.path.join(DATA, "swiss.bin"))
    tokenizer = build_tokenizer(os.path.join(DATA, "swiss.tokenizer.bin"),
                                transformer.config.vocab_size)
    table = []
    for part in [args.part] if args.part else parts:
        print(f"\n===== {part}: {parts[part].__doc__}\n")
        table += parts[part](transformer, tokenizer)
    print(f"\n{'measured':<66} {'result':>6}   goal")
    for what, value, goal in table:
        print(f"{what:<66} {value:>6}   {goal}")
