"""The Sampler against run.c's random numbers and hand calculations."""

import math
import random
import unittest

import llama2


class SamplerTest(unittest.TestCase):
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

    def test_argmax_is_the_first_of_the_largest(self):
        self.assertEqual(llama2.sample_argmax([0.1, 0.4, 0.4, 0.1], 4), 1)
        self.assertEqual(llama2.sample_argmax([0.9, 0.1], 2), 0)

    def test_mult_is_where_the_sum_passes_the_coin(self):
        for probabilities, drawn in (
            ([0.25, 0.5, 0.25],
             {0.0: 0, 0.2499: 0, 0.25: 1, 0.7499: 1, 0.75: 2, 0.9999: 2}),
            ([0.25, 0.25], {0.75: 1}),  # rounding leaves a gap: the last
        ):
            for coin, index in drawn.items():
                n = len(probabilities)
                self.assertEqual(llama2.sample_mult(probabilities, n, coin), index)

    def test_topp_by_hand(self):
        probindex = []  # each call forgets the candidates of the call before
        for probabilities, topp, drawn in (
            # the order of probability, and of ids where that is the same
            ([0.25] * 4, 0.9, {0.0: 0, 0.25: 1, 0.5: 2, 0.75: 3}),
            # all, where their sum does not exceed topp
            ([0.25, 0.25], 0.9, {0.0: 0, 0.4: 0, 0.6: 1}),
            # 0.5 + 0.25 does not exceed 0.75, so 0.125 is in; a coin of 1 is never below the sum
            ([0.0625, 0.5, 0.125, 0.25], 0.75, {0.0: 1, 0.57: 1, 0.58: 3, 0.85: 3, 0.86: 2, 1.0: 2}),
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
