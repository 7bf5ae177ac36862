"""Measure the model in this folder on names and prompts that its training never saw.

    pypy3 data/measure.py
    pypy3 data/measure.py trial.bin --part names

It prints what it looks at, for a person to read, and at the end a table of figures beside what
they should be. PyPy takes three minutes for all parts, CPython about an hour.
"""

import argparse
import collections
import difflib
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

# ----------------------------------------------------------------------------
# What training never saw: it leaves out all stories with a name that is in UNSEEN

GIRLS = """
Priya Aaliyah Ngozi Siobhan Xochitl Yuki Hanako Svetlana Guadalupe Ximena Fatima Khadija Zeynep
Anneliese Brunhilde Thandiwe Wanjiru Meenakshi Lakshmi Sunita Nguyet Huong Malaika Isadora Philippa
Gwendolyn Henrietta Bronwyn Aoife Eleni Calliope Katarzyna Agnieszka Ludmila Tatiana Ingeborg
Solveig Aino Leilani Moana Nayeli Xiaomei Jiyeon Zuleika Quillara Vexa Plimsy Ooba Tziporah Mirabel
""".split()
BOYS = """
Mohammed Xiaoming Zorblax Bartholomew Oluwaseun Takeshi Hiroshi Vladimir Dmitri Giuseppe José Omar
Alessandro Ravi Rajesh Arjun Kwame Chukwuemeka Tendai Sipho Mbongeni Tariq Yusuf Ibrahim Abdullah
Demetrios Lorcan Fionn Rhys Søren Pekka Zbigniew Wojciech Ferenc Bogdan Minjun Keanu Tlaloc
Wolfgang Maximilian Christopher Nathaniel Cuthbert Jean-Luc Kai Grumbold Fizzwick Qwyx Blorp Xanthor
""".split()
NAMES = [(name, "girl") for name in GIRLS] + [(name, "boy") for name in BOYS]

# a prompt | whom or what its story should be about
PROMPTS = [line.split("|") for line in """
Hello there|
Hi there!|
Good afternoon|
Hey, how are you today?|
Thanks a lot!|
My name is Alice and|Alice
Hi, my name is Kevin|Kevin
I am Rajiv|Rajiv
My dog Biscuit|Biscuit
Lily and Tom went to the park|Lily Tom
Harry and Ron went to school|Harry Ron
Sarah went to the zoo|Sarah
Emily wanted a new bike.|Emily
Jack found a map in the attic|Jack
Olivia lost her balloon|Olivia
Once upon a dark night|
Once upon a time, there was a dragon|dragon
Once upon a time there was a robot named Beep|Beep
Once upon a time, a princess named Jasmine|Jasmine
Once upon a time in a galaxy far, far away|
There was a king who|king
A dragon sneezed|dragon
The dragon said|dragon
The robot was lonely|robot
A robot woke up in an empty factory|robot
The little mouse ran up the clock|mouse
A knight rode through the forest|knight
The wizard opened the old book.|wizard
Tell me a story about a pirate|pirate
Tell me a story about Winston|Winston
Write a poem about the moon|moon
What is the meaning of life?|
Why do cats purr?|
Who made you?|
What is a transformer|
Can you help me|
Attention is|
Attention is all you need|
The answer is|
I like trains|
She looked at me|
Last Tuesday|
cat|cat
banana|banana
Pizza|Pizza
Switzerland|
HELLO WORLD|
there was a little girl|girl
the lazy dog sleeps|dog
my cat is called whiskers|whiskers
In our school|
In the year 3000|
The night was full of stars|
Es war einmal ein kleiner Drache|
Guten Tag, ich heiße Jürgen und|Jürgen
Bonjour, je m'appelle Chloé|Chloé
🐉🔥|
I love you ❤️|
print("Hello, world!")|
def forward(x):|
""".strip().splitlines()]
SUBJECTS = " ".join(subject for _, subject in PROMPTS).split()
UNSEEN = frozenset(GIRLS + BOYS + [word for word in SUBJECTS if word.istitle()])

# beginnings of stories
HEROES = """
Once upon a time, there was a {kind} named {n}.
In that small Swiss town, there lived a {kind} named {n}.
{n} was a shy {kind}.
A brave {kind} named {n} lived in Zermatt.
""".strip().splitlines()
# beginnings that end with a name, the second time that it is named, where no other can stand
DUE = """
In that small Swiss town, there lived a kind {kind} named {n}. {n}
A shy {kind} named {n} lived in Zermatt. {n}
{n} lived in Thun, a pretty town by the lake. {n}
It was winter in Davos. A funny {kind} named {n} looked out of the window. {n}
I know a {kind} called {n} ... That is how the story of {n}
""".strip().splitlines()


