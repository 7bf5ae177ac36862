"""The blocks of the network and the sampler against hand calculations and facts of mathematics."""

import cmath
import math
import unittest

import llama2


def identity(n):
    return [[1.0 if i == j else 0.0 for j in range(n)] for i in range(n)]


def tiny_model(dim, **matrices):
    """A Transformer of one layer, whose two heads share a key and value head; token i is the unit
    vector i, and each matrix that is not given is zeros."""
    config = llama2.Config(dim, 1, 1, 2, 1, dim, 8)
    shapes = {"wq": (dim, dim), "wk": (dim // 2, dim), "wv": (dim // 2, dim), "wo": (dim, dim),
              "w1": (1, dim), "w2": (dim, 1), "w3": (1, dim)}
    weights = llama2.TransformerWeights(
        token_embedding_table=identity(dim), wcls=identity(dim), rms_final_weight=[1.0] * dim,
        rms_att_weight=[[1.0] * dim], rms_ffn_weight=[[1.0] * dim],
        **{name: [matrices.get(name, [[0.0] * n] * d)] for name, (d, n) in shapes.items()})
    return llama2.Transformer(config, weights, llama2.malloc_run_state(config))


class BlocksTest(unittest.TestCase):
    def assertClose(self, got, expected, delta=1e-9):
        self.assertEqual(len(got), len(expected))
        for a, b in zip(got, expected):
            self.assertAlmostEqual(a, b, delta=delta)

    def test_rmsnorm_divides_by_the_root_of_the_mean_square(self):
        o = [0.0] * 2
        llama2.rmsnorm(o, [3.0, 4.0], [1.0, 10.0], 2)  # mean square 12.5, + 1e-5
        self.assertClose(o, [3.0 / math.sqrt(12.50001), 40.0 / math.sqrt(12.50001)])
        llama2.rmsnorm(o, [0.0, 0.0], [1.0, 1.0], 2)
        self.assertEqual(o, [0.0, 0.0])

    def test_softmax_by_hand(self):
        for x, size, expected in (
            ([math.log(1.0), math.log(2.0), math.log(5.0)], 3, [0.125, 0.25, 0.625]),
            ([700.0 + math.log(v) for v in (1.0, 2.0, 5.0)], 3, [0.125, 0.25, 0.625]),
            ([0.0, 0.0, 7.0], 2, [0.5, 0.5, 7.0]),  # elements after size do not change
            ([1e30, 0.0, -1e30], 3, [1.0, 0.0, 0.0]),
            ([0.0, 1000.0], 2, [0.0, 1.0]),  # exp(1000) is too large for a float
        ):
            llama2.softmax(x, size)
            self.assertClose(x, expected)

    def test_matmul_takes_d_rows_and_n_columns_and_no_more(self):
        for n, d, expected in (2, 3, [21.0, 43.0, 0.0]), (1, 1, [1.0, 9.0, 9.0]):
            xout = [9.0, 9.0, 9.0]
            llama2.matmul(xout, [1.0, 10.0], [[1.0, 2.0], [3.0, 4.0], [-5.0, 0.5]], n, d)
            self.assertEqual(xout, expected)

    def test_expf_of_a_large_number_is_infinity(self):
        for x in 709.79, 1000.0:  # the largest double is e to the 709.7827
            self.assertEqual(llama2.expf(x), math.inf)
        self.assertAlmostEqual(llama2.expf(88.0) / 1.6516363e38, 1.0, delta=1e-6)  # as C's expf
        self.assertEqual(llama2.expf(-1000.0), 0.0)
        self.assertEqual(llama2.expf(1.0), math.e)

    def test_attention_is_the_sum_of_the_values_weighted_by_softmax_of_the_scores(self):
        # the norm makes each token's vector s long; head_size 2, so that RoPE turns
        # by pos: to undo it at position 2, that of the query, each key is turned back by hand
        s = 1.0 / math.sqrt(1 / 4 + 1e-5)
        weights = [0.125, 0.25, 0.625]
        keys, values = [], [[1.0, 50.0], [2.0, 70.0], [4.0, 10.0]]
        for t, weight in enumerate(weights):
            # the score of this key for the query (1, 0), which is divided by the root of 2
            score = math.log(weight) * math.sqrt(2)
            keys.append([score * math.cos(2 - t), score * math.sin(2 - t)])
        wk = [[key[i] / s for key in keys] + [0.0] for i in range(2)]
        wv = [[value[i] / s for value in values] + [0.0] for i in range(2)]
        wq = [[0.0, 0.0, 1.0 / s, 0.0], [0.0] * 4] * 2
        t = tiny_model(4, wq=wq, wk=wk, wv=wv, wo=identity(4))
        for pos in range(3):
            llama2.forward(t, pos, pos)
        for head in range(2):  # both share one key and value head
            self.assertClose(t.state.att[head][:3], weights)
        # 0.125 + 0.5 + 2.5 and 6.25 + 17.5 + 6.25
        self.assertClose(t.state.xb2, [3.125, 30.0] * 2)

    def test_rope_rotates_each_pair_of_q_and_k_by_pos_times_freq(self):
        # the norm makes the token's vector s long; heads of 4
        s = 1.0 / math.sqrt(1 / 8 + 1e-5)
        q, k = [3.0, 4.0, 5.0, -6.0, 1.0, 0.0, -2.0, 7.0], [8.0, 1.0, -9.0, 2.0]
        wq, wk = [[[v / s] + [0.0] * 7 for v in vector] for vector in (q, k)]
        t = tiny_model(8, wq=wq, wk=wk)
        for pos in range(6):
            llama2.forward(t, 0, pos)
            for vector, turned in (q, t.state.q), (k, t.state.key_cache[0][pos]):
                for i in range(0, len(vector), 2):
                    angle = pos * 10000.0 ** -((i % 4) / 4)
                    z = complex(vector[i], vector[i + 1]) * cmath.exp(1j * angle)
                    self.assertClose(turned[i : i + 2], [z.real, z.imag])

    def test_the_state_is_zeros_in_the_shapes_of_c_s_buffers(self):
        s = llama2.malloc_run_state(llama2.Config(8, 3, 2, 4, 2, 5, 6))
        for buffer, expected in (
            (s.x, [0.0] * 8), (s.xb, [0.0] * 8), (s.xb2, [0.0] * 8), (s.q, [0.0] * 8),
            (s.hb, [0.0] * 3), (s.hb2, [0.0] * 3), (s.logits, [0.0] * 5),
            (s.att, [[0.0] * 6] * 4), (s.key_cache, [[[0.0] * 4] * 6] * 2),
            (s.value_cache, [[[0.0] * 4] * 6] * 2),
        ):
            self.assertEqual(buffer, expected)

    def test_random_u32_is_the_sequence_of_run_c(self):
        expected = {
            1: [1206177355, 2882512552, 3117485455, 1303648416, 241277360],
            42: [1456360119, 3359763283, 3393612768, 4054632243, 3283045847],
            2147483647: [3078108155, 991093431, 3676902183, 826642936, 2834818212],
            18446744073709551611: [688859603, 1533610334, 714588690, 2142798736, 1433490979],
        }
        for seed, numbers in expected.items():
            sampler = llama2.build_sampler(2, 1.0, 0.9, seed)
            self.assertEqual([llama2.random_u32(sampler) for _ in numbers], numbers)

    def test_random_f32_is_the_upper_24_bits(self):
        sampler = llama2.build_sampler(2, 1.0, 0.9, 1)
        for number in 1206177355, 2882512552, 3117485455:  # the last with an odd 24th bit
            self.assertEqual(llama2.random_f32(sampler), (number >> 8) / 2**24)

    def test_argmax_returns_the_first_of_the_largest(self):
        self.assertEqual(llama2.sample_argmax([0.1, 0.4, 0.4, 0.1], 4), 1)
        self.assertEqual(llama2.sample_argmax([0.9, 0.1], 2), 0)

    def test_mult_returns_where_the_sum_passes_the_coin(self):
        for probabilities, drawn in (
            ([0.25, 0.5, 0.25],
             {0.0: 0, 0.2499: 0, 0.25: 1, 0.7499: 1, 0.75: 2, 0.9999: 2}),
            ([0.25, 0.25], {0.75: 1}),  # rounding leaves a gap: the last
        ):
            for coin, index in drawn.items():
                got = llama2.sample_mult(probabilities, len(probabilities), coin)
                self.assertEqual(got, index)

    def test_topp_by_hand(self):
        probindex = []  # each call clears the candidates of the previous call
        for probabilities, topp, drawn in (
            # ordered by probability, and by id if the probabilities are equal
            ([0.25] * 4, 0.9, {0.0: 0, 0.25: 1, 0.5: 2, 0.75: 3}),
            # all of them, if their sum does not exceed topp
            ([0.25, 0.25], 0.9, {0.0: 0, 0.4: 0, 0.6: 1, 1.0: 1}),
            # 0.5 + 0.25 does not exceed 0.75, so 0.125 is in; a coin of 1 is never below the sum
            ([0.0625, 0.5, 0.125, 0.25], 0.75,
             {0.0: 1, 0.57: 1, 0.58: 3, 0.85: 3, 0.86: 2, 1.0: 2}),
            ([0.0625, 0.5, 0.125, 0.25, 0.0625], 0.49, {0.0: 1, 0.5: 1, 0.99: 1}),
            # (1 - 0.5) / (2 - 1), the cutoff, is the probability of either
            ([0.5, 0.5], 0.5, {0.0: 0, 0.4: 0, 0.6: 1, 0.9: 1}),
            # no candidate: 0; (1 - 0.05) / (4 - 1) is more than each of them
            ([0.2, 0.3, 0.25, 0.25], 0.05, {0.5: 0}),
            ([math.nan] * 4, 0.9, {0.5: 0}),
        ):
            for coin, index in drawn.items():
                got = llama2.sample_topp(probabilities, len(probabilities), topp, probindex, coin)
                self.assertEqual(got, index, (probabilities, topp, coin))

    def test_temperature_0_is_greedy_and_draws_no_random_number(self):
        sampler = llama2.build_sampler(3, 0.0, 0.9, 1)
        self.assertEqual(llama2.sample(sampler, [0.0, 2.0, 1.0]), 1)
        self.assertEqual(sampler.rng_state, 1)

    def test_a_low_temperature_still_draws(self):
        # probabilities 0.3 and 0.7, then 0.2 and 0.8; the coin is 0.2808
        for weights, index in ([3.0, 7.0], 0), ([2.0, 8.0], 1):
            sampler = llama2.build_sampler(2, 0.01, 1.0, 1)
            logits = [0.01 * math.log(weight) for weight in weights]
            self.assertEqual(llama2.sample(sampler, logits), index)
