"""Check the exercises: run your functions and compare their results with run.c's.

    python doc/exercises/check.py            all: which pass, and more about the first that fails
    python doc/exercises/check.py 5          one exercise
    python doc/exercises/check.py 5 --hint   the same, with a hint
    python doc/exercises/check.py --reset 5  restore the file; your version is kept beside it

The first run copies the files that you edit to this folder. In a notebook in this folder:

    from check import check, progress, reset
    check("rope")              one exercise, by name or number; returns whether it passes
    check("rope", hint=True)   the same, with a hint
    progress()                 all exercises; returns whether all pass
    reset("rope")              restore the file
"""

import argparse
import contextlib
import io
import itertools
import linecache
import math
import os
import re
import shutil
import signal
import sys
import textwrap
import time
import traceback
from collections import namedtuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # python -P and -I leave it out

import cases
import parts
from parts import llama2, source

HERE = os.path.dirname(os.path.abspath(__file__))
STUBS = os.path.join(HERE, "stubs")
LIMIT = float(os.environ.get("LLAMA2_EXERCISE_LIMIT", 5))  # seconds for an exercise

# ----------------------------------------------------------------------------
# the exercises: their stubs, hints and known mistakes

Exercise = namedtuple("Exercise", "number name file functions lines hint endless mistakes")


def read_mistakes(text):
    """Read the messages and changes in a text such as hints.txt: [(message, [(old, new), ...])]."""
    found = re.findall(r"((?:^[^ \n].*\n)+)((?:^    .* => .*\n)+)", text, re.MULTILINE)
    return [(" ".join(message.split()), re.findall("^    (.*?) => (.*)$", changes, re.MULTILINE))
            for message, changes in found]


def read_exercises():
    """Yield each exercise: the stub has the functions and lines of run.c, hints.txt the rest."""
    _, *sections = re.split(r"^== (\w+)\n", source.read("doc/exercises/hints.txt"), flags=re.M)
    hints = dict(zip(sections[::2], sections[1::2]))
    for file in sorted(name for name in os.listdir(STUBS) if name.endswith(".py")):
        stub = source.read(f"doc/exercises/stubs/{file}")
        lines = re.search(r" run\.c (.+)", stub)[1]
        functions = re.findall(r"^def (\w+)", stub, re.MULTILINE)
        intro, _, mistakes = hints[file[3:-3]].partition("\n\n")
        hint, _, endless = " ".join(intro.split()).partition(" endless: ")
        yield Exercise(int(file[:2]), file[3:-3], file, functions, lines,
                       hint.replace("hint: ", ""), endless, read_mistakes(mistakes))


EXERCISES = list(read_exercises())


def find(which):
    """Return the exercise with this name or number."""
    for exercise in EXERCISES:
        if str(which) in (exercise.name, str(exercise.number)):
            return exercise
    names = ", ".join(e.name for e in EXERCISES)
    raise ValueError(f"no exercise {which!r}: choose 1 to {len(EXERCISES)} or {names}")


def in_c(exercise):
    """Say where to look in run.c, and show the lines if they are few and run.c is there."""
    yield f"in C      run.c {exercise.lines}"
    try:
        text, warning = source.load_run_c(str(source.ROOT / "run.c"))
    except source.FileError:  # it is not there, or not C
        yield "          (put run.c in the project's folder to see its lines here)"
        return
    ranges = source.ranges(exercise.lines)
    if warning: return  # it is another version
    if sum(last - first for first, last in ranges) > 25:
        yield "          (too long to show here)"
        return
    for first, last in ranges:
        yield from text.split("\n")[first - 1 : last]


# ----------------------------------------------------------------------------
# running a student's file


class Endless(BaseException):
    """Raised in a student's line that is still running when the time is up; its argument."""


@contextlib.contextmanager
def guard(path, seconds):
    """Raise Endless in the file at path if its code runs for longer; standard input is empty."""
    end = time.monotonic() + seconds
    late = []

    def trace(frame, event, arg):
        if frame.f_code.co_filename == path:
            frame.f_trace_opcodes = True  # for "while True: pass", which may run no line twice
            if time.monotonic() > end:
                late.append(event)
                # Python 3.9 forgets what is raised for a line if an opcode's event follows
                if event == "opcode" or len(late) > 1:
                    raise Endless(frame.f_lineno)
            return trace

    before = sys.gettrace(), sys.stdin
    sys.stdin = io.StringIO()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before[0])
        sys.stdin = before[1]