# ----------------------------------------------------------------------------
# The model


def tell(prompt, seed):
    """What the model goes on with after prompt, and the token that follows each position.

    It is sampled at temperature 0.8 and top-p 0.9, as by
    `llama2.py CHECKPOINT 0.8 512 PROMPT -s SEED`.
    """
    temperature, topp = array("f", [0.8, 0.9])
    sampler = llama2.build_sampler(transformer.config.vocab_size, temperature, topp, seed)
    tokens = encode(tokenizer, prompt, True, False)
    start = len(tokens)
    for pos in range(512):
        logits = llama2.forward(transformer, tokens[pos], pos)
        if pos + 1 == len(tokens):
            tokens.append(llama2.sample(sampler, logits))
            if tokens[-1] == 1:
                break
    pieces = [decode(tokenizer, *pair) for pair in zip(tokens[start - 1 :], tokens[start:])]
    if tokens[-1] == 1:
        pieces.pop()
    return b"".join(pieces).decode("utf-8", "replace"), tokens[1:]


def ended(tokens, steps=512):
    """Whether a story came to its end, BOS, within so many steps."""
    return 1 in tokens[:steps]


def attention(tokens):
    """The attention weights at each position: att[pos][l][h][t]."""
    att, matmul = [], llama2.matmul

    def looking(xout, x, w, n, d):
        if any(w is wo for wo in transformer.weights.wo):  # the heads of a layer have attended
            att[-1].append([row[: len(att)] for row in transformer.state.att])
        matmul(xout, x, w, n, d)

    llama2.matmul = looking
    for pos, token in enumerate(tokens):
        att.append([])
        llama2.forward(transformer, token, pos)
    llama2.matmul = matmul
    return att


def mentions(tokens, name):
    """The tokens of name, and where they begin in tokens: first and last time."""
    wanted = encode(tokenizer, name, False, False)
    n = len(wanted)
    first, *_, last = (i for i in range(len(tokens)) if tokens[i : i + n] == wanted)
    return wanted, first, last


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


def study(n=60000):
    """Read n stories of the text: its vocabulary, its people, and its stories' later sentences."""
    rng = random.Random(1)  # with which train.py begins
    count, named = collections.Counter(), collections.Counter()
    later, begun = set(), collections.Counter()
    prompts = re.compile("|".join(sorted((re.escape(p) for p, _ in PROMPTS), reverse=True)))
    for _ in range(n):
        text = stories.story(rng)
        found = set(words(text))
        if UNSEEN & found:
            continue
        begun.update(match[0] for match in [prompts.match(text)] if match)
        count.update(found)
        named.update(re.findall(r"(?:named|said|asked|friend|Frau) ([A-Z][\w-]+)", text))
        later.add(after_first_sentence(text))
    print(f"prompts that begin a story among {n} of the text: {dict(begun) or 'none'}")
    # a word of the text is in one of a thousand stories or more, an invented name is in fewer
    vocabulary, people = ({w for w in c if 1000 * c[w] >= n} for c in (count, named))
    return vocabulary, people, later


def names(text):
    """The words that name someone: capitalised, and no other word of the text, such as a place."""
    return [
        word for word in words(text) if word[0].isupper() and (
            word in people or word not in vocabulary and word.lower() not in vocabulary
        )
    ]  # fmt: skip


def strangers(known, text):
    """The names in text that are neither in known nor introduced, as in "a friend named Tim"."""
    faults = []
    for name in sorted(set(names(text)).difference(words(known))):
        before = text[: re.search(rf"\b{name}\b", text).start()]
        if not re.search(r"(friends?|named|called|was|and|of|Frau) $", before):
            faults.append(f"who is {name[:20]}?")
    return faults


