"""doc/openmp.py tells the stories of run.c and ends cleanly; bench.py reports what it is given."""

import os
import signal
import sys
import tempfile
import unittest

from tests.helpers import recorded, run_python, started, write_model

# the workers are started, then killed
KILLED = """
import multiprocessing, sys
sys.path.insert(0, "doc")
import openmp
def build_transformer(path):
    transformer = openmp.build_and_share(path)
    for worker in multiprocessing.active_children():
        worker.kill()
        worker.join()
    return transformer
if __name__ == "__main__":
    openmp.llama2.build_transformer = build_transformer
    sys.exit(openmp.llama2.main(sys.argv[1:]))
"""


class SpeedCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.checkpoint = write_model("gqa", folder.name)

    def run_python(self, *args, processes=2):
        return run_python(*args, env={**os.environ, "OMP_NUM_THREADS": str(processes)})


class OpenmpTest(SpeedCase):
    def test_any_number_of_processes_prints_the_bytes_of_run_c(self):
        runs = [run for run in recorded()["generate"] if run["model"] == "gqa"]
        runs.sort(key=lambda run: -len(run["stdout"]))
        for processes, run in zip((1, 2, 3), runs):
            options = [*run["options"], "-i", run["prompt"].encode("latin-1")]
            got = self.run_python(
                "doc/openmp.py", self.checkpoint, *options, processes=processes
            )
            self.assertEqual(got.stdout, run["stdout"].encode("latin-1"))
            self.assertEqual(got.returncode, 0)

    def test_a_worker_that_dies_is_one_clear_line(self):
        run = self.run_python("-c", KILLED, self.checkpoint, "0", "20")
        self.assertEqual((run.returncode, run.stdout), (1, b""))
        self.assertRegex(run.stderr, rb"\A(openmp.*\s+)?llama2: a worker process has died\s+\Z")

    @unittest.skipIf(os.name == "nt", "POSIX signals")
    def test_ctrl_c_ends_all_processes(self):
        env = {**os.environ, "OMP_NUM_THREADS": "2"}
        with started("doc/openmp.py", "data/swiss.bin", "0.8", "0", env=env) as process:
            process.stdout.read(1)
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertTrue(out.endswith(b"\n"))
        self.assertNotIn(b"Traceback", err)
        with self.assertRaises(ProcessLookupError):
            os.killpg(process.pid, 0)


class BenchTest(SpeedCase):
    def bench(self, peer):
        options = "--steps=5", "--rounds=1", "--peer", peer
        return self.run_python("tests/bench.py", self.checkpoint, *options)

    def test_a_peer_is_told_the_checkpoint_and_the_steps_and_its_speed_is_shown(self):
        program = "import sys; print(sys.argv[1][-4:], 'achieved tok/s:', float(sys.argv[2]) / 2)"
        run = self.bench(f'other="{sys.executable}" -c "{program}" {{checkpoint}} {{steps}}')
        self.assertEqual(run.returncode, 0, run.stderr)
        header, ours, other = run.stdout.decode().splitlines()
        self.assertEqual(other.split()[:4], ["other", "2.50", "2.50", "2.50"])
        least, median, most, ratio = map(float, ours.split()[1:5])
        self.assertTrue(0 < least <= median <= most)
        self.assertEqual(ratio, 1.0)

    def test_a_peer_that_fails_is_one_clear_line(self):
        run = self.bench(f'other="{sys.executable}" -c "import sys; sys.exit(3)"')
        self.assertEqual((run.returncode, run.stdout), (1, b""))
        self.assertIn(b"other failed", run.stderr)


if __name__ == "__main__":
    unittest.main()