def load(path):
    """Return what the student's file defines."""
    names = {"__name__": "exercise", "__file__": path}
    linecache.checkcache(path)
    with open(path, "rb") as file:
        exec(compile(file.read(), path, "exec"), names)
    return names


def run_case(case, program):
    """Return the outcome of a case: a dict, or the exception that was raised."""
    try:
        return case[1](program)
    except (Exception, SystemExit) as error:
        return error


def examine(exercise, folder):
    """Run a student's file; return its status, such as "passes", and lines to print."""
    path = os.path.join(folder, exercise.file)
    if not os.path.exists(path):
        shutil.copyfile(os.path.join(STUBS, exercise.file), path)
    with contextlib.redirect_stdout(cases.byte_stdout()) as out:
        try:
            with guard(path, LIMIT):
                outcomes = try_cases(exercise, path)
        except Endless as line:
            status, lines = "does not end", [
                f"still running after {LIMIT:g} seconds, now in line {line} of {exercise.file}: "
                "an endless loop?", "on a slow machine, set LLAMA2_EXERCISE_LIMIT to more seconds"]
            lines += ["look      " + exercise.endless] if exercise.endless else []
        except BaseException as error:
            status = "is not right yet"
            lines = ["running the file raised an error:", *their_traceback(error, path)]
        else:
            status, lines = verdict(exercise, path, outcomes)
    printed = out.buffer.getvalue().decode("utf-8", "replace")
    return status, lines + (["your prints:", *printed[:2000].splitlines()[:20]] if printed else [])


def try_cases(exercise, path):
    """Return the outcome of each case, with the student's functions in place of ours."""
    program, theirs = parts.program(), load(path)
    for name in exercise.functions:
        if not callable(theirs.get(name)):
            raise NameError(f"the file defines no function {name}")
        program[name] = theirs[name]
    return [run_case(case, program) for case in cases.CASES[exercise.name]]


def verdict(exercise, path, outcomes):
    """Return what examine returns, given the outcomes of all cases."""
    for i, got in enumerate(outcomes):
        if type(got) is NotImplementedError:  # and not a kind of it, such as a notebook's input()
            done = [f"look      {f} is missing; the rest passes" for f in exercise.functions[1:]]
            return "is not written yet", done * (i > 0) + list(in_c(exercise))
        expected = cases.expected(exercise.name, i)
        if not same_outcome(expected, got, expected):
            return "is not right yet", report(exercise, path, outcomes, i)
    return "passes", []


# ----------------------------------------------------------------------------
# what is wrong


def difference(place, expected, got, whole=None):
    """Find where two values first differ: the place, both values, and the same for its list."""
    if isinstance(expected, list) and isinstance(got, (list, cases.array)):
        if len(expected) != len(got):
            return f"len({place})", len(expected), len(got), (place, 0, expected, got)
        pairs = enumerate(zip(expected, got))
        return next(filter(None, (difference(f"{place}[{i}]", a, b, (place, i, expected, got))
                                  for i, (a, b) in pairs)), None)
    if isinstance(expected, float):
        # C's floats have 24 bits, ours 53
        same = isinstance(got, (int, float)) and math.isclose(
            got, expected, rel_tol=2e-5, abs_tol=2e-6)
    else:
        same = type(got) is type(expected) and got == expected
    return None if same else (place, expected, got, whole)


def same_outcome(a, b, expected):
    """Return whether two outcomes are the same in everything that is expected."""
    if isinstance(a, BaseException) or isinstance(b, BaseException):
        return type(a) is type(b)
    return not any(difference("", a[name], b.get(name)) for name in expected)


