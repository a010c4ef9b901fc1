// The queue of issues: select rows, and triage them by keyboard. Without script the line above the table does the same.
(() => {
  const off = () => localStorage.getItem("single-keys-off");
  const typing = (element) => element.isContentEditable || element.matches?.("input:not([type=checkbox]), textarea, select");
  const form = () => document.getElementById("bulk");
  const boxes = () => [...document.querySelectorAll('input[name="issue"][form="bulk"]')];
  const lines = () => [...document.querySelectorAll("tr[data-issue]")];
  const here = () => document.activeElement?.closest?.("tr[data-issue]");
  const count = () => {
    const all = boxes(), picked = all.filter((box) => box.checked).length;
    const head = document.querySelector("[data-pick-all]"), words = document.querySelector("[data-picked]");
    if (!head) return;
    head.checked = picked > 0 && picked === all.length;
    head.indeterminate = picked > 0 && picked < all.length;
    words.dataset.empty ??= words.textContent;
    words.textContent = picked ? String(picked) : words.dataset.empty;
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-pick-all]")) for (const box of boxes()) box.checked = event.target.checked;
    if (event.target.matches?.('[data-pick-all], input[name="issue"]')) count();
  });
  // What is selected, else the row that has the focus, gets the value; `look` shows the preview first.
  const set = (field, value, look) => {
    const bar = form();
    if (!bar) return false;
    const line = here() ?? kept;
    const picked = boxes().filter((box) => box.checked);
    const chosen = picked.length ? picked : line ? [line.querySelector('input[name="issue"]')] : [];
    if (!chosen.length) return false;
    const at = lines().indexOf(line ?? chosen[0].closest("tr"));
    sessionStorage.setItem("queue:at", JSON.stringify({ issue: (line ?? chosen[0].closest("tr")).dataset.issue, at }));
    const sent = document.createElement("form");
    sent.method = "post";
    sent.action = bar.action;
    sent.hidden = true;
    const put = (name, text) => {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = text;
      sent.append(input);
    };
    for (const name of ["csrfmiddlewaretoken", "query", "product"]) if (bar.elements[name]) put(name, bar.elements[name].value);
    for (const box of chosen) put("issue", box.value);
    put("field", field);
    put("value", value);
    if (!look) put("now", "1");
    document.body.append(sent);
    sent.requestSubmit();
    return true;
  };
  let kept = null;
  const ask = (id) => {
    kept = here();
    const dialog = document.getElementById(id);
    if (!dialog || !(kept || boxes().some((box) => box.checked))) return false;
    dialog.showModal();
    return true;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-set]");
    if (!button) return;
    button.closest("dialog").close();
    set(button.dataset.set, button.dataset.value, "look" in button.dataset);
  });
  const actions = {
    x: () => {
      const box = here()?.querySelector('input[name="issue"]');
      if (!box) return false;
      box.checked = !box.checked;
      count();
      return true;
    },
    a: () => set("assignee", form()?.dataset.me, false),
    p: () => ask("set-severity"),
    s: () => ask("set-state"),
    u: () => {
      const undo = document.querySelector("[data-undo]");
      undo?.click();
      return Boolean(undo);
    },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || off()) return;
    const dialog = document.querySelector("dialog[open]");
    if (dialog) {
      const button = [...dialog.querySelectorAll("[data-set]")][Number(event.key) - 1];
      if (button) {
        event.preventDefault();
        button.click();
      }
    } else if (Object.hasOwn(actions, event.key) && actions[event.key]()) event.preventDefault();
  });
  // Back after a change: the focus stands on the same issue, or where it was.
  const was = sessionStorage.getItem("queue:at");
  if (was) {
    sessionStorage.removeItem("queue:at");
    const { issue, at } = JSON.parse(was), all = lines();
    const line = all.find((each) => each.dataset.issue === issue) ?? all[Math.min(at, all.length - 1)];
    line?.querySelector("a.row-link")?.focus();
  }
})();
