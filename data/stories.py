"""
Write very short children's stories from small Swiss towns, which may begin with anything.

    apt install wamerican
    python stories.py --seed 1 -n 10

A story is an opening, a plot and sometimes an ending, all from stories.txt. Nearly half of the
stories have a storybook opening. The others begin with something that a reader might type, and a
bridge leads from there into the story.

Most names are made up from pieces of words in a Debian word list; none of them is in that list.
"""

import argparse
import functools
import random
import re
import sys
from pathlib import Path

# ----------------------------------------------------------------------------
# Who, where, when and what

# the sections of stories.txt by their titles
_, *PARTS = re.split(r"(?m)^== (.+)\n",
                     Path(__file__).with_name("stories.txt").read_text(encoding="utf-8"))
TEXT = {title: section.strip() for title, section in zip(PARTS[::2], PARTS[1::2])}


def phrases(title):
    return re.split(r",\s+", TEXT[title])


SHE = dict(he="she", him="her", his="her", He="She", His="Her")
HE = dict(he="he", him="him", his="his", He="He", His="His")

GIRLS, BOYS, KINDS_SHE, KINDS_HE, KINDS, OBJECTS, HELPERS, MOODS, VERBS = (
    TEXT[title].split() for title in (
        "girls", "boys", "kinds she", "kinds he", "kinds", "objects", "helpers", "moods", "verbs"))
LISTED = {*GIRLS, *BOYS, *KINDS, *KINDS_SHE, *KINDS_HE, *OBJECTS, *MOODS, "girl", "boy"}

PLACES = [dict(zip(("place", "town", "near"), line.split("|")))
          for line in TEXT["places"].splitlines()]
SEASONS = ["winter", "spring", "summer", "autumn"]

# Grouped by what the story must keep from a beginning: the {name}, the {name} and the {friend}, the
# {kind}, or nothing. A beginning may be cut short after the part that must be kept.
BEGINNINGS, BRIDGES = ({keep: TEXT[f"{title} {keep}".strip()].splitlines()
                        for keep in ("name", "friend", "kind", "")}
                       for title in ("beginnings", "bridges"))
COMMON = [word for word in TEXT["common words"].split() if word not in LISTED]

# ----------------------------------------------------------------------------
# Made-up names and words

ONSETS = "b c d f g h j k l m n p q r s t v w x y z br ch dr fl gr kr pl pr sh sl st th tr".split()
ONSETS += ["", ""]
VOWELS = "a a e e i i o o u y aa ai ao ea ee ei ia ie io oo ou ua ä ö ü é".split()
CODAS = [""] * 4 + "n n r l s m x ng rt ck nd sh th z k b p".split()
ACCENTS = "áàâãåæçèêëíîñóôõøúûýčłšžß"


@functools.lru_cache(maxsize=None)
def word_list():
    """Return the list's names and its other words, of 4 to 10 letters, and all known words."""
    try:
        text = Path("/usr/share/dict/american-english").read_text(encoding="utf-8")
    except OSError:
        sys.exit("stories.py: no /usr/share/dict/american-english: apt install wamerican")
    names, others = (re.findall(f"(?m)^{first}[a-z]{{3,9}}$", text) for first in ("[A-Z]", "[a-z]"))
    return names, others, {word.lower() for word in [*names, *others, *LISTED]}


def blend(which, rng):
    """Join the front of one word to the back of another, both from word_list()[which]."""
    words = word_list()[which]
    return rng.choice(words)[: rng.randint(1, 4)] + rng.choice(words)[-rng.randint(2, 6) :].lower()


blend_names, blend_words = functools.partial(blend, 0), functools.partial(blend, 1)


def syllables(rng):
    count = rng.choice([1, 2, 2, 2, 3, 3, 4])
    return "".join(rng.choice(part) for part in (ONSETS, VOWELS, CODAS) * count)


def letters(rng):
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 9)))


