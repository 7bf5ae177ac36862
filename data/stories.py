"""
Very short children's stories from small Swiss towns, villages, lakes and mountains.

    python stories.py --seed 1 -n 10

A story is one opening, one plot and one ending. All three are plain text with two marks:
[a|b|c] is one of a, b and c, and {name} is a field of the story: who, where, when and what.
"""

import argparse
import random
import re

# ----------------------------------------------------------------------------
# Who, where, when and what


def table(columns, text):
    """
    >>> table("dish taste", "soup|hot")
    [{'dish': 'soup', 'taste': 'hot'}]
    """
    columns = columns.split()
    rows = [line.split("|", len(columns) - 1) for line in text.strip().splitlines()]
    return [dict(zip(columns, row)) for row in rows]


SHE = dict(he="she", him="her", his="her", himself="herself")
HE = dict(he="he", him="him", his="his", himself="himself")

GIRLS = "Mia Lea Anna Lena Emma Lara Heidi Rosa Greta Nora Ella Maja Flora Käthi".split()
BOYS = "Luca Jan Leo Ben Finn Noah Emil Ueli Peter Anton Karl Marco Simon Jürg".split()
FRIENDS_SHE = "Nina Sara Vreni Ida Paula Klara Vera Zoe".split()
FRIENDS_HE = "Tim Reto Urs Max Otto Nils David Beat".split()
PETS_SHE = "Luna Bella Kiki Mimi Susi Lotti".split()
PETS_HE = "Bip Momo Pico Hugo Tobi Balu".split()

CREATURES = "robot|robot|dog|dog|cat|cow|goat|marmot|dragon|donkey|bear|fox".split("|")
ADULTS = "baker|farmer|painter|teacher|clockmaker|shepherd".split("|")
MOODS = "kind|brave|shy|cheerful|curious|quiet|clever|friendly|little|small".split("|")

LAKES = table("place town near water", """
Zürich|city|by Lake Zürich|Lake Zürich
Thun|town|by Lake Thun|Lake Thun
Spiez|town|by Lake Thun|Lake Thun
Brienz|village|by Lake Brienz|Lake Brienz
Luzern|city|by Lake Luzern|Lake Luzern
Zug|town|by Lake Zug|Lake Zug
Lugano|town|by Lake Lugano|Lake Lugano
Montreux|town|by Lake Geneva|Lake Geneva
""")
MOUNTAINS = table("place town near peak", """
Appenzell|village|below the Säntis|the Säntis
Grindelwald|village|below the Eiger|the Eiger
Wengen|village|below the Jungfrau|the Jungfrau
Zermatt|village|below the Matterhorn|the Matterhorn
Davos|town|in the high mountains|the mountain
Arosa|village|in the high mountains|the mountain
Grüningen|town|in the green hills|the hill
Chur|town|in a wide valley|the mountain
""")
WEATHER = {
    "winter": """[Snow lay on every roof.|The air was cold and clear.|Soft snow fell from the sky.|
        The windows were white with frost.]""",
    "spring": """[The meadows were full of flowers.|The birds sang in every tree.|The last snow was
        gone.|A soft wind blew.]""",
    "summer": """[The sun was warm.|The sky was blue.|Bees hummed in the flowers.|The grass was high
        and green.]""",
    "autumn": """[The leaves were red and gold.|Fog lay in the valley.|The wind blew the leaves
        along the street.|The apples were ripe.]""",
}