def their_traceback(error, path):
    """Format an exception as Python does, but with only the lines of the student's file."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
    shown = traceback.format_list(frames) + traceback.format_exception_only(type(error), error)
    return "".join(shown).splitlines()


def report(exercise, path, outcomes, i):
    """Return lines that say what is wrong: the input, the first difference, and a likely cause."""
    shown, _, before = cases.CASES[exercise.name][i]
    expected, got = cases.expected(exercise.name, i), outcomes[i]
    lines = [f"input     {shown}"]
    if isinstance(got, BaseException):
        theirs = their_traceback(got, path)
        lines += ["raised    " + theirs[-1], *theirs[:-1]]
        said = next((said for kind, word, said in EXPLANATIONS
                     if isinstance(got, kind) and re.search(rf"\b({word})\b", str(got))), None)
    else:
        found = {name: difference(name, expected[name], got[name]) for name in expected}
        name = next(name for name in found if found[name])
        place, should, is_now, whole = found[name]
        lines += [f"expected  {place} = {cases.short(should)}",
                  f"got       {place} = {cases.short(is_now)}"]
        if whole:
            name_of_list, i, *values = whole
            start = i - 3 if i > 7 else 0
            lines += [f"          {name_of_list} = {cases.short(value, start)} {word}"
                      for value, word in zip(values, ("expected", "got"))]
        said = resemblance(before, expected, got, name)
    known = known_mistake(exercise, outcomes)
    if known:
        return [*lines, f"mistake?  {known}"]
    return lines + ([f"look      {said}"] if said else []) + [*in_c(exercise)]


def known_mistake(exercise, outcomes):
    """Return the message of the known mistake with the same outcome in every case, or None."""
    every = [(case, got, cases.expected(exercise.name, i))
             for i, (case, got) in enumerate(zip(cases.CASES[exercise.name], outcomes))]
    if any(telling(case[2], expected, got) for case, got, expected in every):
        for message, changes in exercise.mistakes:
            program = parts.program(exercise.functions, changes)
            if all(same_outcome(run_case(case, program), *rest) for case, *rest in every):
                return message


def telling(before, expected, got):
    """Return whether an outcome has a wrong value: many mistakes raise the same error."""
    if isinstance(got, BaseException):
        return isinstance(got, ArithmeticError)
    return any(difference("", value, got[name]) and got[name] not in (None, before.get(name))
               for name, value in expected.items())


def resemblance(before, expected, got, name):
    """Return what is certain about the wrong value with this name, or None."""
    right, wrong, old = expected[name], got[name], before.get(name)
    if name == "returned" and wrong is None:
        return "nothing is returned: is a return missing, or never reached?"
    if old is not None and wrong == old:
        if "returned" not in expected and got.get("returned") is not None:
            return f"the result is returned, but {name} has not changed: change the list in place"
        return f"{name} has not changed" + (
            f": x = [...] and a slice, x[a:b], make new lists; write to {name}[...] itself"
            if isinstance(old, list) else "")
    if right == old:
        return f"{name} must not change"
    right, wrong, old = flat(right), flat(wrong), flat(old)
    if not all(isinstance(v, float) for v in right + wrong):
        return None
    if len(wrong) != len(right):
        how = "shorter: x = [...] makes a new list"
        if len(wrong) > len(right): how = "longer: append and + add elements"
        return f"the list has become {how}; write to x[i] instead"
    written = [i for i, v in enumerate(right) if len(old) != len(right) or v != old[i]]
    if any(right[i] for i in written) and not any(wrong[i] for i in written):
        return "every number is 0: is the result, or what it is computed from, never written?"
    ratios = [wrong[i] / right[i] for i in written if abs(right[i]) > 1e-6]
    if len(ratios) > 1 and all(math.isclose(r, ratios[0], rel_tol=1e-4) for r in ratios):
        return f"every number is {ratios[0]:.6g} times what it should be"


def flat(value):
    if isinstance(value, (list, cases.array)):
        return [v for inner in value for v in flat(inner)]
    return [value]


# an exception, a word in its message, and what it usually means when porting C
EXPLANATIONS = [
    (TypeError, "positional arguments?", "are the arguments those that the file's text says?"),
    (TypeError, r"for \^: 'float", "^ is not a power in Python: write x * x"),
    (TypeError, "integers?", "an int is needed: C's int division is // in Python; 4 / 2 is 2.0"),
    (TypeError, "sequence|operand.*list",
     "a list is used as a number: is an index missing, as in s.att[h] or w[i][j]?"),
    (TypeError, "str", "pieces are bytes: write b'he', not 'he'; c_string turns a str into bytes"),
    (TypeError, "bytes", "text[c] is an int; text[c : c + 1] is bytes, and so is a piece"),
    (Exception, "NoneType", "something is None: a field that is not set yet, an argument that may "
     "be None, or the result of a function without return, such as softmax"),
    (AttributeError, "rng_state", "random_u32 and random_f32 take the whole sampler"),
    (UnboundLocalError, "", "a name that a function assigns to is local: set it first"),
    (NameError, "math", "import math, or use what the file imports: expf is C's expf"),
    (NameError, "expf", "write math.exp, or from parts import expf"),
    (NameError, "", "is it imported, and spelled as in the file's text?"),
    (IndexError, "^index|byte", "bytes do not end with a zero byte as in C: check the length"),
    (IndexError, "", "an index is beyond the end of a list, which does not grow by itself: compare "
     "the ranges with the shapes, or use append"),
    (OverflowError, "", "math.exp raises OverflowError for a large number; C's expf returns inf"),
    (UnicodeError, "", "bytes may be invalid UTF-8: do not decode them, check each byte as C does"),
]


# ----------------------------------------------------------------------------
# the story


def output(llama2, argv):
    """Return what the program prints for these arguments."""
    with contextlib.redirect_stdout(cases.byte_stdout()) as out:
        with contextlib.redirect_stderr(io.StringIO()):
            llama2.main(argv)
    return out.buffer.getvalue().decode("utf-8", "replace")


def check_story(folder):
    """Run README's first command with the student's functions; return whether it was right."""
    argv = source.first_command()
    expected = output(llama2, argv)
    ours = [(module, dict(vars(module))) for module in (parts, llama2)]
    try:
        for exercise in EXERCISES:
            theirs = load(os.path.join(folder, exercise.file))
            for name in exercise.functions:
                setattr(parts, name, theirs[name])  # for the files that follow
                if hasattr(llama2, name):
                    setattr(llama2, name, theirs[name])
        told = output(llama2, argv)
    finally:
        for module, names in ours:
            vars(module).update(names)
    print(told)
    if told == expected:
        print("This is README's story, byte for byte, and your functions told it.")
    else:
        print(f"All exercises pass, but this is not README's story, which is:\n\n{expected}")
    return told == expected


# ----------------------------------------------------------------------------
# the commands


def check(which, folder=HERE, hint=False):
    """Check an exercise by name or number: print what is wrong and return whether it passes."""
    exercise = find(which)
    return show(exercise, folder, hint, *examine(exercise, folder))


def show(exercise, folder, hint, status, lines):
    """Print the result for one exercise; return whether it passes."""
    print(f"{exercise.file} {status}")
    for line in lines:
        prose = line.startswith(("input ", "mistake? ", "look "))
        print(textwrap.fill(line, 96, initial_indent="  ", subsequent_indent=" " * 12)
              if prose else "  " + line)
    if hint:
        print("\n" + textwrap.fill("A hint: " + exercise.hint, 96))
    elif status == "passes":
        print("Our version, in llama2.py's own lines:\n")
        print(textwrap.indent("\n".join(parts.TEXTS[f] for f in exercise.functions), "    "))
    else:
        print(f"The task is at the top of {os.path.join(folder, exercise.file)}.\n"
              f"For a hint: python doc/exercises/check.py {exercise.number} --hint, or "
              f"check({exercise.number}, hint=True)")
    return status == "passes"


def progress(folder=HERE, hint=False):
    """Check all exercises: print which pass, and more about the first that fails. If all pass,
    print the story that they tell. Return whether everything is right."""
    failed = []
    for exercise in EXERCISES:
        status, lines = examine(exercise, folder)
        print(f"{exercise.number:2} {exercise.name:14}{status}", flush=True)
        if status != "passes":
            failed.append((exercise, folder, hint, status, lines))
    print()
    return show(*failed[0]) if failed else check_story(folder)


def reset(which, folder=HERE):
    """Restore the file of an exercise; keep the student's version beside it."""
    exercise = find(which)
    path = os.path.join(folder, exercise.file)
    if os.path.exists(path):
        kept = next(name for name in (f"{path[:-3]}.{i}.txt" for i in itertools.count(1))
                    if not os.path.exists(name))
        shutil.copyfile(path, kept)
        print(f"Your version is kept as {os.path.basename(kept)}")
    shutil.copyfile(os.path.join(STUBS, exercise.file), path)
    print(f"{exercise.file} is restored: if it is open in an editor, close it and open it again")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    either = [str(which) for which in range(1, len(EXERCISES) + 1)] + [e.name for e in EXERCISES]
    one = {"metavar": "exercise", "choices": either}
    parser.add_argument("exercise", nargs="?", **one, help="number or name; default: all in order")
    parser.add_argument("--hint", action="store_true", help="show a hint")
    parser.add_argument("--reset", **one, help="restore the file of this exercise")
    parser.add_argument("--files", default=HERE, metavar="FOLDER", help="where your files are")
    args = parser.parse_args()
    folder = os.path.abspath(args.files)
    try:
        if args.reset:
            return reset(args.reset, folder)
        if args.exercise:
            return not check(args.exercise, folder, args.hint)
        return not progress(folder, args.hint)
    except OSError as error:
        sys.exit(f"check.py: cannot write {error.filename}: {error.strerror}")


def run(main):
    """Exit with the status of main. Ctrl-C and a closed pipe stop it as they stop a C program: at
    once, even in a single endless call, during which Python would not notice them."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # not every stdout is UTF-8
    sys.exit(main())


if __name__ == "__main__":
    run(main)
