// SPDX-License-Identifier: MIT
// The WebAssembly module as an object: texts in, answers out. No DOM, so that it also runs in Node.js.
"use strict";

// What the C library asks of its system. Nothing is read, written or asked for: there is no system.
function emptySystem() {
  const notSupported = 58;
  return new Proxy({}, {
    get: (_, name) => name === "proc_exit"
      ? (code) => { throw new Error(`the checker stopped with ${code}`); }
      : () => notSupported,
  });
}

// Compiles the module once. A trap, such as one of memory, leaves an instance in an unknown state: the next call
// gets a fresh one.
async function loadChecker(bytes) {
  const module = await WebAssembly.compile(bytes);
  let instance = null;

  function start() {
    const system = emptySystem();
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module))
      (imports[from] ??= {})[name] = system[name];
    instance = new WebAssembly.Instance(module, imports).exports;
    instance._initialize();
  }

  function call(name, ...texts) {
    if (!instance) start();
    const wasm = instance;
    try {
      const places = [];
      for (const text of texts) {
        const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
        const place = wasm.allocate(bytes.length);
        new Uint8Array(wasm.memory.buffer, place, bytes.length).set(bytes);
        places.push(place, bytes.length);
      }
      const answer = wasm[name](...places);
      const bytes = new Uint8Array(wasm.memory.buffer, wasm.answer_bytes(answer), wasm.answer_size(answer));
      const result = JSON.parse(new TextDecoder().decode(bytes));
      wasm.answer_release(answer);
      for (let i = 0; i < places.length; i += 2) wasm.release(places[i]);
      return result;
    } catch (problem) {
      instance = null;
      throw problem;
    }
  }

  return {
    tables: () => call("tables"),
    check: (kernel, kind, text) => call("check", kernel, kind, text),
    build: (kernel, form) => call("build", kernel, form),
  };
}