THINGS = table("thing spot", """
red scarf|on a branch behind the church
blue cap|under a bench by the well
silver bell|in the grass near the barn
little flute|on a stone by the stream
golden key|between two stones of the old wall
green bag|behind the bakery
wooden horse|in the hay in the barn
yellow umbrella|under a seat in the train
book of songs|on the steps of the school
white button|in a crack in the bridge
old compass|in the moss under a tree
warm glove|on the fence near the station
""")
WILD = table("animal noise treat", """
fox|a soft bark|a piece of cheese
deer|a small sound in the leaves|a red apple
hedgehog|a little rustle|a sweet pear
squirrel|a quick scratch|a nut
marmot|a whistle|a carrot
owl|a quiet call|a bit of bread
kitten|a thin meow|some milk
crow|a loud cry|a bit of bread
rabbit|a little rustle|a carrot
goat|a small cry|some fresh hay
""")
HERD = "calf lamb kid foal".split()
BROKEN = table("broken fault tool works", """
music box|did not play|a tiny screw|played its song again
church clock|stood still|a drop of oil|went tick, tock again
blue boat|had a hole|a wooden board|danced on the water again
old sled|had lost a board|two strong nails|was as fast as the wind again
red bicycle|had a flat tire|a patch|rolled down the street again
wooden bridge|had a broken board|some wood and nails|was safe again
toy train|did not move|a new spring|ran round and round again
lamp at the station|did not shine|a new wire|was bright again
little mill|did not turn|a bit of rope|turned and turned again
""")
FOODS = """warm bread|hot soup|apple cake|nut cake|fresh cheese|plum cake|plum tart|bread with honey
|berry cake|pear bread""".replace("\n", "").split("|")
JOYS = """the sound of cow bells|the smell of fresh bread|long walks|old songs|the red trains
|the tall mountains|funny stories|the stars|small boats
|the church bells""".replace("\n", "").split("|")
FLOWERS = "rose|tulip|sunflower|bean|pumpkin|daisy".split("|")
WINTER_SKILLS = table("skill doing where tip", """
ski|skiing|on the white hill|Bend your knees
skate|skating|on the ice|Look ahead, not at your feet
ride the sled|riding the sled|on the snowy hill|Hold on and lean back
""")
SUMMER_SKILLS = table("skill doing where tip", """
swim|swimming|in the lake|Move slowly, like a frog
row a boat|rowing|on the lake|Pull with both arms
dive|diving|by the little bridge|Take a deep breath first
fish|fishing|by the lake|Sit still and wait
""")
FEASTS = table("season feast part", """
winter|feast of lights|carry the big lantern
winter|winter feast|sing a song in front of all the people
spring|feast of flowers|carry the flower crown
spring|spring feast|play the flute in front of all the people
summer|lake feast|beat the big drum
summer|summer feast|play the alphorn
autumn|cheese feast|play the alphorn
autumn|lantern feast|carry the first lantern
""")
WARES = table("ware wares", """
cheese|wheels of cheese
honey|jars of honey
bread|loaves of bread
wool|balls of wool
butter|pounds of butter
soap|pieces of soap
""")
FOREIGN = "Italy France Spain Japan India Brazil Norway Kenya Poland Canada".split()
COWS = "Lisi|Flecki|Resi|Bless|Zenzi".split("|")
GARMENTS = "scarf|hat|cap".split("|")
SIGNS = """her shutters were still closed|there was no smoke over her roof
|her milk still stood at the door""".replace("\n", "").split("|")
WONDERS = """a dragon in the lake|the first train|a lost goat|a very deep snow
|a dancing bear""".replace("\n", "").split("|")
OLD = "Frau Meier|Frau Keller|Frau Huber|Frau Müller|Frau Graf|Frau Bühler".split("|")

# ----------------------------------------------------------------------------
# Openings: each introduces the hero, and most of them the place

OPENINGS = """
In that small Swiss town, there lived {a_hero} named {name}.
In that small Swiss town lived {a_hero} named {name}.
In that small Swiss town {near}, there was {a_hero} named {name}.
In that small Swiss town, everyone knew {a_hero} named {name}.
In that small Swiss town with its [old walls|red roofs|long bridge], lived {a_hero} named {name}.
Once upon a time, there was {a_hero} named {name}. {He} lived in {place}, a [small|quiet|pretty] {town} {near}.
Once upon a time, in the {town} of {place}, there lived {a_hero} named {name}.
Once upon a time, {a_hero} named {name} lived in {place}.
Once upon a time, {a_hero} lived in a little house {near}. {His} name was {name}.
{place} is a [small|quiet|pretty] {town} {near}. {A_hero} named {name} lived there.
{place} was quiet that {season}. Only {a_hero} named {name} was [already awake|not bored at all|busy from morning to night].
{name} was {a_hero} from {place}.
{name} was {a_hero}. {He} lived in {place}, a [small|quiet|pretty] {town} {near}.
{name} lived in {place}, a [small|quiet|pretty] {town} {near}.
In {place}, a [small|quiet|pretty] {town} {near}, lived {a_hero} named {name}.
{A_hero} named {name} lived in {place}.
{A_hero} named {name} lived in a little house {near}.
There was once {a_hero} named {name}, who lived in {place}.
"Good morning, {place}!" called {name} every day. {name} was {a_hero}.
It was {season} in {place}. {A_hero} named {name} looked out of the window and smiled.
""".strip().splitlines()
OPENINGS_PAIR = """
{name} and {friend} were best friends. They lived in {place}, a [small|quiet|pretty] {town} {near}.
{name} and {friend} lived in the same street in {place}.
In that small Swiss town, {name} and {friend} were best friends.
Once upon a time, there were two friends in {place}, {name} and {friend}.
""".strip().splitlines()
OPENINGS_KIND = """
The {kind} was called {name} and lived in {place}, a [small|quiet|pretty] {town} {near}.
The {kind} {name} lived in {place}.
A {kind} named {name} lived in {place}, a [small|quiet|pretty] {town} {near}.
""".strip().splitlines()

