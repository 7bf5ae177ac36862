"""Check the exercises: what you wrote is run, and compared with what run.c computes.

    python doc/exercises/check.py            in order: what passes, and the first that does not
    python doc/exercises/check.py 5          one exercise
    python doc/exercises/check.py 5 --hint   with a hint
    python doc/exercises/check.py --reset 5  as it was at first; what you wrote is kept beside it
"""

import argparse
import contextlib
import importlib.util
import inspect
import io
import json
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap
import threading
import traceback

import cases
import parts
from mistakes import EXERCISES, FLOAT_INDEX
from parts import llama2, tokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIMIT = float(os.environ.get("LLAMA2_EXERCISE_LIMIT", 5))  # seconds for an exercise
STORY_LIMIT = 300


def file_name(number):
    return f"{number:02}_{EXERCISES[number - 1].name}.py"


# ----------------------------------------------------------------------------
# running


def run_case(case, program):
    """What comes out of a case: a dict, or the exception that was raised."""
    try:
        return case[1](program)
    except (Exception, SystemExit) as error:
        return error


def difference(place, expected, got):
    """The first (place, expected, got) where the two differ, or None."""
    if isinstance(expected, list):
        if not isinstance(got, (list, cases.array)):
            return place, expected, got
        if len(expected) != len(got):
            return f"len({place})", len(expected), len(got)
        for i, (a, b) in enumerate(zip(expected, got)):
            found = difference(f"{place}[{i}]", a, b)
            if found:
                return found
        return None
    if isinstance(expected, float):
        # C's floats have 24 bits, ours 53
        same = isinstance(got, (int, float)) and (
            math.isclose(got, expected, rel_tol=2e-5, abs_tol=2e-6)
            or (got != got and expected != expected)  # not a number, both
        )
    else:
        same = type(got) is type(expected) and got == expected
    return None if same else (place, expected, got)


def differences(expected, got):
    """The first difference of two outcomes, or None."""
    if isinstance(got, BaseException):
        return "", None, got
    for place, value in expected.items():
        found = difference(place, value, got.get(place))
        if found:
            return found
    return None


def same_outcome(a, b, places):
    """Whether two wrong outcomes are the same in these places."""
    if isinstance(a, BaseException) or isinstance(b, BaseException):
        alike = str(a) == str(b) or isinstance(a, (IndexError, ArithmeticError))
        return type(a) is type(b) and alike
    return not any(difference("", a[place], b[place]) for place in places)


# ----------------------------------------------------------------------------
# finding the mistake


def changed_texts(exercise, mistake):
    """The texts of an exercise's functions with the mistake in them."""
    texts = {name: parts.TEXTS[name] for name in exercise.functions}
    for old, new in mistake[1:]:
        found = [name for name in texts if texts[name].count(old) == 1]
        if len(found) != 1 or sum(text.count(old) for text in texts.values()) != 1:
            raise ValueError(f"{old!r} is not once in {exercise.functions}")
        texts[found[0]] = texts[found[0]].replace(old, new)
    return texts


made = {}  # what each mistake makes of each case


def mistaken(number, mistake, i):
    key = number, mistake, i
    if key not in made:
        exercise = EXERCISES[number - 1]
        program = parts.program(changed_texts(exercise, mistake))
        made[key] = run_case(cases.CASES[exercise.name][i], program)
    return made[key]


def known_mistake(number, program, failed, got):
    """What to say about a wrong outcome of case failed, if a known mistake makes the same."""
    exercise = EXERCISES[number - 1]
    places = cases.expected(exercise.name, failed)
    before = cases.CASES[exercise.name][failed][2]
    # errors are too much alike, and so are functions that write nothing
    alike = isinstance(got, BaseException) or any(
        got[name] == value != places[name] for name, value in before.items()
    )
    found = [m for m in exercise.mistakes if same_outcome(mistaken(number, m, failed), got, places)]
    if isinstance(got, BaseException):
        found = [m for m in found if str(mistaken(number, m, failed)) == str(got)] or found
    for i, case in enumerate(cases.CASES[exercise.name]):
        if i != failed and (len(found) > 1 or alike):
            outcome = run_case(case, program)
            places = cases.expected(exercise.name, i)
            agree = [m for m in found if same_outcome(mistaken(number, m, i), outcome, places)]
            # two mistakes at once may agree in one case alone
            found = agree or ([] if alike else found)
    return found[0][0] if found else None


