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

GIRLS = """Mia Lea Anna Lena Nina Sofia Emma Lara Ida Heidi Klara Rosa Vreni Greta Julia Nora Ella
Lina Maja Alma Flora Hanna Ursina Selina Ronja Frieda Marta Lia Zora Käthi""".split()
BOYS = """Luca Jan Tim Leo Ben Finn Noah Emil Reto Ueli Sepp Peter Anton Karl Toni Nino Fabio Marco
Jakob Köbi Jürg Matteo Oskar David Simon Kilian Gian Theo Paul Tom""".split()
PETS_SHE = "Luna Bella Kiki Mimi Zita Susi Lulu Lotti Molly Flocke".split()
PETS_HE = "Bip Momo Pico Bobo Bruno Hugo Tobi Rolo Pip Balu".split()

CREATURES = """robot|robot|dog|dog|cat|cow|goat|marmot|dragon|hedgehog|donkey|bear|fox|duck""".split("|")
ADULTS = "baker|farmer|painter|teacher|clockmaker|gardener|shepherd|boat builder".split("|")
MOODS = "kind|brave|shy|cheerful|curious|quiet|clever|friendly|little|small".split("|")

LAKES = table("place town near water", """
Zürich|city|by Lake Zürich|Lake Zürich
Rapperswil|town|by Lake Zürich|Lake Zürich
Thun|town|by Lake Thun|Lake Thun
Spiez|town|by Lake Thun|Lake Thun
Brienz|village|by Lake Brienz|Lake Brienz
Iseltwald|village|by Lake Brienz|Lake Brienz
Luzern|city|by Lake Luzern|Lake Luzern
Weggis|village|by Lake Luzern|Lake Luzern
Murten|town|by Lake Murten|Lake Murten
Zug|town|by Lake Zug|Lake Zug
Biel|town|by Lake Biel|Lake Biel
Lugano|town|by Lake Lugano|Lake Lugano
Montreux|town|by Lake Geneva|Lake Geneva
Vevey|town|by Lake Geneva|Lake Geneva
Küssnacht|village|by Lake Luzern|Lake Luzern
""")
MOUNTAINS = table("place town near peak", """
Appenzell|village|below the Säntis|the Säntis
Grindelwald|village|below the Eiger|the Eiger
Wengen|village|below the Jungfrau|the Jungfrau
Mürren|village|near the Eiger|the Eiger
Zermatt|village|below the Matterhorn|the Matterhorn
Engelberg|village|below the Titlis|the Titlis
Davos|town|in the high mountains|the mountain
Arosa|village|in the high mountains|the mountain
Andermatt|village|in the high mountains|the mountain
Grüningen|town|in the green hills|the hill
Glarus|town|in a deep valley|the mountain
Chur|town|in a wide valley|the mountain
Guarda|village|above a deep valley|the mountain
Scuol|village|in a wide valley|the mountain
""")
SEASONS = table("season weather", """
winter|[Snow lay on every roof.|The air was cold and clear.|Soft snow fell from the sky.|The windows were white with frost.]
spring|[The meadows were full of flowers.|The birds sang in every tree.|The last snow was gone.|A soft wind blew.]
summer|[The sun was warm.|The sky was blue.|Bees hummed in the flowers.|The grass was high and green.]
autumn|[The leaves were red and gold.|Fog lay in the valley.|The wind blew the leaves along the street.|The apples were ripe.]
""")

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
FOODS = """warm bread|hot soup|apple cake|nut cake|fresh cheese|plum cake|hot chocolate|bread with honey
|berry cake|pear bread""".replace("\n", "").split("|")
JOYS = """the sound of cow bells|the smell of fresh bread|long walks|old songs|the red trains|the tall
 mountains|funny stories|the stars|small boats|the church bells""".replace("\n", "").split("|")
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
apple|baskets of apples
pear|baskets of pears
cake|nut cakes
flower|bunches of flowers
wool|balls of wool
""")
FOREIGN = "Italy France Spain Japan India Brazil Norway Kenya Poland Canada".split()
COWS = "Lisi|Flecki|Resi|Bless|Zenzi".split("|")
GARMENTS = "scarf|hat|cap".split("|")
SIGNS = """her shutters were still closed|there was no smoke over her roof|her milk still stood at the
 door""".replace("\n", "").split("|")
WONDERS = "a dragon in the lake|the first train|a lost goat|a very deep snow|a dancing bear".split("|")
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
{name} had a {thing}. It was a gift from {his} [grandmother|grandfather|best friend], and {he} took it everywhere.
One {season} [day|morning], the {thing} was gone. [{weather}|]
[{name} looked under the bed and behind the door, but it was not there.|{name} looked in the house and in the garden, but it was not there.]
"[Oh no!|Where can it be?]" said {name}[.| and almost cried.]
{His} friend {friend} came by. "[Do not cry|Do not worry], {name}," said {friend}. "We will [find it|look for it] together."
They [walked slowly through the {town}|asked the baker, the teacher and even the cat|went back the way {name} had come].
Then {friend} [stopped and pointed|called out loud]. There, {spot}, was the {thing}!
{name} [laughed|jumped for joy] and gave {friend} a big hug. "[Thank you|You are the best friend in the world]!" said {name}.
[That evening, they ate {food} together, and the {thing} lay on the table between them.|From then on, {name} took good care of the {thing}.]
"""),
    (ALL, ANY, BOTH, """
One {season} [day|evening], {name} heard {noise} [behind the house|near the old barn]. [{weather}|]
It was a [little|small|young] {animal}. But when {name} came near, the {animal} ran away.
"I will not hurt you," said {name}[.| softly.]
The next day, {name} put {treat} on the ground and sat down [under a tree|far away]. {He} waited [and waited|for a long time]. The {animal} looked at {name}, but it did not come.
[{friend} laughed and said, "It will never come to you." But {name} did not give up.|"Give it time," said {his} friend {friend}.|]
On the third day, {name} sat very still. Slowly, step by step, the {animal} came. It took {treat} [and did not run away|and looked at {name} with bright eyes].
"Hello, little friend," said {name}.
[After that, the {animal} came every day.|From that day on, the {animal} was not shy any more.] {name} had learned that [a friend needs time|you must be patient with a shy friend].
"""),
    (ALL, "spring summer autumn", "mountain", """
One {season} [day|morning], {name} wanted to climb {peak}. {He} [packed|took] {food} and set off with {his} friend {friend}. [{weather}|]
"[Look how high we are|I can see our whole {town}]!" said {friend}.
But soon [dark clouds came|the sky grew dark]. There was thunder, and the rain fell hard.
{friend} was afraid. "What shall we do?" {he2} asked.
{name} [thought for a moment|looked around]. "[I see a light|There is an old hut]!" {he} said. "[Come, give me your hand|Stay close to me]."
They ran [over the wet stones|through the wet grass] to [the|a little] hut. An old [shepherd|farmer] opened the door. "Come in, come in!" [he called|he said]. "[My fire is warm|There is room by the fire]."
[They sat by the fire and shared the {food} with him.|They dried their clothes and ate the {food}.]
When the storm was over, [there was a big rainbow over the valley|the sun came out, and the whole valley shone].
"[I was afraid, but you were not|You were very brave], {name}," said {friend}.
"[I was afraid too|I was only brave because you were with me]," said {name}. And they [laughed all the way down|walked home hand in hand].
"""),
    ("child", ANY, BOTH, """
One {season} [day|morning], a new {kind2} came to the school. {His2} name was {friend}, and {he2} came from {foreign}. [{weather}|]
{friend} sat [alone|in the corner] and did not say a word. [Nobody talked to {him2}.|The other children only looked at {him2}.]
{name} [remembered how it feels to be alone|saw that {friend} was sad]. So {he} went over and sat down. "[Do you like {food}|Would you like some {food}]?" {he} asked.
{friend} [nodded|smiled a little]. They shared it, and {name} showed {him2} {his} {thing}.
"In {foreign}, we [sing a song about that|have those too]," said {friend}[.| quietly.] "[Shall I show you how to sing it|Shall I teach you a song from {foreign}]?"
Soon they were both singing, and [the other children came to listen|all the children sang with them].
After school, {name} gave {friend} the {thing}. "[It is for you|Now you have something from our {town}]," {he} said.
[{friend} was not alone any more.|{friend} laughed. Now {he2} felt at home.] [From that day on, {name} and {friend} walked to school together.|]
"""),
    (ALL, ANY, BOTH, """
One {season} [day|morning], {name} saw that the {broken} {fault}. [{weather}|]
"[What a pity|Oh dear]!" said {name}. "[Everyone here loves the {broken}|We need the {broken}]."
{name} tried to fix it {himself}, but it [only got worse|was too hard].
[{He} was sad and wanted to give up.|{He} sat down and thought hard.] Then {he} went to {friend}, who was very good with {his2} hands.
"[Can you help me|Can the {broken} be saved]?" asked {name}.
{friend} looked at it [from all sides|for a long time]. "[We only need|All it needs is] {tool}," {he2} said. "[You hold the light, and I will work|Let us do it together]."
They worked [until it was dark|all afternoon]. At last, the {broken} {works}.
[The whole {town} came to see it.|All the people clapped their hands.] "[Two heads are better than one|It is easier with a friend]!" said {name}[.| with a smile.]
[Then they went home and ate {food}.|To say thank you, {name} brought {friend} {food}.]
"""),
    (ALL, "feast", BOTH, """
It was the day before the {feast}. [{weather}|]
This year, {name} was to {part}. {He} was [proud and afraid at the same time|so afraid that {he} could not eat].
"What if I make a mistake?" {name} asked {his} friend {friend}. "Everyone will laugh at me."
"[Then we will laugh together|Nobody will laugh]," said {friend}. "[Come, let us try it once more|I will stand in the first row, and you can look at me]."
So {name} tried it again and again[.|, until the moon was over the roofs.]
The next [day|evening], the whole {town} came to the {feast}. {name} took a deep breath and looked for {friend}. There {he2} was, and {he2} smiled.
Then {name} was not afraid any more. {He} did it [very well|better than ever], and everyone clapped.
[After that, there was {food} for all.|"You see?" said {friend}. "You can do it!"] [It was the best {feast} of all.|{name} never forgot the {feast}.]
"""),
    (ALL, ANY, BOTH, """
One {season} [day|afternoon], {name} played with the {thing} of {his} friend {friend}. [{weather}|]
But {he} was not careful, and [the {thing} fell into the mud|the {thing} fell into the stream].
{name} [was scared|did not know what to do]. {He} hid the {thing} [under {his} bed|in a box] and said nothing.
"Have you seen my {thing}?" asked {friend}. "No," said {name}. But [{his} face was red|{he} felt bad] and {his} heart was heavy.
That night, {name} could not sleep. [In the morning|As soon as the sun came up], {he} [took the {thing} and ran|went] to {friend}.
"I am sorry," said {name}. "[It was me|I was afraid to tell you]. The {thing} is dirty, and I hid it."
{friend} was [quiet for a moment|a little angry at first]. Then {he2} [smiled|took {name} by the hand]. "[It is good that you told me|Thank you for telling me]," {he2} said. "[Let us wash it|We can wash it together]."
They washed it [in the well|with warm water], and soon the {thing} [looked like new|was clean again].
[{name} felt as light as a feather.|{name} was so happy that {he} danced.] [And {he} never hid a mistake again.|After that, they shared {food}.]
"""),
    ("child creature", "skill", "skill", """
It was a [fine|bright|lovely] {season} day. {name} wanted to learn to {skill}, but {he} was a little afraid. [{weather}|]
"[It is not hard|I will show you]," said {his} friend {friend}, who was very good at {doing}. They met {where}.
[At first, nothing went well.|The first time was not easy.] {name} tried it once, and {he} tried it again. "[I cannot do it|It is too hard for me]!" said {name} [and sat down|and wanted to go home].
"[Everyone finds it hard at first|I found it hard too]," said {friend}. "{tip}. And do not give up!"
{name} [took a deep breath|wiped {his} nose] and tried once more. And [suddenly|this time], it worked!
"[I can do it|Look at me]!" called {name}. {friend} [clapped {his2} hands|cheered].
They stayed {where} until [the sun went down|the bells rang in the evening].
Then they [went home and ate {food}|warmed up with {food}]. "[Tomorrow again|Can we do it again tomorrow]?" asked {name}. {friend} [laughed|nodded]. "[Of course|Yes, every day]!" {he2} said.
"""),
    (ALL, ANY, BOTH, """
One {season} night, {name} could not sleep. [The moon was too bright.|{He} lay in bed and thought about this and that.]
So {he} [put on a warm coat|took a blanket] and went out [into the garden|to the old wall]. The sky was full of stars.
{His} friend {friend} was there too. "[I cannot sleep," said|Are you awake too?" asked] {friend}. "[Look up|Look at all the stars]!"
They sat close together and counted the stars. [There were too many.|When they came to one hundred, they laughed and stopped.]
Suddenly, a shooting star flew over [the roofs|the mountains]. "[Quick, make a wish|You can make a wish now]!" said {friend}.
{name} closed {his} eyes and wished for [a {thing}|a new friend|{food}].
"What did you wish for?" asked {friend}. "[I must not say it|That is my secret]," said {name}.
"""),
    (ALL, "spring summer autumn", BOTH, """
One {season} [day|morning], it was market day. {name} [carried|brought] {wares} to the market. [{weather}|]
But nobody [stopped|came] to buy. [Everyone walked by.|The other stands were bigger and louder.]
"[I shall have to take it all home again|Nobody wants what I have]," {name} thought. {He} was [sad|tired].
Then {friend} came by. "[That looks good|That smells good]!" {he2} said. "But nobody can see you in this corner. I have an idea!"
{friend} [took {his2} drum|took {his2} flute] and [made music|played a merry song]. The people [turned around|stopped and listened]. Soon there was a long line in front of {name}.
By noon, all the {wares} were gone but one. {name} gave it to {friend}. "[This is for you|I kept the best for you]," {he} said. "[Without you, I would still sit here alone|You had the best idea of the day]."
[Then they shared it in the sun.|{friend} was very happy.] And [the next week|on the next market day], they [came back together|stood there side by side].
"""),
    ("child creature", ANY, BOTH, """
Next door lived old {old}. [She had white hair and a warm smile.|Everyone liked her, but she was often alone.]
One {season} [day|morning], {name} saw that {sign}. "[Something is wrong|That is strange]," {he} thought. [{weather}|]
{name} knocked at the door. "[Come in|The door is open]," said a weak voice. {old} was in bed. "[I have a cold|My leg hurts], and I cannot go to the shop," she said.
"[I can go for you|Do not worry, I will help]," said {name}. {He} ran to the shop and came back with {food}. {He} [made a fire|made hot tea] and [fed the cat|gave the flowers some water].
[Then {old} told a story about the time when she was young.|Then {old} told {him} a story about {wonder}.] {name} [listened with big eyes|did not want it to end].
A week later, {old} was well again. She gave {name} a {thing}. "[It was mine when I was small|This is for my best neighbor]," she said.
{name} [was very proud|did not know what to say]. [From that day on, {he} came to hear a story every Sunday.|And {he} still came every day, just for the stories.]
"""),
    (ALL, ANY, BOTH, """
The next day was {friend}'s birthday, and {name} wanted to bake {cake}. [{weather}|]
{name} [took flour, milk and butter|looked into the kitchen]. But there were no eggs! [The shop was already closed.|Not one.]
"[What can I do now?|A cake without eggs is no cake!]" said {name}.
So {he} walked [up the hill|down the road] to the farm. "[Can I have three eggs|May I have some eggs], please?" {he} asked. The farmer [smiled|laughed]. "[If you help me feed the hens|If you find them in the hay], you can have them," he said.
{name} helped him and went home with the eggs in {his} [bag|hat]. Then {he} baked until late.
The cake was [a little crooked|a bit dark on one side]. {name} was [sad|not sure]. [But in the morning, {he} took it to {friend} all the same.|But it was too late to bake a new one.]
"[For me|Did you make this]?" cried {friend} [and took a big bite|and ate a piece at once]. "It is the best cake [of my life|in the world]!"
They [laughed|sat in the kitchen] and ate it all up, down to the last crumb.
"""),
    ("child adult", "spring summer autumn", "mountain", """
{name} looked after [five|six|ten] cows above the {town}. {He} loved the smallest one best. Her name was {cow}.
One {season} evening, {cow} was not there. [Fog lay over the grass.|It was already getting dark.]
"{cow}! {cow}!" called {name}. But only the wind answered.
{His} friend {friend} [brought a lamp|came with a lamp]. "[Be quiet and listen|Listen]," {he2} said. They stood still. Far away, they heard a small bell.
They went [down to the stream|up to the rocks|into the wood], step by step, and the bell grew louder. There was {cow}! Her leg was [stuck between two stones|caught in some roots].
"[Do not be afraid|Easy now], {cow}," said {name}. {friend} held the lamp, and {name} [pulled the leg out|moved the stones and the roots away]. {cow} [licked {his} hand|mooed for joy].
Together they went home [through the fog|under the stars]. {name} gave {cow} [fresh hay|a sweet apple], and {friend} got {food}.
"[A small bell can be a big help|It is good that she has a bell]," said {friend}. And {cow} [mooed, as if to say yes|was never lost again].
"""),
    (ALL, "winter", BOTH, """
[It had snowed all night.|In the morning, all was white.] {name} and {his} friend {friend} went out to build a snowman.
They rolled [one big ball and one small ball|three big balls]. They gave him [a carrot for a nose|two nuts for eyes], and {name} put {his} own {garment} on him.
"[He looks cold|He looks a little sad]," said {name}. "[He is all alone|He needs a friend too]," said {friend}. So they built a second one, [a bit smaller|with a funny hat].
[That night|In the night], the two snowmen stood [side by side|close together] under the moon. [It almost looked as if they talked.|{name} thought that they smiled.]
But some days later, [the sun grew warm|a warm wind came], and the snowmen got smaller and smaller. In the end, only the {garment} was left.
{name} was sad. "[They are not gone|Do not be sad]," said {friend}. "They are in the [stream|lake] now, and in the clouds. Next winter, they will come back [as snow|to us]."
{name} [looked up at the clouds and waved|smiled and put the {garment} on again]. "[See you next winter|Come back soon]!" {he} called.
"""),
    (ALL, "spring summer autumn", "lake", """
One {season} [day|morning], {name} went out on {water} in a little [green|blue|white] boat. [{weather}|]
[After a long time|Soon], there was a [silver|golden] fish in the net. It was very small.
"Please let me go," said the fish. "[My mother is waiting for me|I am still so small]."
{name} was [surprised|full of wonder]. {He} was hungry, but {he} felt sorry for the fish. "[Swim home, little one|Off you go]," {he} said and put it back into the water.
Then [the fog came|a strong wind came up], and {name} [could not see the land any more|lost an oar]. "[How shall I get home?|Help!]" called {name}.
There was a small splash. It was the [little|same] fish! "[Follow me|I know the way]," it said[.|, and swam ahead.] {name} followed the fish, and [after a while|before long] {he} saw the lights of the {town}.
"Thank you, little fish!" called {name}. "You helped me first," said the fish and was gone.
{His} friend {friend} [stood by the lake|was waiting with a lamp]. At home, over {food}, {name} told {him2} about the fish, and {friend} [believed every word|listened with big eyes].
"""),
    (ALL, "spring", BOTH, """
One spring day, {name} found a seed [in the street|in an old bag]. {He} put it into the ground [behind the house|next to the wall] and gave it some water. [{weather}|]
Every morning, {name} went to look. But there was only [earth|brown earth]. [One week went by, and then two.|Day after day went by.]
"[It will never grow|It is only a stone]," said {friend}[.| and laughed.]
"[I will wait a bit more|It only needs time]," said {name}. {He} [sang a little song to the seed|told the seed a story every day].
Then there was a night of warm rain. In the morning, {name} saw a tiny green leaf! {He} [ran to|called] {friend} at once. "[It is alive|Come and see]!" {he} said.
The leaf grew and grew. In summer, it was a [tall|big|lovely] {flower}, [the biggest|the finest] in the whole {town}.
"I was wrong," said {friend}. "[You never gave up|You knew it all the time]."
{name} [smiled|laughed] and gave {him2} a new seed. "[Now it is your turn|This one is for you]," {he} said. "[And do not forget to sing|You only have to wait]."
"""),
]