# ----------------------------------------------------------------------------
# Plots: (who may be the hero, seasons, places, text)

ANY = "winter spring summer autumn"
ALL = "child creature adult"
BOTH = "lake mountain"

PLOTS = [
    (ALL, ANY, BOTH, """
{name} had a {thing} and took it everywhere. [One|On a|One fine|One quiet] {season} [day|morning],
the {thing} was gone!
{name} looked [under the bed|in the house and in the garden], but it was not there.
"[Oh no!|Where can it be?]" said {name}.
"[Do not cry|Do not worry]," said {his} friend {friend}. "We will [find it|look for it] together."
They [walked through the {town}|asked everyone in the {town}]. Then {friend} [stopped and
pointed|called out loud].
There, {spot}, was the {thing}! {name} [laughed|jumped for joy] and gave {friend} a big hug.
"[Thank you|You are my best friend]!" said {name}.
"""),
    (ALL, ANY, BOTH, """
[One|On a|One fine|One quiet] {season} [day|evening], {name} heard {noise} [behind the house|near
the old barn]. It was a [little|shy|young] {animal}.
But when {name} came near, the {animal} ran away.
The next day, {name} put {treat} on the ground and [waited|sat down to wait]. The {animal} [looked
at {name}|came a little nearer], but it did not take it.
"[Give it time|Do not give up]," said {his} friend {friend}.
On the third day, {name} sat very still. [Slowly|Step by step], the {animal} came and took {treat}.
"Hello, little friend," said {name}. From that day on, the {animal} was not shy any more.
"""),
    (ALL, "spring summer autumn", "mountain", """
[One|On a|One fine|One quiet] {season} [day|morning], {name} and {his} friend {friend} climbed
{peak}. {weather}
But soon [dark clouds came|the sky grew dark]. There was thunder, and the rain fell hard. "[I am
afraid!|What shall we do?]" said {friend}.
"[I see a light|There is an old hut]!" said {name}. "Come, give me your hand."
In the hut, an old [shepherd|farmer] gave them {food}. [They sat by the fire until the storm was
over.|They dried their clothes by the fire.]
Then [there was a rainbow over the valley|the sun came out again]. "You were very brave, {name},"
said {friend}.
"[I was afraid too|I was brave because you were with me]," said {name}.
"""),
    ("child", ANY, BOTH, """
[One|On a|One fine|One quiet] {season} [day|morning], a new {kind2} came to the school. {His2} name
was {friend}, and {he2} came from {foreign}.
{friend} sat alone and did not say a word. {name} [saw that {friend} was sad|wanted to be a friend]
and sat down next to {him2}.
"Do you like {food}?" asked {name}. {friend} [nodded|smiled a little], and they shared it.
"At home, we [sing a song about that|have that too]," said {friend}. Soon they were both
[singing|laughing].
After school, {name} gave {friend} a {thing}. "It is for you," said {name}.
Now {friend} was not alone any more.
"""),
    (ALL, ANY, BOTH, """
[One|On a|One fine|One quiet] {season} [day|morning], {name} saw that the {broken} {fault}. "[What a
pity|Oh dear]!" said {name}.
{name} tried to fix it {himself}, but it [only got worse|was too hard]. So {he} went to {his} friend
{friend}.
"Can you help me?" asked {name}. {friend} looked at the {broken} [from all sides|for a long time].
"[We only need|All it needs is] {tool}," said {friend}. They worked [until it was dark|all
afternoon].
At last, the {broken} {works}. [The whole {town} came to see it.|All the people clapped their
hands.]
"[Two heads are better than one|It is easier with a friend]!" said {name}.
"""),
    (ALL, "feast", BOTH, """
It was the day before the {feast}. This year, {name} was to {part}. But {name} was [afraid|very
nervous].
"What if I make a mistake?" {he} asked {his} friend {friend}.
"[Then we will laugh together|I will be there]," said {friend}. "[Try it once more|Just look at
me]."
So {name} tried it [again and again|until it was dark].
[The next day|At last], the whole {town} came to the {feast}. {name} took a deep breath and looked
at {friend}. And {friend} smiled.
[Then {name} was not afraid any more.|Then {name} forgot all fear.] It went [very well|better than
ever], and [everyone|the whole {town}] [clapped|cheered].
"[You see|You did it]!" said {friend}.
"""),
    (ALL, ANY, BOTH, """
[One|On a|One fine|One quiet] {season} [day|afternoon], {name} played with the {thing} of {his}
friend {friend}. But the {thing} fell into the [mud|stream].
{name} was scared. {He} hid the {thing} [under the bed|in a box] and said nothing.
"Have you seen my {thing}?" asked {friend}. "No," said {name}.
That night, {name} could not sleep. In the morning, {he} [ran|went] to {friend}.
"I am sorry," said {name}. "The {thing} is dirty, and I hid it."
{friend} was [quiet for a moment|a little angry at first]. Then {he2} smiled. "Thank you for telling
me," said {friend}.
They washed the {thing}, and soon it [looked like new|was clean again].
"""),
    (ALL, "skill", "skill", """
[One|On a|One fine|One quiet] {season} day, {name} wanted to learn to {skill}. [{weather}|]
"[It is not hard|I will show you]," said {his} friend {friend}. They met {where}.
[At first, nothing went well.|The first time was not easy.] "[I cannot do it|It is too hard for
me]!" said {name}.
"[It was hard for me too|Do not give up]," said {friend}. "{tip}!"
{name} [took a deep breath|wiped {his} nose] and tried once more. And [suddenly|this time], it
worked!
"[I can do it|Look at me]!" called {name}. {friend} [clapped {his2} hands|cheered].
Then they [went home|sat down] and ate {food}.
"""),
    (ALL, ANY, BOTH, """
[One|On a|One fine|One quiet] {season} night, {name} could not sleep. So {he} [put on a warm
coat|took a blanket] and went out [into the garden|to the old wall]. The sky was full of stars.
{His} friend {friend} was there too. "[I cannot sleep," said|Are you awake too?" asked] {friend}.
They sat close together and counted the stars. [There were too many.|When they came to one hundred,
they laughed.]
Suddenly, a shooting star flew over [the roofs|the mountains]. "Make a wish!" said {friend}.
{name} closed {his} eyes and wished for [a {thing}|{food}].
"What did you wish for?" asked {friend}. "That is my secret," said {name}.
"""),
    (ALL, "spring summer autumn", BOTH, """
[One|On a|One fine|One quiet] {season} [day|morning], {name} [carried|brought] {wares} to the
market. But nobody [stopped|came] to buy.
"Nobody wants my {ware}," said {name}. {He} was [sad|tired].
Then {his} friend {friend} came by. "I have an idea!" said {friend}.
{friend} took a [drum|flute] and [made music|played a merry song]. The people [turned around|stopped
and listened].
Soon there was a long line in front of {name}. By noon, all the {ware} was gone.
"[You had the best idea of the day|Without you, I would still sit here]," said {name}. And they
shared {food} in the sun.
"""),
    (ALL, ANY, BOTH, """
Next door lived old {old}. [One|On a|One fine|One quiet] {season} [day|morning], {name} saw that
{sign}. "[Something is wrong|That is strange]," {he} thought.
{name} knocked at the door. "Come in," said a weak voice. {old} was in bed. "[I have a cold|My leg
hurts]," she said.
"[I can help you|Do not worry]," said {name}. {He} brought {food} and [made a fire|made hot tea].
Then {old} told a story about {wonder}, and {name} listened with big eyes.
A week later, {old} was well again and gave {name} a {thing}. "This is for my best neighbor," she
said.
"""),
    (ALL, ANY, BOTH, """
It was the birthday of {friend}, the best friend of {name}. {name} wanted to bake {cake}, but there
were no eggs [in the house|left]!
So {he} walked [up the hill|down the road] to the farm. "May I have [some|three] eggs, please?"
asked {name}.
"If you [help me feed the hens|find them in the hay], you can have them," [said|laughed] the farmer.
{name} helped him and [went|ran] home with the eggs. Then {he} baked until [late|evening].
The cake was [a little crooked|a bit dark on one side], and {name} was [sad|not sure].
But {friend} [took a big bite|ate a big piece]. "It is the best cake [in the world|of my life|in the
whole {town}]!" said {friend}.
"""),
    (ALL, "spring summer autumn", "mountain", """
{name} looked after [five|six|ten] cows above the {town}. The smallest one was called {cow}.
[One|On a|One fine|One quiet] {season} evening, {cow} was not there. [Fog lay over the grass.|It was
already getting dark.]
"{cow}! {cow}!" called {name}. {His} friend {friend} came with a lamp. "[Be quiet and
listen|Listen]," said {friend}.
Far away, they heard a small bell. They went [down to the stream|up to the rocks]. There was {cow},
and her leg was stuck between two stones!
{friend} held the lamp, and {name} moved the stones. {cow} [licked {his} hand|mooed for joy]. Then
they all went home [through the fog|under the stars].
"""),
    (ALL, "winter", BOTH, """
[It had snowed all night.|In the morning, all was white.] {name} and {his} friend {friend}
[built|made] a snowman. {name} put {his} own {garment} on him.
"[He looks a little sad|He needs a friend too]," said {name}. So they built a second one[.|, a bit
smaller.|, with a funny hat.]
[In the night|That night], the two snowmen stood [side by side|close together] under the moon.
But [some days|a week] later, [a warm wind came|the sun grew warm], and the snowmen got smaller and
smaller. In the end, only the {garment} was left.
"[Do not be sad|They are not gone]," said {friend}. "They will come back [next winter|with the next
snow]."
{name} put the {garment} on again and [smiled|waved at the clouds]. "[See you next winter|Come back
soon]!" {he} called.
"""),
    (ALL, "spring summer autumn", "lake", """
[One|On a|One fine|One quiet] {season} [day|morning], {name} went out on the lake in a little
[green|blue|white] boat. [Soon|After a while] there was a [silver|golden] fish in the net.
"Please let me go," said the fish. "[I am still so small|My mother is waiting for me]."
{name} was hungry, but {he} felt sorry for the fish. "[Off you go|Swim home, little one]," said
{name}.
Then [the fog came|a strong wind came up], and {name} [could not see the land|lost an oar]. "[How
shall I get home?|Help!]" called {name}.
"[Follow me|I know the way]," said the little fish. {name} followed it, and soon {he} saw the lights
of the {town}.
"Thank you, little fish!" called {name}. "You helped me first," said the fish.
At home, {name} told {his} friend {friend} all about it.
"""),
    (ALL, "spring", BOTH, """
[One|One fine] spring [day|morning], {name} found a seed [in the street|in an old bag]. {He} put it
into the ground and gave it some water.
Every morning, {name} went to look. But there was only [earth|brown earth].
"It will never grow," said {his} friend {friend}. "[I will wait|It only needs time]," said {name}.
{He} sang a little song to the seed.
Then there was a night of warm rain. [In the morning|The next day], {name} saw a tiny green leaf!
In summer, it was a [tall|big|lovely] {flower}, [the biggest|the finest] in the {town}.
"I was wrong," said {friend}. {name} [smiled|laughed] and gave {him2} a new seed.
"""),
]

