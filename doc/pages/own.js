// The reader's own words on the published explore page, where a worker runs llama2.py.

"use strict";
(() => {
  const form = document.getElementById("own");
  const button = document.getElementById("run");
  const stop = document.createElement("button");
  Object.assign(stop, { type: "button", id: "stop", textContent: "Stop", hidden: true });
  button.after(" ", stop);

  let worker = null; // it keeps Python loaded for the next run
  const start = () => (worker ||= new Worker("worker.js", { type: "module" }));
  const end = () => {
    worker.terminate();
    worker = null;
  };

  function run({ prompt, steps, temperature, topp, seed }, say) {
    let text = "", count = 0;
    stop.hidden = false;
    say("Starting Python: this takes a few seconds the first time.");
    const done = new Promise((resolve, reject) => {
      const fail = (message) => reject(new Error(message));
      start().onmessage = ({ data: { piece, error, run } }) => {
        if (run) resolve(run);
        else if (error) fail(error);
        else say(`${++count} of ${steps}: ${(text += piece)}`);
      };
      worker.onerror = ({ message }) => {
        end();
        fail(`Python does not run here: ${message || "a file is missing"}`);
      };
      stop.onclick = () => {
        end();
        fail("Stopped. The page still shows the previous run.");
      };
      const options = ["-n", steps, "-t", temperature, "-p", topp, "-s", seed, "-i", prompt];
      worker.postMessage(["data/swiss.bin", ...options]);
    });
    return done.finally(() => (stop.hidden = true));
  }

  form.addEventListener("focusin", start, { once: true });
  window.explore.runner = run;
})();