def name_faults(beginning, text, hero):
    """What is wrong with the names in text, which goes on after a beginning that names the hero.

    Right is: the hero is named twice or more, also after the first paragraph, and not a second
    time for the first time; no one else is called nearly the same, or is a stranger.
    """
    found = names(text)
    faults = strangers(beginning, text)
    if found.count(hero) < 2 or hero not in names(text.partition("\n")[2] or text):
        faults.append(f"{hero} is forgotten")
    if re.search(rf"(friend|named) {hero}\b", text):
        faults.append(f"{hero} is introduced again")
    for other in sorted(set(found) - {hero}):
        if difflib.SequenceMatcher(None, other, hero).ratio() > 0.7:
            faults.append(f"{hero} becomes {other[:20]}")
    return faults


def pronoun_faults(text, kind):
    """He, him or his in a girl's story, she or her in a boy's: in the text, nobody else has any.

    >>> pronoun_faults('Priya put on his coat. "She waits," said Priya.', "girl")
    ['his']
    """
    wrong = {"girl": ["he", "him", "his", "himself"], "boy": ["she", "her", "herself"]}[kind]
    return [word for word in words(re.sub(r'"[^"]*("|$)', " ", text)) if word.lower() in wrong]


def form_faults(prompt, text):
    """What is wrong with a story that is seen without understanding it."""
    known = vocabulary.union(names(text), words(prompt))
    known |= {word.lower() for word in known} | {word.capitalize() for word in known}
    faults = [f"{word[:20]} is no word" for word in sorted(set(words(text)) - known)]
    faults += strangers((prompt + text).partition("\n")[0], text)
    if any(line.count('"') % 2 for line in (prompt + text).splitlines()):
        faults.append("an open quote")
    sentences = collections.Counter(re.split(r"(?<=[.!?])\s+", text))
    faults += [f"{n} times {sentence!r}" for sentence, n in sentences.items() if n > 2]
    return faults


# ----------------------------------------------------------------------------
# The parts: each prints what it looks at, and returns rows of the table: what, value, goal


def measure_rules():
    """How often do the rules above find a fault in stories of the text, where there is none?"""
    rng = random.Random(4)
    n = of_names = of_pronouns = of_form = 0
    while n < 1000:
        text = stories.story(rng)
        match = re.match(r'([^.!?"]*(girl|boy) named ([\w-]+)[^.!?"]*\.)(.*)$', text, re.S)
        if not match:
            continue
        beginning, kind, hero, rest = match.groups()
        found = name_faults(beginning, rest, hero), pronoun_faults(rest, kind)
        found += (form_faults("", text),)
        of_names += bool(found[0])
        of_pronouns += bool(found[1])
        of_form += bool(found[2])
        n += 1
        if any(found):
            print(*found, f"\n{text}\n")
    return [
        (f"stories of the text with a fault by the rule for names, of {n}", of_names, ""),
        (f"of the rule for he and she, of {n}", of_pronouns, ""),
        (f"of the rules of form, of {n}", of_form, ""),
    ]


def measure_names():
    """Is each token of a name the likeliest one at the name's second mention?"""
    whole = 0
    for template in DUE:
        right = 0
        for name, kind in NAMES:
            tokens = encode(tokenizer, template.format(n=name, kind=kind), True, False)
            wanted, _, start = mentions(tokens, name)
            got = []
            for pos, token in enumerate(tokens[:-1]):
                logits = llama2.forward(transformer, token, pos)
                if pos + 1 >= start:
                    got.append(llama2.sample_argmax(logits, len(logits)))
            right += got == wanted
            if got != wanted:
                print(name, b"".join(tokenizer.vocab[token] for token in got))
        print(f"--- {right} of {len(NAMES)}: {template}\n")
        whole += right
    share = 100 * whole / len(NAMES) / len(DUE)
    return [("names predicted whole at their second mention, %", f"{share:.1f}", "98")]


def measure_heroes():
    """Do the name and he or she stay to the end of a story?"""
    same_name = same_both = 0
    for i, (name, kind) in enumerate(NAMES):
        beginning = HEROES[i % len(HEROES)].format(n=name, kind=kind)
        text, _ = tell(beginning, 1)
        found = name_faults(beginning, text, name), pronoun_faults(text, kind)
        same_name += not found[0]
        same_both += not any(found)
        if any(found):
            print(f"--- {found[0]} {found[1]}\n{beginning}|{text}\n")
    return [
        (f"names that stay the same to the end, of {len(NAMES)}", same_name, "90"),
        (f"in which he or she stays too, of {len(NAMES)}", same_both, "90"),
    ]


