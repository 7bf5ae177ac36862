"""The Sampler against run.c's random numbers and hand calculations."""

import math
import random
import unittest

import llama2


class RandomTest(unittest.TestCase):
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


class SampleTest(unittest.TestCase):
    def test_argmax_is_the_first_of_the_largest(self):
        self.assertEqual(llama2.sample_argmax([0.1, 0.4, 0.4, 0.1], 4), 1)
        self.assertEqual(llama2.sample_argmax([0.9, 0.1], 2), 0)

    def test_mult_is_where_the_sum_passes_the_coin(self):
        probabilities = [0.25, 0.5, 0.25]
        for coin, index in (0.0, 0), (0.2499, 0), (0.25, 1), (0.7499, 1), (0.75, 2), (0.9999, 2):
            self.assertEqual(llama2.sample_mult(probabilities, 3, coin), index)

    def test_mult_takes_the_last_when_rounding_leaves_a_gap(self):
        self.assertEqual(llama2.sample_mult([0.25, 0.25], 2, 0.75), 1)

    def test_topp_takes_the_last_of_the_set_when_rounding_leaves_a_gap(self):
        # ids 1, 3, 2; a coin of 1 is never below the sum
        self.assertEqual(llama2.sample_topp([0.0625, 0.5, 0.125, 0.25], 4, 0.75, [], 1.0), 2)

    def test_topp_takes_all_candidates_when_their_sum_does_not_exceed_topp(self):
        drawn = [llama2.sample_topp([0.25, 0.25], 2, 0.9, [], coin) for coin in (0.0, 0.4, 0.6)]
        self.assertEqual(drawn, [0, 0, 1])

    def test_topp_takes_the_fewest_that_exceed_topp(self):
        probabilities = [0.0625, 0.5, 0.125, 0.25, 0.0625]
        # 0.5 + 0.25 does not exceed 0.75, so 0.125 is in: ids 1, 3, 2 with 0.875 in all
        drawn = [llama2.sample_topp(probabilities, 5, 0.75, [], i / 1000) for i in range(1000)]
        self.assertEqual(set(drawn), {1, 3, 2})
        self.assertEqual(drawn, sorted(drawn, key=[1, 3, 2].index))
        self.assertAlmostEqual(drawn.count(1), 1000 * 0.5 / 0.875, delta=1)
        self.assertAlmostEqual(drawn.count(3), 1000 * 0.25 / 0.875, delta=1)
        drawn = {llama2.sample_topp(probabilities, 5, 0.49, [], i / 9) for i in range(9)}
        self.assertEqual(drawn, {1})

    def test_topp_keeps_a_candidate_that_just_reaches_the_cutoff(self):
        # (1 - 0.5) / (2 - 1) is the probability of either
        drawn = [llama2.sample_topp([0.5, 0.5], 2, 0.5, [], coin) for coin in (0.0, 0.4, 0.6, 0.9)]
        self.assertEqual(drawn, [0, 0, 1, 1])

    def test_topp_draws_equals_in_the_order_of_their_ids(self):
        drawn = [llama2.sample_topp([0.25] * 4, 4, 0.9, [], i / 4) for i in range(4)]
        self.assertEqual(drawn, [0, 1, 2, 3])

    def test_topp_forgets_the_candidates_of_the_call_before(self):
        probindex = []
        llama2.sample_topp([0.0, 1.0], 2, 0.9, probindex, 0.5)
        self.assertEqual(llama2.sample_topp([1.0, 0.0], 2, 0.9, probindex, 0.5), 0)

    def test_topp_with_no_candidate_gives_0(self):
        self.assertEqual(llama2.sample_topp([math.nan] * 4, 4, 0.9, [], 0.5), 0)
        # (1 - 0.05) / (4 - 1) is more than each of them
        self.assertEqual(llama2.sample_topp([0.2, 0.3, 0.25, 0.25], 4, 0.05, [], 0.5), 0)

    def test_temperature_0_is_greedy_and_draws_no_number(self):
        sampler = llama2.build_sampler(3, 0.0, 0.9, 1)
        self.assertEqual(llama2.sample(sampler, [0.0, 2.0, 1.0]), 1)
        self.assertEqual(sampler.rng_state, 1)

    def test_a_low_temperature_still_draws(self):
        # probabilities 0.3 and 0.7, then 0.2 and 0.8; the coin is 0.2808
        for weights, index in ([3.0, 7.0], 0), ([2.0, 8.0], 1):
            sampler = llama2.build_sampler(2, 0.01, 1.0, 1)
            logits = [0.01 * math.log(weight) for weight in weights]
            self.assertEqual(llama2.sample(sampler, logits), index)

    def test_topp_agrees_with_a_literal_reading_of_its_definition(self):
        rng = random.Random(3)
        for _ in range(200):
            n = rng.randrange(2, 40)
            weights = [rng.expovariate(1.0) ** 3 for _ in range(n)]
            p = [v / math.fsum(weights) for v in weights]
            topp, coin = rng.random(), rng.random()
            order = sorted(range(n), key=lambda i: -p[i])
            size = next(k for k in range(1, n + 1) if math.fsum(p[i] for i in order[:k]) > topp)
            nucleus = order[:size]
            if p[nucleus[0]] < (1.0 - topp) / (n - 1):
                continue  # nothing reaches run.c's cutoff
            r = coin * math.fsum(p[i] for i in nucleus)
            k = next(k for k in range(size) if math.fsum(p[i] for i in nucleus[: k + 1]) > r)
            self.assertEqual(llama2.sample_topp(p, n, topp, [], coin), nucleus[k])
