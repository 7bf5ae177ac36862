"""Every function of run.c has its namesake, in order, with its lines."""

import ast
import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# run.c at commit 350e04f: first and last line of each struct and function that Python needs
RUN_C = {
    "llama2.py": """Config 19-27  TransformerWeights 29-48  RunState 50-65  Transformer 67-75
        malloc_run_state 77-96  memory_map_weights 111-140  read_checkpoint 142-162
        build_transformer 164-169  rmsnorm 182-195  softmax 197-215  matmul 217-229
        forward 231-362  Sampler 582-588  sample_argmax 590-601  sample_mult 603-614
        sample_topp 624-665  build_sampler 667-674  random_u32 680-686  random_f32 687-689
        sample 691-714  time_in_ms 719-724  generate 729-783  read_stdin 785-794  chat 802-884
        error_usage 891-904  main 906-972""",
    "tokenizer.py": """Tokenizer 372-379  build_tokenizer 385-409  decode 418-429
        safe_printf 431-443  str_lookup 445-450  encode 452-571""",
}
# what is ours alone
OURS = {
    "llama2.py": "checkpoint_size expf matmul atof atoi find_tokenizer drop_stdout",
    "tokenizer.py": "fopen printf",
}


def definitions(name):
    """(node, lines of run.c or None) of each class and function at the top of a file, in order."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        source = file.read()
    found = []
    for top in ast.parse(source).body:
        for node in top.body if isinstance(top, ast.If) else [top]:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                lines = re.search(r"run\.c (\d+)-(\d+)$", (ast.get_docstring(node) or "").strip())
                found.append((node, lines and (int(lines[1]), int(lines[2]))))
    return source.splitlines(), found


class MirrorTest(unittest.TestCase):
    def test_each_function_of_run_c_has_its_namesake_in_order_with_its_lines(self):
        for name, text in RUN_C.items():
            words = text.split()
            expected = [
                (function, tuple(map(int, lines.split("-"))))
                for function, lines in zip(words[::2], words[1::2])
            ]
            _, found = definitions(name)
            self.assertEqual([(n.name, lines) for n, lines in found if lines], expected)
            self.assertEqual([n.name for n, lines in found if not lines], OURS[name].split())

    def test_block_numbers_rise_inside_their_function_without_a_gap_of_over_20_lines(self):
        for name in RUN_C:
            source, found = definitions(name)
            for node, lines in found:
                body = source[node.lineno - 1 : node.end_lineno]
                numbers = []
                for comment in re.findall(r"^ *# \[([\d, -]+)\]", "\n".join(body), re.MULTILINE):
                    for part in comment.split(","):
                        first, _, last = part.strip().partition("-")
                        numbers.append((int(first), int(last or first)))
                with self.subTest(function=node.name):
                    if lines is None:
                        self.assertEqual(numbers, [])
                        continue
                    starts = [first for first, _ in numbers]
                    if node.name != "malloc_run_state":  # its buffers stand in another order
                        self.assertEqual(starts, sorted(set(starts)))
                    for first, last in numbers:
                        self.assertTrue(lines[0] <= first <= last <= lines[1], (first, last))
                    if isinstance(node, ast.FunctionDef) and lines[1] - lines[0] >= 14:
                        self.assertTrue(numbers, "no block numbers")
                        end = lines[0]
                        for first, last in sorted(numbers):
                            self.assertLessEqual(first - end, 20)
                            end = max(end, last)
                        self.assertLessEqual(lines[1] - end, 20)


if __name__ == "__main__":
    unittest.main()
