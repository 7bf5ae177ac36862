"""Eleven broken llamas: each is llama2.py with one bug. Find it by what the program prints.

    python doc/exercises/broken.py 3              the story of llama 3
    python doc/exercises/broken.py 3 "A dragon"   with another prompt
    python doc/exercises/broken.py 0              the sound llama, to compare with
    python doc/exercises/broken.py 3 --ask        questions that narrow it down
    python doc/exercises/broken.py 3 --answer     the bug, its line, and why the symptom follows
    python doc/exercises/broken.py --table        make symptoms.md anew, for another model

In Python, to look at numbers: from broken import load; sound, llama2 = load(0), load(3)
"""
