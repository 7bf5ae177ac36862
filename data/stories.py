"""
Very short children's stories from small Swiss towns, that may begin with anything.

    apt install wamerican
    python stories.py --seed 1 -n 10

A story is one opening, one plot and sometimes an ending. All are plain text with two marks:
[a|b|c] is one of a, b and c, and {name} is a field of the story: who, where, when and what.
Nearly half of the stories open as stories do. The others begin with what a reader may type, and a
bridge leads from there into the story.

Most names are made up, of pieces of the words of a Debian word list; none is a word of that list.
"""

import argparse
import random
import re
import sys

# ----------------------------------------------------------------------------
# Who, where, when and what


def table(text):
    """
    >>> table("apple cake|hot soup")
    ['apple cake', 'hot soup']
    """
    return text.replace("\n", "").split("|")


SHE = dict(he="she", him="her", his="her", He="She", His="Her")
HE = dict(he="he", him="him", his="his", He="He", His="His")

GIRLS = """Mia Lea Anna Lena Lara Heidi Rosa Greta Nora Ella Maja Flora Käthi Nina Sara Vreni Ida
Paula Klara Vera Luna Bella Kiki Mimi Susi Lotti""".split()
BOYS = """Jan Leo Finn Emil Anton Karl Marco Simon Ueli Reto Urs Otto Nils Beat Bip Momo Pico Hugo
Balu Max Kurt Bruno Felix Theo""".split()
KINDS_SHE = table("queen|princess|witch|fairy|woman|grandmother|mermaid|cow|hen|mother|sister")
KINDS_HE = table("king|prince|knight|wizard|man|grandfather|pirate|giant|rooster|father|brother")
KINDS = table("""dragon|robot|dog|cat|fox|bear|bird|mouse|rabbit|goat|marmot|donkey|wolf|horse|pony
|lion|tiger|elephant|monkey|frog|fish|owl|duck|pig|sheep|snail|bee|butterfly|penguin|monster|ghost
|dwarf|unicorn|dinosaur|baker|farmer|teacher|painter|doctor|sailor|shepherd|clown|puppy|kitten
|hedgehog|squirrel|child|turtle|snake|spider|alien|astronaut|troll|elf|snowman|ant|whale""")
OBJECTS = table("""moon|sun|star|cloud|wind|rain|snow|night|fire|stone|tree|flower|leaf|river
|lake|sea|island|mountain|hill|forest|garden|house|castle|tower|school|bridge|road|door|window
|table|chair|bed|train|car|boat|ship|bus|tractor|rocket|bicycle|balloon|kite|ball|doll|puppet
|book|letter|song|story|picture|lamp|candle|clock|key|bell|drum|flute|piano|guitar|phone
|computer|machine|hat|shoe|sock|coat|cup|spoon|basket|box|bottle|mirror|cake|apple|pear|lemon
|cherry|carrot|potato|tomato|pumpkin|mushroom|bread|cheese|soup|egg|cookie|sandwich|chocolate
|planet|world|dream""")
NOUNS = KINDS + OBJECTS
HELPERS = table("fox|bear|robot|cat|dog|farmer|baker|marmot|mouse|shepherd|owl|donkey")
MOODS = table("kind|brave|shy|cheerful|curious|quiet|clever|friendly|little|small|funny|happy")

PLACES = [dict(zip(("place", "town", "near"), line.split("|"))) for line in """
Zürich|city|by the lake
Thun|town|by the lake
Spiez|town|by the lake
Brienz|village|by the lake
Luzern|city|by the lake
Lugano|town|by the lake
Appenzell|village|in the green hills
Grindelwald|village|below the Eiger
Wengen|village|in the mountains
Zermatt|village|below the Matterhorn
Davos|town|in the mountains
Chur|town|in a wide valley
""".strip().splitlines()]  # fmt: skip
THINGS = table("""red scarf|blue cap|silver bell|little flute|golden key|green bag|wooden horse
|yellow umbrella|big drum|white button|old lamp|warm coat""")
SPOTS = table("""on a branch behind the church|under a bench|in the grass near the barn
|on a stone by the stream|behind the bakery|on the steps of the school|under the bridge
|in the hay""")
FOODS = table("warm bread|hot soup|apple cake|nut cake|fresh cheese|plum cake|bread with honey")
JOYS = table("""the sound of bells|the smell of fresh bread|long walks|old songs|the red trains
|the tall mountains|funny stories|the stars|small boats|rainy days""")
SEASONS = table("winter|spring|summer|autumn")

# ----------------------------------------------------------------------------
# Made-up names and words


def read_words():
    """The names and the other words of the list, of 4 to 10 letters."""
    try:
        with open("/usr/share/dict/american-english", encoding="utf-8") as file:
            lines = re.findall("(?m)^[A-Za-z][a-z]{3,9}$", file.read())
    except OSError:
        sys.exit("stories.py: no /usr/share/dict/american-english: apt install wamerican")
    return [word for word in lines if word.istitle()], [word for word in lines if word.islower()]


NAMES, WORDS = read_words()
LISTED = {*GIRLS, *BOYS, *KINDS, *KINDS_SHE, *KINDS_HE, *OBJECTS, *MOODS, "girl", "boy"}
TAKEN = {word.lower() for word in [*NAMES, *WORDS, *LISTED]}
ONSETS = table("b|c|d|f|g|h|j|k|l|m|n|p|q|r|s|t|v|w|x|y|z|br|ch|dr|fl|gr|kr|pl|pr|sh|sl|st|th|tr||")
VOWELS = table("a|a|e|e|i|i|o|o|u|y|aa|ai|ao|ea|ee|ei|ia|ie|io|oo|ou|ua|ä|ö|ü|é")
CODAS = table("||||n|n|r|l|s|m|x|ng|rt|ck|nd|sh|th|z|k|b|p")
ACCENTS = "áàâãåæçèêëíîñóôõøúûýčłšžß"