def resemblance(before, expected, got, place):
    """What a wrong value looks like, for mistakes that nobody knows."""
    if place.startswith("len("):
        return "the length of the list changes: write to x[i], append makes it longer"
    name = named(expected, place)
    if name == "returned" and got["returned"] is None:
        return "nothing is returned: is a return missing, or not reached?"
    if name in before and got[name] == before[name]:
        return (f"{name} is as it was before. x = [...] makes a new list; x[i] = ... writes to the "
                "one that was given")  # fmt: skip
    if name in before and expected[name] == before[name]:
        return f"{name} must stay as it was"
    flat_expected, flat_got = flat(expected[name]), flat(got[name])
    if not all(isinstance(v, (int, float)) for v in flat_expected + flat_got):
        return None
    if any(v != v or abs(v) == math.inf for v in flat_got):
        return "a number is infinite, or none at all (nan)"
    if len(flat_expected) != len(flat_got) or len(flat_got) < 2:
        return None
    written = [i for i, v in enumerate(flat(before.get(name, [])) or flat_got)
               if v != flat_expected[i] or name not in before]  # fmt: skip
    ratios = [flat_got[i] / flat_expected[i] for i in written if abs(flat_expected[i]) > 1e-6]
    if len(ratios) > 1 and all(math.isclose(r, ratios[0], rel_tol=1e-4) for r in ratios):
        return f"every number is {ratios[0]:.6g} times what it should be"
    if not difference("", sorted(flat_expected), sorted(flat_got)):
        return "the numbers are right, but in another order"
    return None


def named(outcome, place):
    """The part of an outcome that a place such as s.att[1][0] is in: s.att."""
    return max((name for name in outcome if place.startswith(name)), key=len)


def inside(outcome, place):
    """The list in an outcome that a place such as s.att[1] stands for."""
    name = named(outcome, place)
    value = outcome[name]
    for i in re.findall(r"\[(\d+)\]", place[len(name):]):
        value = value[int(i)]
    return value


def flat(value):
    if isinstance(value, (list, cases.array)):
        return [v for inner in value for v in flat(inner)]
    return [value]


def explanation(error):
    """What an exception often comes from where C is ported."""
    if isinstance(error, TypeError) and "integer" in str(error):
        return FLOAT_INDEX
    if isinstance(error, (TypeError, AttributeError)) and "NoneType" in str(error):
        return "s has only the fields that this exercise needs; the others are None"
    if isinstance(error, UnboundLocalError):
        return "a name that a function assigns to is its own: give it a value first"
    if isinstance(error, NameError):
        return "is it imported, and spelled as in the file's text?"
    if isinstance(error, IndexError):
        return "an index is beyond the end of a list: compare the ranges with the shapes"
    return None


# ----------------------------------------------------------------------------
# one exercise


