"""doc/openmp.py tells the stories of run.c and leaves no process behind; bench.py's figures."""

import os
import signal
import sys
import tempfile
import time
import unittest

import llama2
from tests import bench
from tests.helpers import LONG, recorded, run_python, started, write_model

# doc/openmp.py as if there were three cores; stderr begins with the ids of its workers
OPENMP = """
import sys
sys.path.insert(0, "doc")
import openmp
openmp.cores = 3
def build_transformer(path):
    transformer = share(path)
    print("workers", *[worker.pid for worker in openmp.workers], file=sys.stderr, flush=True)
    return transformer
share, openmp.build_and_share = openmp.build_and_share, build_transformer
%s
if __name__ == "__main__":
    sys.exit(openmp.main())
"""


def ended(pid):
    """Whether a process has ended, if need be within ten seconds."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as file:
                if ") Z" in file.read():  # nobody has asked for its exit status
                    return True
        except ProcessLookupError:
            return True
        except OSError:
            pass  # no /proc
        time.sleep(0.05)
    return False


class SpeedCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.checkpoint = write_model("gqa", folder.name)

    def run_python(self, *args, processes="2"):
        return run_python(*args, env={**os.environ, "OMP_NUM_THREADS": processes})


class OpenmpTest(SpeedCase):
    def test_any_number_of_processes_prints_the_bytes_of_run_c(self):
        runs = [run for run in recorded("run.json")["generate"] if run["model"] == "gqa"]
        runs.sort(key=lambda run: -len(run["stdout"]))
        ways = ("1", ""), ("2", ""), ("3", "openmp.most_in_tuples = 0"), ("999999999", "")
        for (processes, change), run in zip(ways, runs):
            options = [*run["options"], "-i", run["prompt"].encode("latin-1")]
            got = self.run_python(
                "-c", OPENMP % change, self.checkpoint, *options, processes=processes
            )
            self.assertEqual(got.stdout, run["stdout"].encode("latin-1"))
            self.assertEqual(got.returncode, 0)
            workers = got.stderr.split(b"\n")[0].split()[1:]
            self.assertEqual(len(workers), min(int(processes), 3) - 1)

    def test_more_than_one_process_only_where_it_pays(self):
        for change, workers in (
            ("", 0),
            ("openmp.worth_sharing = 0", 2),
            ("openmp.worth_sharing = 0; openmp.cores = 1", 0),
        ):
            run = self.run_python("-c", OPENMP % change, self.checkpoint, "0", "2", processes="")
            self.assertEqual(len(run.stderr.split(b"\n")[0].split()), 1 + workers, change)

    def test_a_bad_number_of_processes_is_one_clear_line(self):
        for number in ("0", "-1", "2,2", str(10**20)):
            run = self.run_python("doc/openmp.py", self.checkpoint, "0", "3", processes=number)
            self.assertEqual((run.returncode, run.stdout), (2, b""), number)
            self.assertRegex(run.stderr, rb"\Aopenmp: [^\n]*OMP_NUM_THREADS[^\n]*\n\Z")

    @unittest.skipIf(os.name == "nt", "POSIX signals")
    def test_workers_end_with_the_main_process_and_it_with_them(self):
        def send(number):
            return lambda process, workers: os.kill(process.pid, number)

        def ctrl_c(process, workers):
            os.killpg(process.pid, signal.SIGINT)

        def kill_a_worker(process, workers):
            os.kill(workers[-1], signal.SIGKILL)

        def close_output(process, workers):
            process.stdout.close()

        dies = rb"llama2: a worker process has ended\s+\Z"
        for end, arguments, status, complaint in (
            (send(signal.SIGTERM), ["-n", "0"], -signal.SIGTERM, rb"\Z"),
            (send(signal.SIGKILL), ["-n", "0"], -signal.SIGKILL, rb"\Z"),
            (ctrl_c, ["-n", "0"], 130, rb"\Z"),
            (kill_a_worker, ["-n", "0"], 1, dies),
            (close_output, ["-n", "0"], 141, rb"\Z"),
            (lambda *_: None, ["-n", "9"], 0, rb"achieved"),
            (lambda *_: None, ["-z", "LICENSE"], 1, rb"llama2: 'LICENSE'"),
        ):
            command = "-c", OPENMP % "", "data/swiss.bin", "--seed=1", *arguments
            with started(*command, env={**os.environ, "OMP_NUM_THREADS": "3"}) as process:
                word, *workers = process.stderr.readline().split()
                workers = [int(pid) for pid in workers]
                self.assertEqual(len(workers), 2)
                if arguments == ["-n", "0"]:
                    process.stdout.read(1)  # the story has begun
                end(process, workers)
                if not process.stdout.closed:
                    process.stdout.read()  # ends, since no worker holds it open
                self.assertRegex(process.stderr.read(), rb"\A" + complaint)
                self.assertEqual(process.wait(), status)
                for pid in workers:
                    self.assertTrue(ended(pid), end)


class BenchTest(SpeedCase):
    def bench(self, *options):
        run = self.run_python("tests/bench.py", *options, "--rounds=1")
        return run.returncode, run.stdout.decode(), run.stderr.decode()

    @unittest.skipUnless(LONG, "LLAMA2_LONG_TESTS is not set")
    def test_a_peer_is_told_the_checkpoint_and_the_steps_and_its_speed_is_shown(self):
        program = "import sys; print(sys.argv[1][-4:], 'achieved tok/s:', float(sys.argv[2]) / 2)"
        peer = f'other="{sys.executable}" -c "{program}" {{checkpoint}} {{steps}}'
        status, out, err = self.bench(self.checkpoint, "--steps=5", "--peer", peer)
        self.assertEqual((status, err), (0, ""))
        header, ours, other = out.splitlines()
        self.assertEqual(other.split()[:4], ["other", "2.50", "2.50", "2.50"])
        least, median, most, ratio, of_the_loop = map(float, ours.split()[1:6])
        self.assertTrue(0 < least <= median <= most)
        self.assertEqual(ratio, 1.0)
        self.assertGreater(of_the_loop, 0.0)

    def test_multiply_adds_of_a_token_by_hand(self):
        p = llama2.Config(*bench.SHAPES["15M"])
        matrices = 6 * (4 * 288**2 + 3 * 288 * 768) + 32000 * 288
        self.assertEqual(matrices, 15_187_968)
        # a query's product with a key, and a weight's with a value: 2 * 288 at each position
        self.assertEqual(bench.multiply_adds(p, 1), matrices + 6 * 2 * 288)
        self.assertEqual(bench.multiply_adds(p, 3), matrices + 6 * 2 * 288 * (1 + 2 + 3) / 3)

    def test_what_cannot_be_measured_is_one_clear_line(self):
        for options, message in (
            (["nothing.bin"], "'nothing.bin' does not exist"),
            ([self.checkpoint, "--steps=41"], "the model has 40 positions, fewer than 41"),
            ([self.checkpoint, "--steps=5", "--python=nothing"], "nothing does not run: "),
        ):
            status, out, err = self.bench(*options)
            self.assertEqual((status, out), (1, ""))
            self.assertRegex(err, rf"\Abench.py: {message}[^\n]*\n\Z")

    def test_a_peer_that_cannot_be_measured_is_named(self):
        for program, message in (
            ("print('fast')", "other prints no speed"),
            ("print('tok/s: ...')", "other prints no speed"),
            ("import sys; sys.exit('one\\ntwo')", "other failed with status 1. two"),
        ):
            with self.assertRaises(ValueError) as raised:
                bench.measure("other", [sys.executable, "-c", program])
            self.assertEqual(str(raised.exception), message)
        with self.assertRaises(ValueError):
            bench.measure("other", [""])

    @unittest.skipUnless(LONG and os.name != "nt", "POSIX signals; LLAMA2_LONG_TESTS is not set")
    def test_ctrl_c_is_one_clear_line(self):
        program = "import os, signal, time; os.kill(os.getppid(), signal.SIGINT); time.sleep(60)"
        peer = f'other="{sys.executable}" -c "{program}"'
        with started("tests/bench.py", self.checkpoint, "--peer", peer) as process:
            out, err = process.communicate()
        self.assertEqual((process.returncode, out, err), (1, b"", b"bench.py: stopped\n"))


if __name__ == "__main__":
    unittest.main()