def blend(rng, words):
    """The front of one word and the back of another."""
    return rng.choice(words)[: rng.randint(1, 4)] + rng.choice(words)[-rng.randint(2, 6) :].lower()


def syllables(rng):
    count = rng.choice([1, 2, 2, 2, 3, 3, 4])
    parts = (ONSETS, VOWELS, CODAS) * count
    return "".join(rng.choice(part) for part in parts)


def letters(rng):
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(2, 9)))


def stutter(rng):
    """A word that repeats itself, and stops: a model that copies has to learn both."""
    start, again = rng.choice(ONSETS) + rng.choice(VOWELS), letters(rng)[: rng.randint(1, 3)]
    return start + again * rng.randint(2, 6 // len(again)) + rng.choice(CODAS)


def made_up(rng, make):
    """A word of 3 to 12 letters that make, a function, makes, but none of the list."""
    while True:
        word = make()
        if 3 <= len(word) <= 12 and word.lower() not in TAKEN:
            return word


def made_up_name(rng):
    shape = rng.random()
    if shape < 0.5:
        name = made_up(rng, lambda: blend(rng, NAMES))
    elif shape < 0.75:
        name = made_up(rng, lambda: syllables(rng))
    elif shape < 0.87:
        name = made_up(rng, lambda: blend(rng, WORDS))
    elif shape < 0.93:
        name = made_up(rng, lambda: stutter(rng))
    else:
        name = made_up(rng, lambda: letters(rng))
    if shape < 0.02:
        name += "-" + made_up(rng, lambda: blend(rng, NAMES))
    elif shape < 0.06:
        i = rng.randrange(1, len(name))
        name = name[:i] + rng.choice(ACCENTS) + name[i + 1 :]
    return name[0].upper() + name[1:]


def hers(name):
    """Whether a name sounds like a girl's. Most made-up names keep to this rule."""
    return re.search("(ah?|[eéi]|ly)$", name) is not None


def made_up_word(rng):
    return made_up(rng, lambda: blend(rng, WORDS))


# ----------------------------------------------------------------------------
# Openings: each introduces the hero, and most of them the place

OPENINGS = """
In that small Swiss town, there lived {a_hero} named {name}.
In that small Swiss town lived {a_hero} named {name}.
In that small Swiss town [by the lake|in the mountains], there was {a_hero} named {name}.
In that small Swiss town, everyone knew {a_hero} named {name}.
Once upon a time, there was {a_hero} named {name}.
Once upon a time there was {a_hero} named {name}.
Once upon a time, there was {a_hero} called {name}, who lived in {place}.
Once upon a time, there lived {a_hero} named {name} in {place}.
Once upon a time, in the {town} of {place}, there lived {a_hero} named {name}.
Once upon a time, {a_hero} named {name} lived in {place}.
Once upon a time {a_hero} lived in a little house {near}. The name of the {kind} was {name}.
Once there was {a_hero} [named|called] {name}.
There was once {a_hero} named {name}, who lived in {place}.
There was once {a_hero} who loved {joy}. The name of the {kind} was {name}.
Long ago, {a_hero} named {name} lived {near}.
[One day|Yesterday], {a_hero} named {name} came to {place}.
{place} is a [small|quiet|pretty] {town} {near}. {A_hero} named {name} lived there.
{name} was {a_hero} from {place}.
{name} was {a_hero}.
{name} lived in {place}, a [small|quiet|pretty] {town} {near}.
In {place}, a [small|quiet|pretty] {town} {near}, lived {a_hero} named {name}.
{A_hero} named {name} lived in {place}.
{A_hero} called {name} lived in a little house {near}.
The {kind} was called {name} and lived in {place}.
The {kind} {name} lived in {place}, a [small|quiet|pretty] {town} {near}.
"Good morning, {place}!" called {name} every day. {name} was {a_hero}.
It was {season} in {place}. {A_hero} named {name} looked out of the window.
""".strip().splitlines()
OPENINGS_PAIR = """
{name} and {friend} were best friends. {name} was {a_hero}.
{name} and {friend} lived in the same street in {place}. {name} was {a_hero}.
In that small Swiss town, {name} and {friend} were best friends. {name} was {a_hero}.
Once upon a time, there were two friends in {place}, {name} and {friend}. {name} was {a_hero}.
""".strip().splitlines()

# What may follow the opening. It begins with the name, so that he or she is told in passing.

TRAITS = """
{name} loved {joy}, and {he} [sang|laughed|smiled] a lot.
{name} liked {food}, and {he} loved {joy}.
{name} was {mood2}, and {he} had [blue|green|brown|bright] eyes.
{name} lived in an old house, and {he} had many [books|friends|flowers].
{name} [sang|danced] every day, and {he} was always happy.
{name} was not big, and {he} was not afraid.
{name} loved {joy}, and {he} liked {food}.
""".strip().splitlines()

# ----------------------------------------------------------------------------
# Beginnings that a reader may type, by what the story that follows has to keep: {name}, {friend},
# {kind}, {topic} or nothing. All may be cut short behind what is to be kept.

BEGINNINGS_NAME = """
My name is {name} and I live in a big house
Hello, my name is {name} and I am seven years old.
Hi, I am {name}!
Hi {name}, how are you today?
Good morning, {name}
Good night, {name}.
Dear {name}, thank you for the letter
Dear diary, today {name} came to see me
I am {name} and I want to go home
I am called {name}.
You can call me {name}, if you like
I have a friend named {name} who likes to sing
My friend {name} can jump very high
My teacher is called {name}
Tell me a story about {name}.
Tell me about {name} and the big {word}
Please write a short story about {name}.
Write a poem about {name} and a {word}
This is a story about {name}, who
The story of {name} and the {word}
The adventures of {name}
{name} was a good {word} who liked to play
{name} was walking home when
{name} is my best friend.
{name} is {word} and {word}
{name} went to the {word} to buy some bread.
{name} went {word} with a big bag
{name} said that the {word} was too {word}
{name} said, "I want to go to the {word}
{name} loves to {word} in the {word}
{name} loved the {word} more than anything.
{name} has a red {word}
{name} wanted to be a {word} one day
{name} wants to {word}
{name} found a {word} in the garden.
{name} lost the {word}
{name} woke up early and looked at the sun
{name} opened the door and saw a {word}
{name} looked at the {word} and said
{name} could not find the {word}
{name} did not like the {word}
{name} took the {word} and ran away.
{name} had a {word} dream
{name} ate all the {word}
One day {name} went for a walk in the woods
One day, {name} found a {word}
Yesterday {name} and I went to the {word}
Today {name} will go to school
Tomorrow is the birthday of {name}
Last night {name} saw a {word}
Why is {name} so sad?
Where is {name}?
Who is {name}?
What did {name} do then?
Do you know {name}?
Can you help {name} find the way home?
Please help {name}!
When {name} was young,
It was late and {name} was tired.
It was the first day of school for {name}
Happy birthday, {name}!
Once upon a time, {name} went to the sea
Once upon a time {name} lived alone on a hill
There once was a {kind} called {name} who had a {word}
{name} was a {kind} who liked to {word}
{name} the {kind} went home
My {kind} {name} likes to run
My {kind} is named {name}
This is my {kind}, {name}
I call my {kind} {name}
A {kind} named {name} lost {his} {word}
{name} is sad because {he} has no {word}
{name} put on {his} coat and
{name} said {he} was {word}
In the big city, {name} worked in a shop
Little {name} was hungry
{title} {name} sailed over the sea
{title} {name} lived alone.
{title} {name} has lost {his} {word}
Je suis {name}
Je m'appelle {name} et
Ich heiße {name} und
Mein Name ist {name}.
Where did {title} {name} go?
{title} {name}
Once upon a time there was a {kind} named {name}. {He} was afraid of the {word}.
Once upon a time, a {kind} named {name} wanted to see the {word}
Once there was a {kind} called {name}. One day, {he} went to the {word}
In that small Swiss town, {name} {word} the {word}
Old {name} sat by the fire and
The {word} of {name} was broken
{name}, come here!
Ich bin {name} und wohne hier
Das ist {name}.
Me llamo {name}
Mi chiamo {name} e
{name}
{name}
{name}!
{name}'s {word} was lost
"Hello," said {name}
"Where are you going?" asked {name}.
""".strip().splitlines()
BEGINNINGS_PAIR = """
{name} and {friend} went to the {word} to play together.
{name} and {friend} are good friends
{name} and {friend} played in the garden with a {word}
{name} and {friend} saw a big {word}
{name} and {friend} were walking in the forest when
{name} met {friend} at the {word}
{name} gave {friend} a {word}
{name} asked {friend} for help.
{name} likes {friend} very much
{name} told {friend} about the {word}
Tell me a story about {name} and {friend}.
One day {name} and {friend} built a {word}
My friends {name} and {friend} like to {word}
Once upon a time, {name} and {friend} found a {word}
Yesterday, {name} and {friend} had a {word}
""".strip().splitlines()
BEGINNINGS_KIND = """
The {kind} said hello to everyone
The {kind} said, "I am so hungry
The {kind} was very hungry and tired.
The {kind} is sleeping
The {kind} looked at the {word} and smiled
The {kind} wanted to find a {word}
The {kind} and the {word}
The {kind} opened the door
The {kind} ran away.
The {kind} who lived in the {word}
The old {kind} had a {word}
The little {kind} wanted to fly to the moon.
The last {kind} in the world
A {kind} lived in a deep forest
A {kind} and a {word} met on the road
{kind}s can be very {word}
I like {kind}s
I ❤ {kind}s
How do {kind}s {word}?
{He} had a big {kind} and
The quick brown {kind} {word} over the lazy {word}.
Why do {kind}s sleep all day?
Two {kind}s met on the road
Once upon a time there was a {kind} who lived in a {word}
Once upon a time there were three {kind}s
In that small Swiss town, a {kind} was looking for a {word}
A big {kind} came to the town
A {word} {kind} was sitting on the wall
Tell me a story about a {kind}.
Tell me about the {kind} and the {word}
Write a story about a brave {kind} and a {word}.
I saw a {kind} in the garden
I want to be a {kind}
I am a {kind} and I like to {word}
I have a {kind} at home
My {kind} is very small
My {kind} likes to eat {word}
Once there was a {kind} who could not sleep.
Once upon a time there was a {kind} who had no friends
Once upon a time, in a land far away, there lived a {kind}
Long ago, a {kind} lived alone on a hill
In a dark cave, a {kind} was sleeping.
In the forest there was a {kind}
Far away lived a {kind} with a golden {word}
Deep in the sea, there was a {kind}
One day a {kind} found a {word}
Do you know the {kind}?
The {kind} {word}
The {kind} {word} {word}
The {kind} {word} the {word}
The {kind} {word} over the {word}
The {kind} {word} into an old {word}
The {word} {kind} {word}
The big {kind} {word} at night
A {kind} {word}
A {kind} {word} {word}
A {kind} {word} the {word}
A {kind} {word} in a {word} {word}
A {kind} {verb}
A {kind} {verb}
A {kind} {verb} through the {word}
A {kind} {verb} the {word} and {verb}
A {word} {kind} {verb}
The {kind} {verb}
The {kind} {verb} up the {word}
The {kind} {verb} in the {word}
The little {kind} {verb} up and down the {word}
The {kind} {verb} its {word}.
Once a {kind} {verb} over the {word}
A {kind} {word} and {word} all day
A {kind} went into the {word}
A {kind} and {his} {word}
A {kind} who {word}
A little {kind} {word}
There was a {kind} who
There was a {word} {kind}
There was once a little {kind} {word}
There lived a {kind}
Once a {kind} {word}
One night the {kind} {word}
In the {word} lived a {kind}
Every {kind} has a {word}
What does the {kind} {word}?
What is a {kind}?
What is the {kind} and why {word}
Where is the {kind}?
Where do {kind}s {word}
How do I make a {kind}?
How many {kind}s {word}
Why do {kind}s {word} so much?
Is there a {kind} in the {word}?
Is the {kind} {word}
Write a poem about a {kind} and {word}
Write about the {kind}
Write me a story about the {kind} please
Give me a story with a {kind}.
Say something about the {kind}
Explain the {kind} to me
Look at the {kind}!
Look, a {kind}!
Can you see the {kind}?
She has a {kind}
They found a {kind} in the {word}
We saw the {kind}
I dreamed of a {kind} last night
I like the {kind} very much
I love my {kind}
I want a {kind}
I have lost the {kind}
My {kind} is {word} and {word}
My {word} {kind}
Our {kind} is very old
The {kind} was on the table.
The {kind} of the {word}
Once upon a {word} {kind}
Today the {kind} is {word}
A poem about the {kind}
A song about a {kind}
A story about the {kind}
Sing a song about the {kind}
Write something about a {kind}
Write a poem about the {kind}
Write a long story about the {kind}
Draw a {kind}
Tell me everything about the {kind}
Tell me about {kind}s
{kind} {word}
{kind}
{kind}
{kind}
{kind}
{kind}
{kind}
{kind}!
{kind}
the {kind}
the {kind}
a {kind}
""".strip().splitlines()
BEGINNINGS = r"""
Hello
Hello!
Hello, how are you?
Hi
Hi, nice to meet you.
Hey you
Good morning!
Good evening everyone
Good day
Good {word}
Good luck with the {word}
Hi you
Hey {word}
Good night
Thank you very much
Thanks for the story
Thanks
Thank you, {word}
Yes
No
Please help me
Help!
Test
What is this?
What is the capital of France?
What is the meaning of all this?
What time is it
What should I do today?
Who are you?
Where do you live?
Why do we sleep at night
How old are you?
When will it rain
Can you tell me a story?
Tell me a story.
Tell me something nice
Write a poem
Write me a short story about love
Once
Once upon
Once upon a time in a land far away
There was
There is no place like home
It was a dark and stormy night
It was a cold day in winter and
It is raining today
One day
One morning
Yesterday
Yesterday we went to the zoo
Today is a good day
Tomorrow I will
Last summer
Long ago
Far away in the mountains
In the beginning
In the forest
In a big city
In the year 2050
In my house there are many
At night
After school
The end
We are going home
We want to eat
They were tired
They {verb} at us
They {verb} and {verb}
They went {word} in the {word}
We {verb} all day
We {verb} to the {word}
You {verb} me
You are so {word}
I {verb} the {word}
I {verb} you
I {verb} at {word}
I {word} you so much
I am very {word}
I was in the {word} when
It {verb} and {verb}
It is so {word}
It was a {word} day
This is {word}
That was {word} and {word}
Nobody {verb}
Everybody {verb} {word}
Someone {verb} at the {word}
Once upon a {word} day
In a {word} far away
Far, far away in a {word} {word}
Last week
Last Monday
Next Friday
On Sunday we {verb}
Every Wednesday
Once upon a {word} {word}
Once upon a time in a {word} {word}
Once upon a time in a place far, far from here
Far, far, far away
Long, long ago
A long, long time ago
very, very {word}
no no no
ha ha ha
la la la
How {word} is it?
What is {word}?
What is a {word}?
What is a {word}
What is a {new}
What is the {word} of {word}?
How does a {new} work
What does it mean to {word}?
Why is it so {word}?
Who {verb} it?
Who is that?
What if {word} {verb}
All is {word}
Everything is {word}.
Nothing is as {word} as
{He} was
{He} {verb} at me
{He} {verb} the {word}
{He} gave me a {word}
{He} did not know what to do
{He} is so {word}
{He} {word} and {word}
{He} said
{He} is a nice {word}
{His} name is
{He} went to the {word} and
It
I
I am happy
I am so tired
I love you
I do not know
I went to the market and bought three apples
My favorite color is
My mother told me
You are funny
If I had wings
All you need is
To be or not to be
Roses are red,
Nothing happened
Life is short
Love
Music
Happy birthday to you
Merry Christmas
Breaking news:
Chapter 1
Question: why?
1 + 1 =
2 plus 2 is
1, 2, 3, 4
3.14
def main():
def {word}(a, b):
def {word}(x):
def {word}({word}, {word}):
{word} = {word}({word})
if {word}:
while {word} > 1:
class {word}:
for i in range(10):
for {word} in {word}:
if {word} == 1:
print("hi")
print("{word} {word}")
{word}("{word}")
return {word} + 1
import {word}
SELECT * FROM table
int x = 5;
<html>
https://example.org
abc
asdf
xyz 123
?
!
"
"Come here
"I am so hungry,"
Es war einmal ein kleines Haus
Guten Morgen
Ich heiße
Wie geht es dir?
Das ist
Bonjour
Il était une fois
Hola, ¿qué tal?
Había una vez
Ciao bella
こんにちは
Привет
你好
🙂
🎉🎉
""".strip().splitlines()
COMMON = """a about above across after again all always an and any apple are as at away back bad
ball be beautiful because bed before behind below best better between big black blue boat book
bread but by cake came can car chair city clean cold come could cup dark day did dinner do does
door down dream drink each early eat end every eye face fall family far fast few find fire first
fish floor flower fly food for forest friend from full fun game garden gave get give go gold good
great green ground grow hair half hand happy hard has hat have he head hear heart heavy help her
here high hill him his home hope hot house how hungry I if in into is island it its jump just keep
kitchen know lake land large last late laugh leaf left letter light like line little live long
look lost lot love low made make many map may me meet milk money moon more morning most mountain
mouth much music must my near never new next nice night no noise not nothing now of off old on one
only open or other our out over page paper park party people picture piece place plan play please
pretty pull put quiet rain read red rest rich ride right river road rock roof room round run sad
said same school sea second secret see sell send seven she ship shoe short show sing sister sit
sky sleep slow small snow so soft some song soon sound spring star start stay still stone stop
story street strong such summer sun sweet swim table take talk tall tell ten than that the their
them then there these they thing think this three time to today together too took town train
travel tree true try turn two under until up us very voice wait walk wall want war warm was wash
watch water way we week well went were what wheel when where which while white who why wide wild
will wind window winter wish with without woman wonder wood word work world would write year
yellow yes yesterday you young your""".split()
COMMON = [word for word in COMMON if word not in LISTED]
VERBS = """sang danced laughed cried slept woke ran jumped flew swam fell stood sat looked smiled
said shouted called asked saw heard found lost took gave made built opened closed ate drank cooked
baked bought sold read wrote painted played worked helped waited went came left lived loved wanted
liked hated knew thought forgot dreamed was had hid broke fixed carried pulled pushed threw caught
climbed walked rode drove traveled turned stopped began tried won followed met""".split()
STARTS = table("""what is|what are|what if|who is|why is|why are|why do|how do|how can|how many
|when is|where is|where are|can you|could you|do you|did you|will you|are you|is it|is there
|should I|shall we|thank you for|thanks|hello|hey|hi|good|dear|she|he|they|we|it|you|I|our|this
|that|these|write|write a|tell me|give me|show me|say|explain|list|let us|please|there is
|there are|in the|on the|at the|after the|if|when|last|next|every|no|yes|so|but|and|then|because
|maybe|never|only|all|some|many""")
NOISE = table("🙂|🎉|❤|🐱|é|ß|ñ|你|б|€|@|#|*|/|=|(|)|[|]|_|1|2|5|2024|:|;|-|&|%")

# Bridges from a beginning into the story

BRIDGES_NAME = """
That is how the story of {name} begins. {name} was {a_hero}, and {he} lived in {place}.
So begins the story of {name}. {name} was {a_hero}, and {he} loved {joy}.
This is the story of {name}. {name} was {a_hero}, and {he} came from {place}.
{name} was {a_hero}, and {he} lived in a little house {near}.
""".strip().splitlines()
BRIDGES_PAIR = """
That is how the story of {name} and {friend} begins. {name} was {a_hero}, and {he} lived in {place}.
This is the story of {name} and {friend}. {name} was {a_hero}, and {he} came from {place}.
So begins the story of {name} and {friend}. {name} was {a_hero}, and {he} loved {joy}.
""".strip().splitlines()
BRIDGES_KIND = """
That is how the story of the {kind} begins. The {kind} was called {name}, and {he} lived in {place}.
So begins the story of the {kind}. The {kind} was called {name}, and {he} loved {joy}.
This is the story of {a_hero} named {name}. {trait}
The {kind} was called {name}, and {he} lived in a little house {near}.
""".strip().splitlines()
BRIDGES = """
So said {a_hero} named {name}. {trait}
This was the dream of {a_hero} named {name}. {trait}
These were the words of {a_hero} named {name}. {trait}
With these words begins the story of {a_hero} named {name}. {trait}
{A_hero} named {name} read this in an old book. {trait}
""".strip().splitlines()

# ----------------------------------------------------------------------------
# Plots: a blank line between two of them

PLOTS = """
[One|One fine|One quiet] {season} [day|morning], {name} could not find the {thing}. It was not under
the bed, and it was not in the garden. "[Where can it be|Who has seen it]?" asked {name}. {A_friend}
helped to look. Then {friend} [stopped and pointed|gave a loud call]. It lay {spot}! "[Thank you|You
have good eyes], {friend}," said {name} and [laughed|danced for joy].

[One|On a] {season} [evening|night], {name} heard a noise behind the house. It was a young
[deer|hare|crow], but it ran away. "[Do not be afraid|Come back]!" called {name}. "[Give it time|Sit
still and wait]," said {a_friend}. So {name} sat very still for three evenings. At last it came and
ate [an apple|some bread] from the hand of {name}. [In the dark, {friend} smiled.|"You see?" said
{friend}.]

One {season} day, {name} and {a_friend} climbed a mountain. Near the top, dark clouds came. "[What
shall we do|Where can we go]?" asked {friend}. "I see a hut!" said {name}. They sat there by the
fire until the [storm was over|rain stopped]. Then a rainbow stood over the valley. "You were
[brave|not afraid], {name}," said {friend}. "[I was, a little|Only because of you]," said {name}.

One {season} morning, {name} saw that the [church clock|old mill|music box] stood still. {name}
tried to fix it, and {he} worked all day, but it was too hard. {A_friend} looked at it from all
sides. "It only needs [a drop of oil|one new screw]," said {friend}. And then, [tick, tock|slowly at
first], it moved again! "[Two heads are better than one|I could never do it alone]," said {name}.

It was the day before the [lake feast|winter feast|feast of lights|spring feast]. {name} was to
[sing a song|beat the big drum|carry the first lantern]. "[What if I make a mistake|Everyone will
look at me]!" said {name}. "Then [we will laugh together|look only at me]," said {a_friend}. When
the time came, {name} looked at {friend}, and {he} was not afraid any more. It went [very
well|better than ever], and the whole {town} cheered.

One day, {name} played with the {thing} of {a_friend}, and it fell into the mud. {name} was
[scared|ashamed] and hid it in a box. "Where is my {thing}?" asked {friend}. "I do not know," said
{name}. In the morning, {name} [brought it back|told the truth], and {he} said, "I am sorry."
"[Thank you for telling me|It is only a little dirty]," said {friend}. They washed it together.

One [cold|clear] winter day, {name} wanted to learn to [skate|ski]. "I will show you," said
{a_friend}. At first {name} fell down [again and again|five times]. "[It is too hard|I cannot do
it]!" said {name}. "[Bend your knees|Look ahead, not down]," said {friend}. {name} got up, and {he}
tried it once more. This time it worked! Then they [drank hot tea|ate {food}].

[One|On a warm] {season} night, {name} could not sleep and went out into the garden. {A_friend} was
awake too. They [counted the stars|looked for the brightest star]. When they came to one hundred, a
star fell. "[Make a wish|Quick, a wish]!" said {friend}. {name} closed both eyes, and {he} smiled.
"What did you wish for?" asked {friend}. "That is my secret," said {name}.

One morning, {name} carried [ten|six] [jars of honey|wheels of cheese|loaves of bread] to the
market, but nobody stopped. {name} was [sad|tired], and {he} wanted to go home. "I have an idea,"
said {a_friend} and played a merry song on the [flute|drum]. People came from every street, and soon
all was sold. "[Your music did it|That was a good idea], {friend}," said {name}.

The old neighbor was ill. {name} [saw no smoke over the roof|heard it from {a_friend}] and [knocked
at the door|ran there at once]. "Come in," said a weak voice. {name} made tea, and {he} [swept the
floor|brought {food}]. After a week, the neighbor was well again and gave {name} a {thing}. "It is
for you, my good {kind}," said the neighbor.

On a {season} day, {name} wanted to bake a cake for {a_friend}, but there were no eggs. {name} was
sad, and {he} walked [down the road|up the hill] to the farm. "Feed the hens, and you can have
[three|some]," said the farmer. {name} [fed them all|did it gladly]. The cake was [a little
crooked|dark on one side]. "[Oh no|I am sorry]!" said {name}. But {friend} took a big bite and said,
"It is the best cake [of my life|in the world]!"

One evening, a [cow|lamb|goat] was missing. {name} [took a lamp|put on a coat] and went out into the
fog with {a_friend}. "[Be quiet and listen|Listen]," said {friend}. Far away, a little bell rang.
There it was, stuck between two stones [by the stream|up in the rocks]. {name} moved the stones, and
{he} was very glad. Then all three went home [through the fog|under the stars].

It had snowed all night. {name} built a snowman and gave it the {thing}. "[It looks lonely|It needs
a friend]," said {a_friend}. So they built a second one. Some days later, a warm wind came, and the
snow was gone. {name} was sad. "They will come back [next winter|with the snow]," said {friend}.
{name} looked up, and {he} smiled.

One {season} morning, {name} caught a silver fish in the lake. "Please let me go," said the fish.
"[I am so small|My children wait for me]." {name} [felt sorry|nodded], and {he} let it go. Then fog
came. "[Help!|Where is the land?]" called {name}. "Follow me," said the fish, and soon the lights of
the {town} came near. {name} told {a_friend} about it, but {friend} only laughed.

In spring, {name} found a seed [in the street|in an old bag]. {name} was glad, and {he} gave it
water every day, but nothing came. "It will never grow," said {a_friend}. "[It needs time|I can
wait]," said {name}. Then, after a warm rain, there was a green leaf. By summer it was a big
[sunflower|rose|pumpkin]. "I was wrong," said {friend}. {name} smiled and gave {friend} a new seed.

Every evening, {name} heard [music|a song] from the old tower. Nobody lived there! {name} [went
up the dark stairs|opened the heavy door], and {he} was a little afraid. At the top sat {a_friend}
with a flute. "[I play here because I am shy|Do not tell anyone]," said {friend}. "Please go on,"
said {name}. [From then on, they sat there every Sunday.|And soon the whole {town} listened.]

"I want to fly," said {name}. {name} built wings of paper, and {he} stood on a [hill|rock].
"Stop!" called {a_friend}. "You will fall!" "[Then how do I get up there?|But I want to see the
clouds!]" said {name}. So they made a kite from the wings. It rose [higher and higher|over all the
roofs]. "[It sees the clouds for us|Now a part of us is flying]," said {friend}.

A letter came for {name}, but the rain had washed it. {name} went [from door to
door|to the market] and asked, "Did you write to me?" [Nobody had.|All shook their heads.] In the
last house lived {a_friend}. "It was me," said {friend}. "I wanted to be your friend, but I was too
shy to knock." So {name} [sat down|stayed], and {he} went home [very late|with a light heart].

One Sunday, {name} took the red train, and {he} [lost|forgot] a {thing} there. "[How do I get
it back?|It is gone for ever!]" said {name}. "[Trains come back|Sit down and wait with me]," said
{a_friend} at the station. They [drank tea|played cards]. When it was dark, the train came in, and
there it was, on [a seat|the same seat]!

Everyone said that there was a monster in the forest. One night, {name} took a lamp, and {he} went
to look. [Something moved!|Two eyes shone in the dark.] "Who is there?" called {name}. "Only me,"
said {a_friend}. "I [lost my way|am looking for mushrooms]. Are you the monster?" They laughed so
loud that [the owls flew up|all the birds woke up].

One Sunday, {name} and {a_friend} had a race. {name} was first, but there was a little bird on
the road. {name} stopped, and {he} [put it back into its nest|warmed it with both hands]. {friend}
won. "Why did you stop?" asked {friend}. When {name} told the story, {friend} said, "Then [the prize
is yours|you have won]." It was {food}, and they shared it.

No rain fell that summer. {name} had one [bottle|jug] of water left, and {he} was thirsty. But by
the road stood a small tree with brown leaves, and {name} gave it the water. "[That was your last
water|Why did you do that]!" said {a_friend}. "[The tree cannot walk to the lake|It was more thirsty
than I]," said {name}. That night it rained, and in the morning, the tree [was green|had one
flower].

One {season} day, {name} painted the [lake|mountain|church], but the picture was all gray.
"[I cannot do it!|What is wrong with it?]" said {name}. "It only needs some sun," said {a_friend}.
{name} nodded, and {he} added a yellow dot, a red roof and two small people. "Who are they?" asked
{friend}. "[You and me|That is us]," said {name}.

On the way home, {name} found a {thing}, but {a_friend} wanted it too. "[It is mine|Give it to
me]!" said {name}. They went home [without a word|in different streets]. The next day was
[long|boring]. The {thing} was no fun alone. So {name} went out, and {he} met {friend} on the
bridge. "You can have it," they both said at once, and they had to laugh.
""".strip().split("\n\n")

ENDINGS = """
The end.
That night, {name} slept very well.
That night, {name} dreamed of {joy}.
So {name} and {friend} stayed friends for ever.
And that is the story of {name}, the {mood} {kind}.
And that is the story of {name} and {friend}.
From that day on, everyone in the {town} liked the {mood} {kind}.
And they still tell this story in the {town} today.
And {name}? {name} was the happiest {kind} in the {town}.
""".strip().splitlines()

# ----------------------------------------------------------------------------
# The story


def expand(rng, text, fields):
    """
    >>> expand(random, "[a|a] {thing}.", {"thing": "old hat"})
    'an old hat.'
    """
    text = re.sub(r"(?s)\[(.*?)\]", lambda marks: rng.choice(marks[1].split("|")), text)
    text = text.format(**fields)
    text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)
    return " ".join(text.split())


