// The week's grid: arrows and Enter move, each cell saves itself. What is not saved yet survives a reload.
(() => {
  const form = document.querySelector("form[data-timesheet]");
  if (!form) return;
  const status = document.getElementById("saving");
  const kept = `timesheet:${form.dataset.timesheet}`;
  const pending = new Map(Object.entries(JSON.parse(sessionStorage.getItem(kept) ?? "{}")));
  const wrong = new Set();
  let busy = false, timer = 0;

  const field = (letter, key) => form.elements[`${letter}-${key}`];
  const keyOf = (input) => input.name.slice(2);
  const say = (word) => { status.textContent = word ? form.dataset[word] : ""; };
  const keep = () => {
    if (pending.size) sessionStorage.setItem(kept, JSON.stringify(Object.fromEntries(pending)));
    else sessionStorage.removeItem(kept);
  };
  const mark = (key, message) => {
    const cell = field("c", key), box = document.getElementById(`e-${key}`);
    if (!cell) return;
    cell.toggleAttribute("aria-invalid", Boolean(message));
    if (message) { cell.setAttribute("aria-invalid", "true"); cell.setAttribute("aria-describedby", `e-${key}`); wrong.add(key); }
    else { cell.removeAttribute("aria-describedby"); wrong.delete(key); }
    if (box) box.textContent = message ?? "";
  };
  const take = (key, saved, typedToo) => {
    const cell = field("c", key), note = field("n", key);
    if (typedToo && cell) { cell.value = saved.text; cell.dataset.last = saved.text; }
    if (typedToo && note) { note.value = saved.note; note.dataset.last = saved.note; }
    if (field("w", key)) field("w", key).value = saved.was;
    const box = cell?.closest("td");
    if (box) { box.classList.toggle("has-note", Boolean(saved.note)); box.title = saved.note; }
  };

  const send = async () => {
    clearTimeout(timer);
    if (busy || !pending.size) return;
    busy = true;
    say("wSaving");
    const batch = [...pending];
    const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value, do: "save" });
    for (const [key, typed] of batch) {
      body.set(`c-${key}`, typed.c);
      body.set(`w-${key}`, field("w", key)?.value ?? "");
      if (typed.n !== undefined) body.set(`n-${key}`, typed.n);
    }
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (answer.redirected || !answer.headers.get("Content-Type")?.includes("json")) throw new Error(String(answer.status));
      const said = await answer.json();
      const good = answer.ok;
      for (const [key, typed] of batch) {
        const problem = said.errors[key] ?? said.conflicts[key]?.message;
        if (said.conflicts[key]) take(key, said.conflicts[key], false);
        mark(key, problem);
        // Typed on meanwhile: the newer text stays and goes next.
        const same = JSON.stringify(pending.get(key)) === JSON.stringify(typed);
        if (said.saved[key] && same) take(key, said.saved[key], true);
        else if (said.saved[key]) take(key, said.saved[key], false);
        if (same && (good || problem)) pending.delete(key);
      }
      for (const [name, text] of Object.entries(said.totals)) {
        const box = form.querySelector(`[data-total="${name}"]`);
        if (box) box.textContent = text;
      }
      keep();
      busy = false;
      say(wrong.size ? "wWrong" : "wSaved");
      // One bad cell holds back its batch: the good ones go again without it.
      if (pending.size) send();
    } catch {
      busy = false;
      say("wLater");
      timer = setTimeout(send, 4000);
    }
  };

  const changed = (input) => {
    const key = keyOf(input);
    if (input.value === input.dataset.last && !wrong.has(key) && !pending.has(key)) return;
    input.dataset.last = input.value;
    pending.set(key, { c: field("c", key).value, n: field("n", key)?.value });
    keep();
    send();
  };

  const inputs = [...form.querySelectorAll("[data-cell], [data-note]")];
  for (const input of inputs) input.dataset.last = input.value;
  for (const [key, typed] of pending) {
    const cell = field("c", key);
    if (!cell) { pending.delete(key); continue; }
    cell.value = typed.c;
    if (typed.n !== undefined && field("n", key)) field("n", key).value = typed.n;
  }
  keep();
  send();

  form.addEventListener("change", (event) => { if (event.target.matches("[data-cell], [data-note]")) changed(event.target); });

  const beside = (input, rows, columns) => {
    const kind = input.matches("[data-note]") ? "[data-note]" : "[data-cell]";
    const line = input.closest("tr"), at = [...line.children].indexOf(input.closest("td"));
    const lines = [...form.querySelectorAll("tr")].filter((tr) => tr.querySelector(kind));
    for (let row = lines.indexOf(line) + rows, column = at + columns; lines[row] && column > 0 && column < 8; row += rows, column += columns) {
      const next = lines[row].children[column]?.querySelector(kind);
      if (next) return next;
    }
    return null;
  };
  const go = (event, next) => {
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.select();
  };
  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.matches("[data-cell], [data-note]") || event.altKey || event.metaKey) return;
    const all = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    if (event.key === "Enter" && event.ctrlKey) {
      document.getElementById("notes").checked = true;
      return go(event, field(input.matches("[data-cell]") ? "n" : "c", keyOf(input)));
    }
    if (event.ctrlKey) return;
    switch (event.key) {
      case "Enter":
        event.preventDefault();
        changed(input);
        return go(event, beside(input, event.shiftKey ? -1 : 1, 0));
      case "ArrowDown": return go(event, beside(input, 1, 0));
      case "ArrowUp": return go(event, beside(input, -1, 0));
      case "ArrowLeft": if (all || input.selectionEnd === 0) go(event, beside(input, 0, -1)); return;
      case "ArrowRight": if (all || input.selectionStart === input.value.length) go(event, beside(input, 0, 1)); return;
      case "Escape": input.value = input.dataset.last; return input.select();
    }
  });
  addEventListener("online", send);
  addEventListener("beforeunload", (event) => { if (pending.size) event.preventDefault(); });
  // What goes with the form needs no second sending.
  form.addEventListener("submit", () => { pending.clear(); keep(); });
})();