# Sentences that may follow the opening, and those that may follow any plot

TRAITS = """
{He} loved {joy}.
{His} best friend was {friend}.
Everyone in the {town} liked {name}.
""".strip().splitlines()
ENDINGS = """
The end.
That night, {name} slept very well.
That night, {name} dreamed of {joy}.
{name} was happy, and so was {friend}.
And when the bells rang in the evening, {name} smiled.
And if you ever come to that {town}, you may meet {name} there.
And they still tell this story in the {town} today.
""".strip().splitlines()

# ----------------------------------------------------------------------------
# The story


def someone(rng, names_she, names_he, kind_she, kind_he):
    """A name, what its bearer is, and the pronouns."""
    if rng.random() < 0.5:
        return rng.choice(names_she), kind_she, SHE
    return rng.choice(names_he), kind_he, HE


def expand(rng, text, fields):
    """
    >>> expand(random, "[a|a] {thing}.", {"thing": "old hat"})
    'an old hat.'
    """
    text = re.sub(r"(?s)\[(.*?)\]", lambda marks: rng.choice(marks[1].split("|")), text)
    text = text.format(**fields)
    text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)
    return " ".join(text.split())


def story(rng):
    """One story, a str of two or three paragraphs. rng: a random.Random."""
    heroes, seasons, landscape, plot = rng.choice(PLOTS)
    fields = {}
    # where and when
    if seasons == "feast":
        fields.update(rng.choice(FEASTS))
    elif seasons == "skill":
        fields["season"] = rng.choice(["winter", "summer"])
        landscape = "lake" if fields["season"] == "summer" else BOTH
        skills = SUMMER_SKILLS if fields["season"] == "summer" else WINTER_SKILLS
        fields.update(rng.choice(skills))
    else:
        fields["season"] = rng.choice(seasons.split())
    places = {"lake": LAKES, "mountain": MOUNTAINS, "lake mountain": LAKES + MOUNTAINS}[landscape]
    fields.update(rng.choice(places))
    fields["weather"] = expand(rng, WEATHER[fields["season"]], {})
    # who
    hero = rng.choice(heroes.split() + ["child"])
    if hero == "child":
        name, kind, pronouns = someone(rng, GIRLS, BOYS, "girl", "boy")
    elif hero == "creature":
        kind = rng.choice(CREATURES)
        name, kind, pronouns = someone(rng, PETS_SHE, PETS_HE, kind, kind)
    else:
        kind = rng.choice(ADULTS)
        name, kind, pronouns = someone(rng, GIRLS, BOYS, kind, kind)
    mood = rng.choice(MOODS[:-2] if hero == "adult" else MOODS)
    friend, kind2, pronouns2 = someone(rng, FRIENDS_SHE, FRIENDS_HE, "girl", "boy")
    fields.update(pronouns, name=name, kind=kind, a_hero=f"a {mood} {kind}")
    fields.update(friend=friend, kind2=kind2)
    fields.update({word + "2": value for word, value in pronouns2.items()})
    # what
    for rows in THINGS, WILD, BROKEN, WARES:
        fields.update(rng.choice(rows))
    fields["wares"] = rng.choice("five six ten".split()) + " " + fields["wares"]
    fields["joy"] = rng.choice(JOYS)
    fields["food"] = rng.choice(FOODS)
    fields["cake"] = "a " + rng.choice([food for food in FOODS if "cake" in food])
    for field, values in (
        ("foreign", FOREIGN), ("flower", FLOWERS), ("cow", COWS), ("garment", GARMENTS),
        ("sign", SIGNS), ("wonder", WONDERS), ("old", OLD),
    ):  # fmt: skip
        fields[field] = rng.choice(values)

    # a friend who is there from the beginning is in every plot but those of a newcomer
    old_friend = "{friend}" in plot and "{kind2}" not in plot
    openings = OPENINGS
    if hero != "child" and rng.random() < 0.3:
        openings = OPENINGS_KIND
    elif hero == "child" and old_friend and rng.random() < 0.15:
        openings = OPENINGS_PAIR
    opening = rng.choice(openings)
    if "small Swiss town" in opening:
        fields["town"] = "town"
    if rng.random() < 0.4 and openings is not OPENINGS_PAIR:
        traits = [text for text in TRAITS if old_friend or "{friend}" not in text]
        opening += " " + rng.choice(traits)
    parts = [opening, plot]
    if rng.random() < 0.4:
        endings = [text for text in ENDINGS if "{friend}" in plot or "{friend}" not in text]
        parts.append(rng.choice(endings))
    for word in "he", "his", "he2", "his2":
        fields[word.capitalize()] = fields[word].capitalize()
    fields["A_hero"] = "A" + fields["a_hero"][1:]
    return "\n".join(expand(rng, part, fields) for part in parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print very short stories from Switzerland.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-n", type=int, default=10, help="how many stories")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    for _ in range(args.n):
        print(story(rng) + "\n")