def the_hero(rng):
    """The fields of a hero; most names are made up."""
    she = rng.random() < 0.5
    fields = dict(SHE if she else HE)
    if rng.random() < 0.7:
        rule = rng.random() < 0.8
        fields["name"] = made_up_name(rng)
        while rule and hers(fields["name"]) != she:
            fields["name"] = made_up_name(rng)
    else:
        fields["name"] = rng.choice(GIRLS if she else BOYS)
    fields["kind"] = "girl" if she else "boy"
    fields["title"] = rng.choice(["Captain", "Doctor", "Professor"] + (
        ["Queen", "Princess", "Mrs.", "Aunt"] if she else ["King", "Prince", "Mr.", "Uncle"]
    ))  # fmt: skip
    return fields


def other_kind(rng, fields):
    kinds = KINDS_SHE if fields["he"] == "she" else KINDS_HE
    return rng.choice(kinds if rng.random() < 0.2 else KINDS)


def a_verb(rng):
    word = rng.choice(VERBS) if rng.random() < 0.6 else a_word(rng)
    return word if word in VERBS else re.sub("e?$", "ed", word, count=1)


def a_word(rng):
    return rng.choice(COMMON) if rng.random() < 0.8 else made_up_word(rng)


def random_words(rng, keep):
    """2 to 12 words, with keep among them: "", "{name}", "a {kind}"."""
    count = rng.choice([2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 12])
    row = [rng.choice(COMMON)] + [a_word(rng) for _ in range(count - 1)]
    row[0] = rng.choice([row[0], rng.choice(STARTS)]).capitalize()
    if rng.random() < 0.1:
        row[rng.randrange(count)] += rng.choice(NOISE)
    if rng.random() < 0.05:
        again = rng.choice([a_word(rng), stutter(rng)])
        row.insert(rng.randint(1, count), " ".join([again] * rng.randint(2, 5)))
    if keep:
        row.insert(rng.randint(0, len(row)), keep)
    return " ".join(row) + rng.choice(["", "", "", "", "", ".", "!", "?", ","])


