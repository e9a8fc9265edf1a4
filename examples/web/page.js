// SPDX-License-Identifier: MIT
// The page around the checker. Whatever comes out of a pasted text gets in as text, never as markup.
"use strict";

const byId = (id) => document.getElementById(id);

// element("p", "hint", "text", child...): a string is text.
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function count(number, noun, plural = `${noun}s`) {
  return `${number} ${number === 1 ? noun : plural}`;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Older browsers have no clipboard for pages from a file.
    const box = element("textarea", "outside");
    box.value = text;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }
}

// A text with a button that copies it.
function copyable(label, text) {
  const button = element("button", "copy", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy: ${label}`);
  button.addEventListener("click", async () => {
    button.textContent = (await copy(text)) ? "Copied" : "Select and copy";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  const code = element("pre", "", text);
  code.tabIndex = 0;
  return element("figure", "", element("figcaption", "", label, button), code);
}

function scrolling(className, ...children) {
  const made = element("pre", className, ...children);
  made.tabIndex = 0;
  return made;
}

// On a phone a line is wider than the screen: the underlined part is what counts.
function scrollToCarets(place) {
  for (const box of place.querySelectorAll(".quoted")) {
    const lines = box.textContent.split("\n");
    const longest = Math.max(...lines.map((line) => line.length));
    box.scrollLeft = box.scrollWidth * lines[1].indexOf("^") / longest - box.clientWidth / 2;
  }
}

function showFinding(one) {
  const made = element("article", `finding ${one.severity}`,
    element("h3", "", element("span", "severity", one.severity), ` ${one.message}`),
    scrolling("quoted", one.quoted),
    element("p", "hint", one.hint, " ", element("code", "", one.code)));
  if (one.fixed_line !== undefined) made.append(copyable("Fixed", one.fixed_line));
  else if (one.fix) made.append(copyable("Replace by", one.fix.text));
  return made;
}

function showTable(rows) {
  const head = element("tr", "");
  for (const name of ["field", "written", "in force", "why"]) {
    const cell = element("th", "", name);
    cell.scope = "col";
    head.append(cell);
  }
  const body = element("tbody", "");
  for (const row of rows) {
    const name = element("th", "", row.field);
    name.scope = "row";
    body.append(element("tr", "", name, element("td", "", row.written ?? "-"), element("td", "", row.in_force),
      element("td", "", row.why)));
  }
  return element("div", "wide", element("table", "", element("thead", "", head), body));
}

function showParameter(one, kernel) {
  const made = element("section", "parameter", element("h3", "", "How Linux ", kernel, " reads it"),
    scrolling("", one.value));
  if (!one.loads) made.append(element("p", "", "It refuses the whole parameter."));
  one.targets.forEach((rows, i) => {
    if (one.targets.length > 1) made.append(element("h4", "", `Target ${i + 1}`));
    made.append(showTable(rows));
  });
  if (one.skipped.length !== 0) {
    const rest = one.targets.length === 0 ? " and has none" : "";
    made.append(element("p", "", `It skips ${count(one.skipped.length, "target")}${rest}.`));
  }
  if (one.log.length !== 0) {
    made.append(element("details", "", element("summary", "", "What its log says"),
      scrolling("", one.log.join("\n"))));
  }
  return made;
}

const levels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

function lineOf(event) {
  const time = event.timestamp_us === undefined ? ""
    : `[${(event.timestamp_us / 1e6).toFixed(6).padStart(12)}] `;
  const level = event.level === undefined ? "" : `${levels[event.level].padEnd(7)} `;
  const from = event.host ? `${event.host} ` : event.caller ? `${event.caller} ` : "";
  const rest = (event.dictionary ?? []).map(([key, value]) => ` ${key}=${value}`).join("");
  switch (event.event) {
    case "line":
    case "record":
      return `${level}${time}${from}${event.text}${rest}`;
    case "basic":
      return event.text;
    case "lost":
      return `-- ${count(event.count, "record")} lost`;
    case "junk":
      return `-- not a packet of netconsole: ${event.reason}: ${event.raw_text}`;
    default:
      return `-- ${event.event} ${event.text === undefined ? "" : level + time + event.text + rest}`;
  }
}

function showCrash({ crash, page }) {
  return element("article", "crash", element("h3", "", crash.title), copyable("Crash report", page));
}

function showDecoded(answer) {
  const made = [];
  if (answer.problem) made.push(element("p", "error", `The file ${answer.problem}; what came before is below.`));
  made.push(...answer.crashes.map(showCrash));
  const hidden = answer.line_count - answer.lines.length;
  made.push(element("h3", "", count(answer.line_count, "line")),
    scrolling("lines", answer.lines.map(lineOf).join("\n")));
  if (hidden > 0) made.push(element("p", "", `${count(hidden, "more line")} not shown; crashes are found in all.`));
  return made;
}

function verdictOf(answer) {
  const parts = [];
  if (answer.findings) {
    for (const severity of ["error", "warning", "note"]) {
      const number = answer.findings.filter((one) => one.severity === severity).length;
      if (number !== 0) parts.push(count(number, severity));
    }
    if (parts.length === 0) {
      parts.push(answer.parameters.length === 0 ? "No netconsole parameter in it"
        : `Nothing to complain of, for Linux ${answer.kernel}`);
    } else {
      parts[parts.length - 1] += `, for Linux ${answer.kernel}`;
    }
  }
  if (answer.crashes) {
    parts.push(answer.crashes.length === 0 ? "No crash in it" : count(answer.crashes.length, "crash", "crashes"));
  }
  return `${parts.join(", ")}. `;
}

const readAs = {
  parameter: "Read as a parameter.", log: "Read as a kernel log.", packets: "Read as packets.",
  capture: "Read as a capture.",
};

function startPage(checker) {
  const text = byId("text");
  let file = null;  // the bytes of a file that is no text
  let waiting = 0;  // the timer of a check after typing

  const kernel = () => [byId("kernel").value.trim() || "newest", ...(byId("builtin").checked ? ["-module"] : [])].join(" ");

  // Runs one call and shows what goes wrong where its answer would be.
  function ask(place, call, show) {
    try {
      const answer = call();
      byId("kernel-problem").textContent = answer.kernel_problem ?? "";
      byId("kernel").setAttribute("aria-invalid", answer.kernel_problem ? "true" : "false");
      place.replaceChildren(...(answer.kernel_problem ? [] : show(answer)));
      scrollToCarets(place);
    } catch (problem) {
      place.replaceChildren(element("p", "error", `This is more than the page can take: ${problem.message}`));
    }
  }

  function check() {
    // A second check of the same text would take the focus from its results.
    clearTimeout(waiting);
    const what = file ?? text.value;
    byId("verdict").textContent = "";
    if (what.length === 0) {
      byId("result").replaceChildren();
      return;
    }
    ask(byId("result"), () => checker.check(kernel(), byId("kind").value, what), (answer) => {
      byId("verdict").textContent =
        verdictOf(answer) + (readAs[answer.input] ?? `Read as ${answer.format}.`);
      const made = (answer.findings ?? []).map(showFinding);
      if (answer.fixed !== undefined) {
        const use = element("button", "", "Use it");
        use.type = "button";
        use.id = "use-fixed";
        use.addEventListener("click", () => {
          text.value = answer.fixed;
          check();
          text.focus();
        });
        made.push(element("section", "all-fixes", copyable("With all fixes", answer.fixed), use));
      }
      made.push(...(answer.parameters ?? []).map((one) => showParameter(one, answer.kernel)));
      if (answer.lines) made.push(...showDecoded(answer));
      return made;
    });
  }

  function build() {
    const form = byId("form");
    const lines = [];
    for (const field of form.elements) {
      if (!field.name) continue;
      field.setAttribute("aria-invalid", "false");
      const note = byId(`${field.id}-problem`);
      if (note) note.textContent = "";
      if (field.type === "checkbox") {
        if (field.checked) lines.push(`${field.name}=yes`);
      } else {
        for (const one of field.value.split("\n")) if (one.trim()) lines.push(`${field.name}=${one.trim()}`);
      }
    }
    ask(byId("built"), () => checker.build(kernel(), lines.join("\n")), (answer) => {
      for (const one of answer.problems) {
        const field = form.elements[one.field];
        field.setAttribute("aria-invalid", "true");
        byId(`${field.id}-problem`).textContent = one.message;
      }
      if (answer.problems.length !== 0) return [element("p", "error", "See the marked fields.")];
      const made = [copyable("Parameter", answer.parameter), ...answer.findings.map(showFinding)];
      for (const [key, label] of [["cmdline", "Kernel command line"], ["modprobe", "/etc/modprobe.d/netconsole.conf"],
        ["shell", "configfs, until the next boot: run as root"],
        ["systemd", "configfs at every boot: /etc/systemd/system/netconsole.service"]]) {
        made.push(answer[key].text !== undefined ? copyable(label, answer[key].text)
          : element("p", "hint", `${label}: not possible: ${answer[key].why}`));
      }
      return made;
    });
  }

  async function open(one) {
    const bytes = new Uint8Array(await one.arrayBuffer());
    const isText = !bytes.subarray(0, 65536).includes(0);
    file = isText ? null : bytes;
    text.value = isText ? new TextDecoder().decode(bytes) : `(${one.name}: ${bytes.length} bytes)`;
    check();
  }

  text.addEventListener("input", () => {
    file = null;
    clearTimeout(waiting);
    waiting = setTimeout(check, 300);
  });
  byId("check").addEventListener("click", check);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) check();
  });
  for (const id of ["kernel", "builtin", "kind"]) byId(id).addEventListener("change", () => {
    check();
    if (byId("built").childElementCount !== 0) build();
  });
  byId("file").addEventListener("change", (event) => {
    if (event.target.files.length !== 0) open(event.target.files[0]);
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length !== 0) open(event.dataTransfer.files[0]);
  });
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    build();
  });
  byId("example").addEventListener("click", () => {
    text.value = "modprobe netconsole netconsole=@/eth0,514@10.0.0.2/00:13:32:20:r9:a5";
    check();
  });

  const { kernels, formats } = checker.tables();
  for (const one of kernels) byId("kernels").append(new Option(one));
  for (const one of formats) byId("formats").append(new Option(one.name, one.name));
  document.documentElement.dataset.ready = "yes";
  check();
}

// The module is in the page: base64 of gzip.
async function unpack(text) {
  const packed = Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

unpack(byId("module").textContent).then(loadChecker).then(startPage).catch((problem) => {
  byId("verdict").textContent = `This browser cannot run the checker: ${problem.message}`;
});
