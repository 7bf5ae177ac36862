"""Names and prompts that measure.py uses and that the training stories do not contain."""

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

# a prompt | who or what its story should be about
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