# Sentences that may follow the opening, and those that may follow any plot

TRAITS = """
{He} loved {joy}.
{He} loved {joy} and {joy2}.
{His} best friend was {friend}.
Everyone in the {town} liked {name}.
""".strip().splitlines()
ENDINGS = """
The end.
That night, {name} slept very well.
That night, {name} dreamed of {joy}.
{name} was happy, and so was {friend}.
It was the best {season} that {name} could remember.
And when the bells rang in the evening, {name} smiled.
And if you ever come to {place}, you may meet {name} there.
And they still tell this story in {place}.
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
    text = re.sub(r"\[(.*?)\]", lambda marks: rng.choice(marks[1].split("|")), text)
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
    fields.update(rng.choice({"lake": LAKES, "mountain": MOUNTAINS}.get(landscape, LAKES + MOUNTAINS)))
    weather = next(row["weather"] for row in SEASONS if row["season"] == fields["season"])
    fields["weather"] = expand(rng, weather, {})
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
    friend = name
    while friend == name:
        friend, kind2, pronouns2 = someone(rng, GIRLS, BOYS, "girl", "boy")
    fields.update(pronouns, name=name, kind=kind, a_hero=f"a {mood} {kind}")
    fields.update(friend=friend, kind2=kind2)
    fields.update({word + "2": value for word, value in pronouns2.items()})
    # what
    for rows in THINGS, WILD, BROKEN, WARES:
        fields.update(rng.choice(rows))
    fields["wares"] = rng.choice("five six ten".split()) + " " + fields["wares"]
    fields["joy"], fields["joy2"] = rng.sample(JOYS, 2)
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
    if rng.random() < 0.6 and openings is not OPENINGS_PAIR:
        opening += " " + rng.choice([text for text in TRAITS if old_friend or "{friend}" not in text])
    parts = [opening, plot]
    if rng.random() < 0.6:
        has = opening + (plot if "{friend}" in plot else "")
        parts.append(rng.choice([text for text in ENDINGS if "{place}" not in text or "{place}" in has]))
        if "{friend}" in parts[-1] and "{friend}" not in plot:
            parts[-1] = "The end."
    capitals = {word.capitalize(): fields[word].capitalize() for word in ("he", "his", "he2", "his2")}
    capitals["A_hero"] = "A" + fields["a_hero"][1:]
    fields.update(capitals)
    return "\n".join(expand(rng, part, fields) for part in parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print very short stories from Switzerland.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-n", type=int, default=10, help="how many stories")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    for _ in range(args.n):
        print(story(rng) + "\n")