def emoji(rng):
    """1 to 3 pictures, each a character of four bytes."""
    return "".join(chr(rng.randint(0x1F300, 0x1F64F)) for _ in range(rng.randint(1, 3)))


def beginning(rng, fields):
    """What a reader may type, and the bridges that lead from there into the story."""
    share = rng.random()
    if share < 0.25:
        texts, keep, bridges = BEGINNINGS_NAME, "name", BRIDGES_NAME
    elif share < 0.33:
        texts, keep, bridges = BEGINNINGS_PAIR, "friend", BRIDGES_PAIR
    elif share < 0.61:
        texts, keep, bridges = BEGINNINGS_KIND, "kind", BRIDGES_KIND
    elif share < 0.82:
        texts, keep, bridges = BEGINNINGS, "", BRIDGES
    elif share < 0.90:
        texts, keep, bridges = [random_words(rng, "")], "", BRIDGES
    elif share < 0.95:
        texts, keep, bridges = [random_words(rng, "{name}")], "name", BRIDGES_NAME
    else:
        kept = rng.choice(["the {kind}", "a {kind}", "my {kind}"])
        texts, keep, bridges = [random_words(rng, kept)], "kind", BRIDGES_KIND
    text = rng.choice(texts) if keep or rng.random() < 0.95 else emoji(rng)
    if "{kind}" in text:
        fields["kind"] = other_kind(rng, fields)
        sort = rng.random()
        if keep == "kind" and sort < 0.35:
            fields["kind"] = rng.choice(OBJECTS)
        elif sort > 0.92:
            fields["kind"] = "girl" if fields["he"] == "she" else "boy"
    if "{title}" in text and fields["title"].lower() in LISTED:
        fields["kind"] = fields["title"].lower()
    if "{kind}s" in text:
        fields["kind"] = rng.choice([kind for kind in KINDS if kind[-1] in "bgkmnprt"])
    if rng.random() < 0.05:
        text = text.replace("{name}", "{name} " + made_up_name(rng), 1)
    if rng.random() < 0.4:
        # cut it short, at the end of a word, behind what is to be kept
        first = text.rindex("{" + keep + "}") + len(keep) + 2 if keep else 1
        text = text[: rng.choice([i for i in range(first, len(text) + 1) if text[i:][:1] in " "])]
    case = rng.random()
    if case < 0.26:
        text = text.lower()
        if keep in ("name", "friend"):
            fields.update(name=fields["name"].lower(), friend=fields["friend"].lower())
    front, mark, back = text.partition("{kind}")
    back = re.sub("{word}", lambda _: rng.choice(NOUNS) if rng.random() < 0.3 else "{word}", back)
    text = re.sub("{word}", lambda _: a_word(rng), front + mark + back)
    text = re.sub("{verb}", lambda _: a_verb(rng), text)
    text = re.sub("{new}", lambda _: made_up_word(rng), text).format(**fields)
    text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)
    if case > 0.98 and not keep:
        text = text.upper()
    elif case > 0.26 and (keep != "kind" or case > 0.4 and fields["kind"] in LISTED):
        text = text[0].upper() + text[1:]
    if rng.random() < 0.04:
        text += " " + emoji(rng)
    if rng.random() < 0.08:
        first = rng.choice([line for line in BEGINNINGS if "{" not in line])
        text = first + (" " if first[-1] in ".!?" else rng.choice([". ", "! ", ", "])) + text
    return text, bridges