def measure_prompts():
    """Three stories after each prompt."""
    n = joined = good = subjects = kept = whole = short = 0
    for seed in 1, 2, 3:
        for prompt, subject in PROMPTS:
            text, tokens = tell(prompt, seed)
            faults = form_faults(prompt, text)
            if text[:1].isalpha():
                joined += 1
                faults.append("the last word goes on")
            if not ended(tokens):
                faults.append("no end")
            good += not faults
            said = {word: len(re.findall(rf"\b{word}", text, re.I)) for word in subject.split()}
            subjects += bool(said)
            kept += bool(said) and all(said.values())
            whole += ended(tokens)
            short += ended(tokens, 256)
            n += 1
            named = dict(collections.Counter(names(text)))
            print(f"--- {n}: {faults or 'good'}, subject {said}, names {named}\n{prompt}|{text}\n")
    return [
        (f"prompts whose last word goes on, of {n}", joined, f"at most {n // 20}"),
        (f"stories after them without a fault of form, of {n}", good, n * 19 // 20),
        (f"that say the prompt's name or subject again, of {subjects}", kept, "most"),
        (f"that end within 512 tokens, of {n}", whole, n * 19 // 20),
        (f"that end within 256 steps, of {n}", short, "most"),
    ]


def measure_heads():
    """What does each head look at inside names?"""
    goals = {"induction": 0.9, "previous token inside names": 0.9, "previous token": ""}
    sums = {look: collections.Counter() for look in goals}
    n = collections.Counter()
    for i, (name, kind) in enumerate(NAMES):
        text = DUE[i % len(DUE)].format(n=name, kind=kind)
        tokens = encode(tokenizer, text, True, False)
        wanted, first, second = mentions(tokens, name)
        looks = [("previous token", pos, pos - 1) for pos in range(1, len(tokens))]
        for j in range(1, len(wanted)):
            looks.append(("induction", second + j - 1, first + j))
            looks.append(("previous token inside names", first + j, first + j - 1))
            looks.append(("previous token inside names", second + j, second + j - 1))
        att = attention(tokens)
        for look, pos, t in looks:
            n[look] += 1
            for l, layer in enumerate(att[pos]):
                for h, row in enumerate(layer):
                    sums[look][f"head {h} of layer {l}"] += row[t]
    rows = []
    for look, goal in goals.items():
        best = [(head, f"{total / n[look]:.2f}") for head, total in sums[look].most_common(6)]
        print(f"{look}:", ", ".join(f"{head} {mean}" for head, mean in best))
        rows.append((f"{look}, {best[0][0]}, average weight", best[0][1], goal))
    return rows


def measure_memory():
    """Which stories stand in the text, from the second sentence on?"""
    n = stand = whole = short = 0
    for prompt in "In that small Swiss town", "Once upon a time", "":
        for seed in range(1, 101):
            text, tokens = tell(prompt, seed)
            if after_first_sentence(prompt + text) in later:
                stand += 1
                print(f"--- {prompt}|{text}\n")
            whole += ended(tokens)
            short += ended(tokens, 256)
            n += 1
    return [
        (f"stories that stand in 60,000 of the text, of {n}", stand, 0),
        (f"that end within 512 tokens, of {n}", whole, ""),
        (f"that end within 256 steps, of {n}", short, "most"),
    ]


if __name__ == "__main__":
    measures = measure_rules, measure_names, measure_heroes, measure_prompts, measure_heads
    parts = {f.__name__[len("measure_") :]: f for f in (*measures, measure_memory)}
    parser = argparse.ArgumentParser(description="Measure a model on names and prompts unseen.")
    parser.add_argument("checkpoint", nargs="?", default=os.path.join(DATA, "swiss.bin"))
    parser.add_argument("--part", choices=parts, help="this one only")
    args = parser.parse_args()
    try:
        transformer = llama2.build_transformer(args.checkpoint)
        tokenizer_path = llama2.find_tokenizer(args.checkpoint)
        tokenizer = build_tokenizer(tokenizer_path, transformer.config.vocab_size)
    except (OSError, ValueError) as error:
        sys.exit(f"measure: {error}")
    if args.part not in ("names", "heads"):
        vocabulary, people, later = study()
    table = []
    for part in [args.part] if args.part else parts:
        print(f"\n===== {part}: {parts[part].__doc__}\n")
        table += parts[part]()
    print(f"\n{'measured':<66} {'is':>6}   should be")
    for what, value, goal in table:
        print(f"{what:<66} {value:>6}   {goal}")
