// Run explore.py's recorder on llama2.py, both unchanged, for own.js, which can stop this worker.

import { loadPyodide } from "./pyodide/pyodide.mjs";

const PROGRAM = `
import contextlib, io, json, sys
sys.path.append("doc")
import explore, llama2
from tokenizer import decoder

generate = llama2.generate

def run(words, tell):
    """Return a run of llama2.py, as JSON and arrays of numbers, or an error message."""
    result = []
    llama2.generate = lambda *what: result.extend(explore.run(generate, *what))
    llama2.safe_printf = lambda piece: tell(decoder.decode(piece))
    with contextlib.redirect_stderr(io.StringIO()) as err:
        llama2.main(words)
    if not result: return err.getvalue()
    data, arrays = result
    return json.dumps(data), arrays
run
`;

async function load() {
  const program = (await fetch("program.zip")).arrayBuffer();
  const python = await loadPyodide();
  python.unpackArchive(await program, "zip");
  return python.runPython(PROGRAM);
}

const ready = load();
addEventListener("unhandledrejection", ({ reason }) => { throw reason; }); // for worker.onerror

onmessage = async ({ data: words }) => {
  const run = await ready;
  const result = run(words, (piece) => postMessage({ piece }));
  if (typeof result === "string") return postMessage({ error: result });
  const [text, arrays] = result.toJs({ dict_converter: Object.fromEntries });
  result.destroy();
  postMessage({ run: { data: JSON.parse(text), ...arrays } });
};