def stutter(rng):
    """Return a word that repeats a part and then stops: a model that copies must learn both."""
    start, again = rng.choice(ONSETS) + rng.choice(VOWELS), letters(rng)[: rng.randint(1, 3)]
    return start + again * rng.randint(2, 6 // len(again)) + rng.choice(CODAS)


def made_up(rng, make=blend_words):
    """Return a word of 3 to 12 letters from make, one of the functions above, not in any list."""
    while True:
        word = make(rng)
        if 3 <= len(word) <= 12 and word.lower() not in word_list()[2]:
            return word


def made_up_name(rng):
    # three quarters look like names; the rest make the model copy any letters
    shape = rng.random()
    ends = (0.5, blend_names), (0.75, syllables), (0.87, blend_words), (0.93, stutter), (1, letters)
    name = made_up(rng, next(make for end, make in ends if shape < end))
    # a few have a hyphen or an accent, like real names
    if shape < 0.02:
        name += "-" + made_up(rng, blend_names)
    elif shape < 0.06:
        i = rng.randrange(1, len(name))
        name = name[:i] + rng.choice(ACCENTS) + name[i + 1 :]
    return name[0].upper() + name[1:]


def hers(name):
    """Return whether a name sounds like a girl's. Most made-up names follow this rule."""
    return re.search("(ah?|[eéi]|ly)$", name) is not None


# ----------------------------------------------------------------------------
# The hero


def new_hero(rng):
    """Return the fields of a new hero."""
    she = rng.random() < 0.5
    fields = dict(SHE if she else HE, kind="girl" if she else "boy")
    if rng.random() < 0.7:  # made up: the model must copy a name, not know it
        # most names show girl or boy; the exceptions keep the model from relying on that
        keeps_rule = rng.random() < 0.8
        name = made_up_name(rng)
        while keeps_rule and hers(name) != she:
            name = made_up_name(rng)
    else:
        name = rng.choice(GIRLS if she else BOYS)
    titles = ["Queen", "Princess", "Mrs.", "Aunt"] if she else ["King", "Prince", "Mr.", "Uncle"]
    return dict(fields, name=name, title=rng.choice(["Captain", "Doctor", "Professor"] + titles))


def other_kind(rng, fields):
    """Choose a kind for the hero: one in five comes from the list for girls or for boys."""
    kinds = KINDS_SHE if fields["he"] == "she" else KINDS_HE
    return rng.choice(kinds if rng.random() < 0.2 else KINDS)


# ----------------------------------------------------------------------------
# What a reader may type


def article(text):
    """
    >>> article("A owl and a old hat")
    'An owl and an old hat'
    """
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)


def a_word(rng):
    # most prompts use common words; the made-up words represent all words that are not listed
    return rng.choice(COMMON) if rng.random() < 0.8 else made_up(rng)


def a_verb(rng):
    """Return a past tense: a listed verb, or another word with -ed, as no list has all verbs."""
    word = rng.choice(VERBS) if rng.random() < 0.6 else a_word(rng)
    return word if word in VERBS else re.sub("e?$", "ed", word, count=1)


def random_words(rng, keep):
    """Return 2 to 12 words, with keep among them: "", "{name}" or "a {kind}"."""
    count = rng.choice([2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 12])
    row = [rng.choice(COMMON)] + [a_word(rng) for _ in range(count - 1)]
    row[0] = rng.choice([row[0], rng.choice(phrases("starts"))]).capitalize()
    if rng.random() < 0.1:  # rare: a stray character
        row[rng.randrange(count)] += rng.choice(TEXT["noise"].split())
    if rng.random() < 0.05:  # rarer: a repeated word, which the model must stop repeating
        again = rng.choice([a_word(rng), stutter(rng)])
        row.insert(rng.randint(1, count), " ".join([again] * rng.randint(2, 5)))
    if keep:
        row.insert(rng.randint(0, len(row)), keep)
    return " ".join(row) + rng.choice(["", "", "", "", "", ".", "!", "?", ","])


def emoji(rng):
    """Return 1 to 3 pictures, each a four-byte character."""
    return "".join(chr(rng.randint(0x1F300, 0x1F64F)) for _ in range(rng.randint(1, 3)))