def bridge(text):
    """What stands between a beginning and the sentence that leads into the story."""
    dots = "" if re.search(r"[.!?]\"?$", text) else "..." if text.endswith(" ") else " ..."
    return dots + ('"' if text.count('"') % 2 else "")


def marked_story(rng):
    """A story in which ‹ › stand round what nobody can know, « » round what is said again.

    Nobody can know what a reader types, or a made-up word that comes for the first time.
    """
    fields = the_hero(rng)
    fields["friend"] = fields["name"]
    while fields["friend"] == fields["name"]:
        fields["friend"] = made_up_name(rng) if rng.random() < 0.6 else rng.choice(GIRLS + BOYS)
    fields.update(rng.choice(PLACES), season=rng.choice(SEASONS))
    for field, values in (
        ("thing", THINGS), ("spot", SPOTS), ("food", FOODS), ("joy", JOYS), ("mood", MOODS),
        ("mood2", MOODS),
    ):  # fmt: skip
        fields[field] = rng.choice(values)

    typed, pair = "", False
    if rng.random() < 0.55:
        typed, bridges = beginning(rng, fields)
        if rng.random() < 0.04:
            typed += " "
        opening, pair = rng.choice(bridges), bridges is BRIDGES_PAIR
    else:
        pair = rng.random() < 0.12
        opening = rng.choice(OPENINGS_PAIR if pair else OPENINGS)
        if rng.random() < 0.5 and re.search("hero|kind", opening):
            fields["kind"] = other_kind(rng, fields)
        if "small Swiss town" in opening:
            fields["town"] = "town"
        opening += " {trait}"
    trait = rng.choice(TRAITS)
    child = fields["kind"] in ("girl", "boy")
    if rng.random() < (0.2 if child else 0.8):
        trait = trait.replace("{name}", "The {kind}", 1)
    fields["trait"] = expand(rng, trait, fields)
    fields["a_hero"] = "a " + fields["kind"]
    if rng.random() < 0.75:
        fields["a_hero"] = "a " + fields["mood"] + " " + fields["kind"]
    fields["a_friend"] = fields["friend"]
    if not pair:
        helper = rng.choice(["friend", rng.choice(HELPERS), "old " + rng.choice(HELPERS)])
        fields["a_friend"] = f"a {helper} named {fields['friend']}"
    fields["A_hero"] = "A" + fields["a_hero"][1:]
    fields["A_friend"] = fields["a_friend"] if pair else "A" + fields["a_friend"][1:]

    told = fields["kind"] in ["girl", "boy", *KINDS_SHE, *KINDS_HE]  # she or he
    copied = {fields[field] for field in ("name", "friend", "mood", "kind", "he")}
    often = 0.5 if child else 0.7
    plot = re.sub(
        "(?<=said ){name}",
        lambda _: "the {kind}" if rng.random() < often else "{name}",
        rng.choice(PLOTS),
    )
    text = expand(rng, opening, fields) + "\n" + expand(rng, plot, fields)
    if rng.random() < 0.4:
        has_friend = fields["friend"] in text
        endings = [line for line in ENDINGS if has_friend or "{friend}" not in line]
        text += "\n" + expand(rng, rng.choice(endings), fields)
    for word in copied:
        whole = rf"(?<!\w){word}(?!\w)"
        text = re.sub(whole, f"«{word}»", text)
        if not re.search(whole, typed) and not (word == fields["he"] and told):
            new = word if word in LISTED or word == fields["he"] else f"‹{word}›"
            text = text.replace(f"«{word}»", new, 1)
    return f"‹{typed}›«{bridge(typed)}» {text}" if typed else text


def story(rng):
    """One story, a str. rng: a random.Random."""
    return re.sub("[‹›«»]", "", marked_story(rng))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print very short stories from Switzerland.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-n", type=int, default=10, help="how many stories")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    for _ in range(args.n):
        print(story(rng) + "\n")
