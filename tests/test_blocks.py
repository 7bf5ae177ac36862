"""The blocks of the network against hand calculations and facts of mathematics."""

import copy
import math
import os
import random
import tempfile
import unittest

import llama2
from tests.random_model import random_checkpoint


def model(test, *shape, **options):
    """A Transformer with random weights."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.bin")
        random_checkpoint(path, *shape, **options)
        return llama2.build_transformer(path)


class BlocksTest(unittest.TestCase):
    def assertClose(self, got, expected, delta=1e-9):
        self.assertEqual(len(got), len(expected))
        for a, b in zip(got, expected):
            self.assertAlmostEqual(a, b, delta=delta)

    def test_rmsnorm_divides_by_the_root_of_the_mean_square(self):
        o = [0.0] * 2
        llama2.rmsnorm(o, [3.0, 4.0], [1.0, 10.0], 2)  # mean square 12.5, + 1e-5
        self.assertClose(o, [3.0 / math.sqrt(12.50001), 40.0 / math.sqrt(12.50001)])

    def test_rmsnorm_may_overwrite_its_input(self):
        x = [3.0, 4.0]
        llama2.rmsnorm(x, x, [1.0, 10.0], 2)
        self.assertClose(x, [3.0 / math.sqrt(12.50001), 40.0 / math.sqrt(12.50001)])

    def test_rmsnorm_of_zeros_is_zeros(self):
        o = [5.0, 5.0]
        llama2.rmsnorm(o, [0.0, 0.0], [1.0, 1.0], 2)
        self.assertEqual(o, [0.0, 0.0])

    def test_softmax_by_hand(self):
        x = [math.log(1.0), math.log(2.0), math.log(5.0)]
        llama2.softmax(x, 3)
        self.assertClose(x, [0.125, 0.25, 0.625])

    def test_softmax_sums_to_1_and_is_unchanged_by_a_shift(self):
        x = [random.Random(1).uniform(-5.0, 5.0) for _ in range(50)]
        shifted = [value + 700.0 for value in x]
        llama2.softmax(x, 50)
        llama2.softmax(shifted, 50)
        self.assertAlmostEqual(math.fsum(x), 1.0, delta=1e-12)
        self.assertClose(x, shifted)

    def test_softmax_leaves_what_lies_behind_size(self):
        x = [0.0, 0.0, 7.0]
        llama2.softmax(x, 2)
        self.assertEqual(x, [0.5, 0.5, 7.0])

    def test_softmax_of_huge_scores_does_not_overflow(self):
        x = [1e30, 0.0, -1e30]
        llama2.softmax(x, 3)
        self.assertEqual(x, [1.0, 0.0, 0.0])
        x = [0.0, 1000.0]  # exp(1000) is more than a float can hold
        llama2.softmax(x, 2)
        self.assertEqual(x, [0.0, 1.0])

    def test_matmul_by_hand(self):
        xout = [9.0, 9.0, 9.0]
        llama2.matmul(xout, [1.0, 10.0], [[1.0, 2.0], [3.0, 4.0], [-5.0, 0.5]], 2, 3)
        self.assertEqual(xout, [21.0, 43.0, 0.0])

    def test_expf_of_a_large_number_is_infinity(self):
        self.assertEqual(llama2.expf(1000.0), math.inf)
        self.assertEqual(llama2.expf(-1000.0), 0.0)
        self.assertEqual(llama2.expf(1.0), math.e)


class ForwardTest(unittest.TestCase):
    shape = 16, 24, 2, 4, 2, 30, 12

    def run_tokens(self, transformer, tokens):
        return [list(llama2.forward(transformer, token, pos)) for pos, token in enumerate(tokens)]

    def test_a_network_of_zeros_but_its_embedding_gives_the_products_with_it(self):
        t = model(self, *self.shape)
        w = t.weights
        for stack in w.wq, w.wk, w.wv, w.wo, w.w1, w.w2, w.w3:
            for rows in stack:
                for row in rows:
                    row[:] = row.__class__("f", [0.0] * len(row))
        logits = llama2.forward(t, 3, 0)
        x = list(w.token_embedding_table[3])
        scale = 1.0 / math.sqrt(math.fsum(v * v for v in x) / 16 + 1e-5)
        for token in range(30):
            products = zip(w.token_embedding_table[token], x, w.rms_final_weight)
            expected = math.fsum(a * b * c * scale for a, b, c in products)
            self.assertAlmostEqual(logits[token], expected, delta=1e-9)

    def test_attention_at_position_0_returns_the_value(self):
        t = model(self, 16, 24, 1, 4, 2, 30, 12)
        for row in t.weights.w2[0]:
            row[:] = row.__class__("f", [0.0] * len(row))  # no feed-forward network
        llama2.forward(t, 5, 0)
        value = t.state.value_cache[0][0]  # two heads of 4; each serves two query heads
        mixed = value[0:4] * 2 + value[4:8] * 2
        expected = []
        for i, row in enumerate(t.weights.wo[0]):
            product = math.fsum(a * b for a, b in zip(row, mixed))
            expected.append(t.weights.token_embedding_table[5][i] + product)
        scale = 1.0 / math.sqrt(math.fsum(v * v for v in expected) / 16 + 1e-5)
        for got, v, weight in zip(t.state.x, expected, t.weights.rms_final_weight):
            self.assertAlmostEqual(got, v * scale * weight, delta=1e-9)

    def test_rope_keeps_the_length_of_each_pair_and_turns_it_by_pos_times_freq(self):
        t = model(self, *self.shape)
        llama2.forward(t, 7, 0)
        key = list(t.state.key_cache[0][0])  # at position 0 nothing turns
        query = list(t.state.q)
        for pos in range(1, 6):
            llama2.forward(t, 7, pos)  # in layer 0 the same key but for the turn
            turned = t.state.key_cache[0][pos]
            for i in range(0, 8, 2):
                angle = pos * 10000.0 ** -((i % 4) / 4)
                z = complex(key[i], key[i + 1]) * complex(math.cos(angle), math.sin(angle))
                self.assertAlmostEqual(turned[i], z.real, delta=1e-9)
                self.assertAlmostEqual(turned[i + 1], z.imag, delta=1e-9)
                length = math.hypot(turned[i], turned[i + 1])
                self.assertAlmostEqual(length, math.hypot(key[i], key[i + 1]), delta=1e-9)
        self.assertEqual(len(query), 16)

    def test_a_score_depends_only_on_the_distance_of_two_positions(self):
        t = model(self, 16, 24, 1, 4, 2, 30, 12)
        scores = {}
        for pos in range(8):
            llama2.forward(t, 7, pos)
            key, query = t.state.key_cache[0], t.state.q
            for before in range(pos + 1):
                score = math.fsum(a * b for a, b in zip(query[4:8], key[before][0:4]))
                scores.setdefault(pos - before, []).append(score)
        for distance, values in scores.items():
            for value in values:
                self.assertAlmostEqual(value, values[0], delta=1e-9, msg=f"distance {distance}")
        self.assertGreater(abs(scores[0][0] - scores[3][0]), 1e-3)

    def test_with_equal_heads_grouped_query_attention_is_multi_head_attention(self):
        grouped = model(self, *self.shape)
        full = copy.deepcopy(grouped)
        full.config.n_kv_heads = 4
        full.state = llama2.malloc_run_state(full.config)
        for stack in full.weights.wk, full.weights.wv:
            for l, rows in enumerate(stack):  # each key and value head stands twice
                stack[l] = rows[0:4] + rows[0:4] + rows[4:8] + rows[4:8]
        tokens = [1, 5, 9, 2, 7]
        for a, b in zip(self.run_tokens(grouped, tokens), self.run_tokens(full, tokens)):
            for got, expected in zip(a, b):
                self.assertAlmostEqual(got, expected, delta=1e-9)

    def test_the_kv_cache_gives_the_logits_of_starting_over(self):
        t = model(self, *self.shape)
        tokens = [1, 5, 9, 2, 7, 5]
        logits = self.run_tokens(t, tokens)
        t.state = llama2.malloc_run_state(t.config)
        self.assertEqual(self.run_tokens(t, tokens), logits)
        # a later position does not change an earlier one, and a token does
        self.assertEqual(self.run_tokens(t, tokens[:3]), logits[:3])
        self.assertNotEqual(self.run_tokens(t, [1, 6, 9])[2], logits[2])

    def test_positions_have_rows_of_their_own_in_the_cache(self):
        t = model(self, *self.shape)
        self.run_tokens(t, [1, 5])
        rows = t.state.key_cache[0]
        self.assertNotEqual(rows[0], rows[1])
        self.assertEqual(rows[2], [0.0] * 8)
        self.assertEqual(t.state.key_cache[1][2], [0.0] * 8)

    def test_heads_have_attention_weights_of_their_own(self):
        t = model(self, *self.shape)
        self.run_tokens(t, [1, 5, 9])
        for weights in t.state.att:
            self.assertAlmostEqual(sum(weights[:3]), 1.0, delta=1e-12)
        self.assertNotEqual(t.state.att[0], t.state.att[1])

    def test_swiglu_of_an_extreme_weight_does_not_raise(self):
        t = model(self, *self.shape)
        for row in t.weights.w1[0]:
            row[:] = row.__class__("f", [3e38] * len(row))
        llama2.forward(t, 3, 0)


if __name__ == "__main__":
    unittest.main()