# (what the story keeps, whether the beginning is random words): percent. Most have a name or a
# kind, because the model must learn to pick these up; random words prepare it for any prompt.
BEGINNING_ODDS = {("name", False): 25, ("friend", False): 8, ("kind", False): 28, ("", False): 21,
                  ("", True): 8, ("name", True): 5, ("kind", True): 5}


def beginning(rng, fields):
    """Return what a reader might type, and what the story keeps from it, a key of BRIDGES."""
    keep, at_random = rng.choices(list(BEGINNING_ODDS), BEGINNING_ODDS.values())[0]
    texts = BEGINNINGS[keep]
    if at_random:
        kept = rng.choice(["the {kind}", "a {kind}", "my {kind}"]) if keep == "kind" else keep
        texts = [random_words(rng, kept.replace("name", "{name}"))]
    # a few beginnings are nothing but emoji
    text = rng.choice(texts) if keep or rng.random() < 0.95 else emoji(rng)
    if "{kind}" in text:
        fields["kind"] = other_kind(rng, fields)
        sort = rng.random()
        if keep == "kind" and sort < 0.35:  # a prompt may be about an object, too
            fields["kind"] = rng.choice(OBJECTS)
        elif sort > 0.92:  # "a girl" is a likely prompt
            fields["kind"] = "girl" if fields["he"] == "she" else "boy"
    if "{title}" in text and fields["title"].lower() in LISTED:
        fields["kind"] = fields["title"].lower()
    if "{kind}s" in text:
        fields["kind"] = rng.choice([kind for kind in KINDS if kind[-1] in "bgkmnprt"])
    if rng.random() < 0.05:  # rare: a second name
        text = text.replace("{name}", "{name} " + made_up_name(rng), 1)
    if rng.random() < 0.4:  # cut it short after a word: prompts end anywhere
        first = text.rindex("{" + keep + "}") + len(keep) + 2 if keep else 1
        text = text[: rng.choice([i for i in range(first, len(text) + 1) if text[i:][:1] in " "])]
    # a quarter in lower case, as readers often type; 2 percent in capitals, like headlines
    case = rng.random()
    if case < 0.26:
        text = text.lower()
        if keep in ("name", "friend"):
            fields.update(name=fields["name"].lower(), friend=fields["friend"].lower())
    # other nouns only after the kind, so that the first noun is the story's subject
    front, mark, back = text.partition("{kind}")
    nouns = KINDS + OBJECTS
    back = re.sub("{word}", lambda _: rng.choice(nouns) if rng.random() < 0.3 else "{word}", back)
    text = re.sub("{word}", lambda _: a_word(rng), front + mark + back)
    text = re.sub("{verb}", lambda _: a_verb(rng), text)
    text = article(re.sub("{new}", lambda _: made_up(rng), text).format(**fields))
    if case > 0.98 and not keep:
        text = text.upper()
    elif case > 0.26 and (keep != "kind" or case > 0.4 and fields["kind"] in LISTED):
        text = text[0].upper() + text[1:]
    if rng.random() < 0.04:  # rare: emoji at the end
        text += " " + emoji(rng)
    if rng.random() < 0.08:  # rare: two sentences, such as a greeting and a request
        first = rng.choice([line for line in BEGINNINGS[""] if "{" not in line])
        text = first + (" " if first[-1] in ".!?" else rng.choice([". ", "! ", ", "])) + text
    return text, keep


def link(text):
    """Return what connects a beginning to the sentence that leads into the story."""
    dots = "" if re.search(r"[.!?]\"?$", text) else "..." if text.endswith(" ") else " ..."
    return dots + ('"' if text.count('"') % 2 else "")


# ----------------------------------------------------------------------------
# The story


def expand(rng, text, fields):
    """
    >>> expand(random, "[a|a] {thing}.", {"thing": "old hat"})
    'an old hat.'
    """
    text = re.sub(r"(?s)\[(.*?)\]", lambda marks: rng.choice(marks[1].split("|")), text)
    return " ".join(article(text.format(**fields)).split())