def load(path):
    """The student's file as a module."""
    spec = importlib.util.spec_from_file_location("exercise", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def their_traceback(error, path):
    """An exception as Python shows it, but only the lines of the student's file."""
    lines = []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == path:
            lines.append(f'  File "{path}", line {frame.lineno}, in {frame.name}')
            lines.append(f"    {frame.line}")
    lines += [line.rstrip() for line in traceback.format_exception_only(type(error), error)]
    return lines


def examine(number, path):
    """Run an exercise; return ("passed", "stub" or "wrong", lines that say what is wrong)."""
    exercise = EXERCISES[number - 1]
    try:
        module = load(path)
    except (Exception, SystemExit) as error:
        return "wrong", ["the file cannot be run:", *their_traceback(error, path)]
    program = parts.program()
    for name in exercise.functions:
        if not callable(vars(module).get(name)):
            return "wrong", [f"the file defines no function {name}"]
        program[name] = vars(module)[name]
    for i, case in enumerate(cases.CASES[exercise.name]):
        got = run_case(case, program)
        if isinstance(got, NotImplementedError):
            return "stub", ["not written yet"]
        expected = cases.expected(exercise.name, i)
        found = differences(expected, got)
        if found:
            return "wrong", report(number, path, program, i, expected, got, found)
    return "passed", []


def report(number, path, program, i, expected, got, found):
    """What is wrong, in lines: the input, the first difference, and what it points at."""
    shown, _, before = cases.CASES[EXERCISES[number - 1].name][i]
    lines = [f"input     {shown}"]
    place, should, is_now = found
    if isinstance(got, BaseException):
        theirs = their_traceback(got, path)
        lines += ["raised    " + theirs[-1], *theirs[:-1]]
        if len(theirs) == 1 and isinstance(got, TypeError):
            lines.append("look      are the arguments still those of the file as it was?")
    else:
        lines.append(f"expected  {place} = {cases.short(should)}")
        lines.append(f"got       {place} = {cases.short(is_now)}")
        whole = place[4:-1] if place.startswith("len(") else re.sub(r"\[\d+\]$", "", place)
        if whole != place and place not in expected:
            lines.append(f"          {whole} = {cases.short(inside(expected, whole))} expected")
            lines.append(f"          {whole} = {cases.short(inside(got, whole))} got")
    said = known_mistake(number, program, i, got)
    if said:
        lines.append(f"mistake?  {said}")
    else:
        if isinstance(got, BaseException):
            said = explanation(got)
        else:
            said = resemblance(before, expected, got, place)
        if said:
            lines.append(f"look      {said}")
    return lines


def timed(function, limit, path):
    """The result of function, or what to say if it is still running after limit seconds."""
    result = []

    def run():
        try:
            result.append(function())
        except BaseException as error:
            result.append(("wrong", [f"the checker itself has failed: {error!r}"]))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(limit)
    if result:
        return result[0]
    frame = sys._current_frames().get(thread.ident)
    while frame and frame.f_code.co_filename != path:
        frame = frame.f_back
    at = f" in line {frame.f_lineno} of {os.path.basename(path)}" if frame else ""
    return "endless", [f"still running after {limit:g} seconds, now{at}: an endless loop?",
                       "on a slow machine, set LLAMA2_EXERCISE_LIMIT to more seconds"]  # fmt: skip


def child(folder, numbers, answer):
    """Examine exercises; write a line of JSON for each to the file answer."""
    sys.dont_write_bytecode = True
    with open(answer, "w", encoding="utf-8") as out:
        for number in numbers:
            path = os.path.join(folder, file_name(number))
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                status, lines = timed(lambda: examine(number, path), LIMIT, path)
            if status == "endless" and EXERCISES[number - 1].endless:
                lines.append("look      " + EXERCISES[number - 1].endless)
            if printed.getvalue():
                lines += ["your prints:", *printed.getvalue()[:2000].splitlines()[:20]]
            print(json.dumps([number, status, lines]), file=out, flush=True)
            if status == "endless":
                os._exit(0)  # the loop is still running


# ----------------------------------------------------------------------------
# the story


def story_command():
    """The arguments of README's first command."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        command = re.search("^    python llama2.py (.+)$", file.read(), re.MULTILINE)[1]
    checkpoint, *rest = shlex.split(command)
    return [os.path.join(ROOT, checkpoint), *rest]


def put_in_place(folder):
    """All that the student wrote, in place of ours: here and in llama2.py."""
    for number, exercise in enumerate(EXERCISES, 1):
        module = load(os.path.join(folder, file_name(number)))
        for name in exercise.functions:
            setattr(parts, name, getattr(module, name))  # for the files that follow
            if hasattr(llama2, name):
                setattr(llama2, name, getattr(module, name))


def tell_story(folder):
    sys.dont_write_bytecode = True
    put_in_place(folder)
    sys.exit(llama2.main(story_command()))


def check_story(folder):
    """Run README's first command on the student's functions; return whether it was right."""
    command = [sys.executable, os.path.join(ROOT, "llama2.py"), *story_command()]
    ours = subprocess.Popen(command, stdout=-1, stderr=-1)
    command = [sys.executable, os.path.join(HERE, "check.py"), "--story", "--files", folder]
    with contextlib.suppress(subprocess.TimeoutExpired):
        theirs = subprocess.run(command, stdout=-1, stderr=-1, timeout=STORY_LIMIT)
        expected = ours.communicate()[0]
        print(theirs.stdout.decode("utf-8", "replace"))
        if theirs.stdout == expected:
            print("README's story, byte for byte, and all the functions that told it are yours.")
            return True
        print("All exercises pass, but this is not README's story, which is:\n")
        print(expected.decode("utf-8", "replace"))
        print(theirs.stderr.decode("utf-8", "replace"))
        return False
    ours.kill()
    print(f"All exercises pass, but README's story is not told after {STORY_LIMIT} seconds.")
    return False


# ----------------------------------------------------------------------------
# the command


def check(folder, numbers):
    """Examine exercises in a process of their own; return {number: (status, lines)}."""
    found = {}
    left = list(numbers)
    with tempfile.TemporaryDirectory() as temporary:
        answer = os.path.join(temporary, "answer")
        while left:
            command = [sys.executable, os.path.abspath(__file__), "--child", answer]
            command += ["--files", folder, *map(str, left)]
            stopped = "Python ended in the middle of it"
            try:
                run = subprocess.run(command, stdout=-1, stderr=-2, timeout=LIMIT + 30)
                stopped += ": " + run.stdout.decode("utf-8", "replace").strip()[-500:]
            except subprocess.TimeoutExpired:
                stopped = f"still running after {LIMIT + 30:g} seconds"
            status = None
            with contextlib.suppress(OSError), open(answer, encoding="utf-8") as file:
                for line in file:
                    number, status, lines = json.loads(line)
                    found[number] = status, lines
            left = [number for number in left if number not in found]
            if left and status != "endless":  # an endless loop ends that process, another goes on
                found[left.pop(0)] = "wrong", [stopped]
    return found


def where(number):
    """Where ours stands, as "llama2.py 249-261"."""
    exercise = EXERCISES[number - 1]
    name = exercise.functions[0]
    module = tokenizer if name in ("decode", "characters", "merge") else llama2
    whole = {"characters": "encode", "merge": "encode"}.get(name, name)
    lines, start = inspect.getsourcelines(getattr(module, whole, llama2.forward))
    first, last = 0, len(lines)
    if not hasattr(module, name):  # a part of forward or encode
        begin, end = (int(n) for n in re.findall(r"^\d+|\d+$", exercise.lines))
        found = [re.match(r" *# \[(\d+)", line) for line in lines]
        marks = [(i, int(mark[1])) for i, mark in enumerate(found) if mark]
        first = max((i for i, n in marks if n <= begin), default=0)
        last = next((i for i, n in marks if n > end), last)
    elif len(exercise.functions) > 1:
        second, begin = inspect.getsourcelines(getattr(module, exercise.functions[1]))
        last = begin + len(second) - start
    return f"{module.__name__}.py {start + first}-{start + last - 1}"


VERDICTS = {"passed": "passes", "stub": "not written yet", "endless": "does not end",
            "wrong": "is not right yet"}  # fmt: skip


def show(number, status, lines, hint):
    """Print what is to be said about one exercise."""
    print(f"{file_name(number)} {VERDICTS[status]}")
    if status in ("wrong", "endless"):
        for line in lines:
            prose = line.startswith(("input ", "mistake? ", "look "))
            print(textwrap.fill(line, 96, initial_indent="  ", subsequent_indent=" " * 12)
                  if prose else "  " + line)  # fmt: skip
    if hint:
        print("\nA hint: " + EXERCISES[number - 1].hint)
    elif status == "passed":
        print(f"Ours is in {where(number)}.")
    else:
        print(f"The task is at the top of the file; check.py {number} --hint gives a hint.")


def reset(folder, number):
    """Restore a file; keep what was in it beside it."""
    path = os.path.join(folder, file_name(number))
    with open(os.path.join(HERE, "stubs.json"), encoding="utf-8") as file:
        stub = json.load(file)[file_name(number)]
    if os.path.exists(path):
        kept = 1
        while os.path.exists(f"{path[:-3]}.{kept}.txt"):
            kept += 1
        os.replace(path, f"{path[:-3]}.{kept}.txt")
        print(f"What you wrote is kept as {os.path.basename(path)[:-3]}.{kept}.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write(stub)
    print(f"{file_name(number)} is as it was at first")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("number", type=int, nargs="*", help="of the exercise; none: all in order")
    parser.add_argument("--hint", action="store_true", help="give a hint")
    parser.add_argument("--reset", type=int, metavar="NUMBER", help="restore a file")
    parser.add_argument("--files", default=HERE, metavar="FOLDER", help="where the files are")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--story", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.files = os.path.abspath(args.files)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    for number in [*args.number, *([args.reset] if args.reset is not None else [])]:
        if not 1 <= number <= len(EXERCISES):
            parser.error(f"the exercises are 1 to {len(EXERCISES)}")
    if args.child:
        child(args.files, args.number, args.child)
    elif args.story:
        tell_story(args.files)
    elif args.reset:
        reset(args.files, args.reset)
    elif args.number:
        found = check(args.files, args.number)
        for number in args.number:
            show(number, *found[number], args.hint)
        return any(status != "passed" for status, _ in found.values())
    else:
        found = check(args.files, range(1, len(EXERCISES) + 1))
        for number, (status, _) in sorted(found.items()):
            print(f"{number:2} {EXERCISES[number - 1].name:14}{VERDICTS[status]}")
        print()
        for number, (status, lines) in sorted(found.items()):
            if status != "passed":
                show(number, status, lines, args.hint)
                return True
        return not check_story(args.files)


def run(main):
    """Exit with the status of main, without a traceback on Ctrl-C or a closed pipe."""
    try:
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    sys.exit(status)


if __name__ == "__main__":
    run(main)