def marked_story(rng):
    """Return a story with ‹ › around what cannot be predicted and « » around what is repeated.

    What a reader types cannot be predicted, nor can a made-up word when it first appears.
    """
    fields = new_hero(rng)
    fields["friend"] = fields["name"]
    while fields["friend"] == fields["name"]:
        # made up a little less often than the hero's, which matters most to copy
        fields["friend"] = made_up_name(rng) if rng.random() < 0.6 else rng.choice(GIRLS + BOYS)
    fields.update(rng.choice(PLACES), season=rng.choice(SEASONS))
    for field in "thing", "spot", "food", "joy":
        fields[field] = rng.choice(phrases(field + "s"))
    fields.update(mood=rng.choice(MOODS), mood2=rng.choice(MOODS))

    typed, pair = "", False
    if rng.random() < 0.55:  # more than half, because what readers type varies most
        typed, keep = beginning(rng, fields)
        if rng.random() < 0.04:  # rare: a space typed at the end
            typed += " "
        opening, pair = rng.choice(BRIDGES[keep]), keep == "friend"
    else:
        pair = rng.random() < 0.12  # 4 of the 31 openings are for two friends
        title = "openings friend" if pair else "openings"
        opening = rng.choice(TEXT[title].splitlines())
        # if the opening names the kind, half of the heroes are neither a girl nor a boy
        if rng.random() < 0.5 and re.search("hero|kind", opening):
            fields["kind"] = other_kind(rng, fields)
        if "small Swiss town" in opening:
            fields["town"] = "town"
        opening += " {trait}"
    trait = rng.choice(TEXT["traits"].splitlines())
    child = fields["kind"] in ("girl", "boy")
    # "the dragon" appears more often than "the girl", so that an unusual kind is not forgotten
    if rng.random() < (0.2 if child else 0.8):
        trait = trait.replace("{name}", "The {kind}", 1)
    fields["trait"] = expand(rng, trait, fields)
    mood = fields["mood"] + " " if rng.random() < 0.75 else ""  # "a brave girl", or just "a girl"
    hero, friend = f" {mood}{fields['kind']}", fields["friend"]
    fields.update(a_hero="a" + hero, A_hero="A" + hero, a_friend=friend, A_friend=friend)
    if not pair:
        helper = rng.choice(["friend", rng.choice(HELPERS), "old " + rng.choice(HELPERS)])
        friend = f" {helper} named {friend}"
        fields.update(a_friend="a" + friend, A_friend="A" + friend)

    often = 0.5 if child else 0.7
    plot = re.sub("(?<=said ){name}",
                  lambda _: "the {kind}" if rng.random() < often else "{name}",
                  rng.choice(TEXT["plots"].split("\n\n")))
    text = expand(rng, opening, fields) + "\n" + expand(rng, plot, fields)
    if rng.random() < 0.4:  # fewer than half, because the plots end by themselves
        has_friend = fields["friend"] in text
        endings = [line for line in TEXT["endings"].splitlines()
                   if has_friend or "{friend}" not in line]
        text += "\n" + expand(rng, rng.choice(endings), fields)

    gendered = fields["kind"] in ["girl", "boy", *KINDS_SHE, *KINDS_HE]
    for word in {fields[field] for field in ("name", "friend", "mood", "kind", "he")}:
        whole = rf"(?<!\w){word}(?!\w)"
        text = re.sub(whole, f"«{word}»", text)
        if not re.search(whole, typed) and not (word == fields["he"] and gendered):
            first = word if word in LISTED or word == fields["he"] else f"‹{word}›"
            text = text.replace(f"«{word}»", first, 1)
    return f"‹{typed}›«{link(typed)}» {text}" if typed else text


def story(rng):
    """Return one story as a str. rng: a random.Random."""
    return re.sub("[‹›«»]", "", marked_story(rng))


if __name__ == "__main__":
    if sys.stdout: sys.stdout.reconfigure(errors="backslashreplace")  # not every stdout is UTF-8
    parser = argparse.ArgumentParser(description="Print very short stories from small Swiss towns.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-n", type=int, default=10, help="how many stories")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    for _ in range(args.n):
        print(story(rng) + "\n")
