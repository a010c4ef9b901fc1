// The controls above the plan: what one does with rows, what is shown, how wide time is.
import { element, esc, icon } from "./html.js";

const SHOWS = ["", "critical", "late", "problems", "now", "open", "milestones", "mine"];
const TOGGLES = ["critical", "float", "baseline", "links", "labels"];

export class Toolbar {
  constructor(gantt) {
    this.gantt = gantt;
    const { say, plan } = gantt;
    const edits = plan.may("name");
    const button = (act, sign, key = act) => `<button type="button" class="g-tool" data-act="${act}" aria-label="${esc(say(key))}" title="${esc(say(key))}">${icon(sign)}</button>`;
    const group = (name, inside) => `<div class="g-group" role="group" aria-label="${esc(say(name))}">${inside}</div>`;
    const editing = edits
      ? group("group_undo", button("undo", "undo-2") + button("redo", "redo-2")) +
        group("group_rows", button("add", "plus") + button("outdent", "indent-decrease") + button("indent", "indent-increase") + button("up", "arrow-up") + button("down", "arrow-down") + button("link", "link") + button("unlink", "unlink") + button("bulk", "list-checks") + button("remove", "trash-2"))
      : "";
    const shows = SHOWS.filter((key) => key !== "mine" || gantt.me).map((key) => `<option value="${key}">${esc(say(`show_${key || "all"}`))}</option>`);
    const levels = Array.from({ length: Math.min(plan.deepest, 9) }, (_none, index) => `<option value="${index + 1}">${esc(say("level_n", { n: index + 1 }))}</option>`);
    this.box = element(`<div class="g-bar-top">${editing}
      ${group("group_find", `<span class="g-search">${icon("search")}<input type="search" data-search aria-label="${esc(say("search"))}" placeholder="${esc(say("search"))}" maxlength="200"></span><select data-set="show" aria-label="${esc(say("show"))}">${shows.join("")}</select><select data-set="level" aria-label="${esc(say("levels"))}"><option value="">${esc(say("level_all"))}</option>${levels.join("")}</select>`)}
      ${group("group_time", button("zoom-out", "zoom-out") + button("zoom-in", "zoom-in") + button("fit", "move-horizontal") + button("today", "calendar-clock") + button("selected", "target", "selected_go"))}
      <div class="g-group">${button("why", "lightbulb")}<a class="g-tool" data-act="details" href="#" aria-label="${esc(say("details"))}" title="${esc(say("details"))}">${icon("external-link")}</a></div>
      <div class="g-views g-group" role="group" aria-label="${esc(say("group_view"))}">${["both", "list", "time"].map((view) => `<button type="button" class="g-tool is-view" data-view="${view}" aria-label="${esc(say(`view_${view}`))}" title="${esc(say(`view_${view}`))}">${icon({ both: "chart-gantt", list: "list", time: "chart-column" }[view])}</button>`).join("")}</div>
      <details class="g-menu"><summary class="g-tool is-wide">${icon("sliders-horizontal")}<span>${esc(say("view"))}</span></summary><div class="g-pop"></div></details>
      <button type="button" class="g-tool" data-opens="keys" aria-label="${esc(say("keys"))}" title="${esc(say("keys"))}">${icon("keyboard")}</button>
      <span class="g-busy" role="img" aria-label="${esc(say("saving"))}" hidden>${icon("refresh-cw")}</span></div>`);
    this.search = this.box.querySelector("[data-search]");
    this.show = this.box.querySelector('[data-set="show"]');
    this.level = this.box.querySelector('[data-set="level"]');
    this.menu = this.box.querySelector(".g-menu");
    this.listen();
    this.drawMenu();
  }

  listen() {
    const { gantt, box } = this;
    box.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      const view = event.target.closest("[data-view]")?.dataset.view;
      if (view) gantt.setView(view);
      if (act && act !== "details") this.act(act);
    });
    let wait;
    this.search.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(() => gantt.setFilter({ q: this.search.value }), 120);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.search.value) {
        event.stopPropagation();
        this.search.value = "";
        gantt.setFilter({ q: "" });
      } else if (event.key === "ArrowDown" || event.key === "Enter") {
        event.preventDefault();
        gantt.setFilter({ q: this.search.value });
        gantt.focusFirst();
      }
    });
    this.show.addEventListener("change", () => gantt.setFilter({ show: this.show.value }));
    this.level.addEventListener("change", () => gantt.showLevels(+this.level.value));
    this.menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.menu.open) return;
      event.stopPropagation();
      this.menu.open = false;
      this.menu.querySelector("summary").focus();
    });
    document.addEventListener("pointerdown", (event) => {
      if (this.menu.open && !this.menu.contains(event.target)) this.menu.open = false;
    });
    // In the order of the columns as it is when the menu opens; a box that is ticked stays where it is.
    this.menu.addEventListener("toggle", () => this.menu.open && this.drawMenu());
    this.menu.addEventListener("change", (event) => this.chosen(event.target));
    this.menu.addEventListener("click", ({ target }) => {
      const { of, step } = target.closest("[data-step]")?.dataset ?? {};
      if (!of || !gantt.arrange.step(of, +step)) return;
      // The menu is drawn anew in its new order: the keyboard goes on where it was.
      const again = this.menu.querySelector(`[data-of="${of}"][data-step="${step}"]:enabled`);
      (again ?? this.menu.querySelector(`[data-of="${of}"]:enabled`))?.focus();
    });
  }

  act(act) {
    const { gantt } = this;
    const acts = {
      undo: () => gantt.saver.step("undo"),
      redo: () => gantt.saver.step("redo"),
      add: () => gantt.addTask(),
      link: () => gantt.linkSelected(),
      unlink: () => gantt.unlinkSelected(),
      remove: () => gantt.remove(),
      bulk: () => gantt.bulk.open(),
      "zoom-in": () => gantt.zoom(1),
      "zoom-out": () => gantt.zoom(-1),
      fit: () => gantt.fit(),
      today: () => gantt.goToday(),
      selected: () => gantt.goSelected(),
      why: () => gantt.why.open(),
    };
    (acts[act] ?? (() => gantt.rowOp(act)))();
  }

  // --- The menu of what is shown

  drawMenu() {
    const { gantt } = this;
    const { say, plan, columns, show } = gantt;
    const check = (name, key, label, on) => `<label class="choice"><input type="checkbox" data-${name}="${key}"${on ? " checked" : ""}><span>${esc(label)}</span></label>`;
    const toggles = TOGGLES.filter((key) => key !== "baseline" || plan.baselines.length).map((key) => check("toggle", key, say(`toggle_${key}`), show[key]));
    const baselines = plan.baselines.length
      ? `<label class="g-field"><span>${esc(say("baseline"))}</span><select data-baseline aria-label="${esc(say("baseline"))}">${plan.baselines.map(({ number, name, active }) => `<option value="${number}"${(gantt.baseline ?? null) === number || (gantt.baseline == null && active) ? " selected" : ""}>${esc(name || say("baseline_n", { n: number }))}</option>`).join("")}</select></label>`
      : "";
    const views = ["both", "list", "time"].map((view) => `<label class="choice"><input type="radio" name="g-view" value="${view}"${gantt.view === view ? " checked" : ""}><span>${esc(say(`view_${view}`))}</span></label>`);
    // Those that are shown in their order, each with buttons that move it; then the others.
    const step = (key, by, sign, off) => `<button type="button" class="g-tool" data-step="${by}" data-of="${key}" aria-label="${esc(say(by < 0 ? "column_left" : "column_right", { column: columns.label(key) }))}" title="${esc(say(by < 0 ? "column_left" : "column_right", { column: columns.label(key) }))}"${off ? " disabled" : ""}>${icon(sign)}</button>`;
    const shown = columns.keys.filter((key) => columns.movable(key));
    const others = columns.known.filter((key) => !columns.keys.includes(key));
    const known = [...shown, ...others].map((key) => {
      const label = columns.label(key);
      const box = columns.definition(key).fixed ? `<span class="choice">${esc(label)}</span>` : check("column", key, label, columns.keys.includes(key));
      const at = shown.indexOf(key);
      return `<div class="g-column">${box}${at < 0 ? "" : step(key, -1, "chevron-left", at === 0) + step(key, 1, "chevron-right", at === shown.length - 1)}</div>`;
    });
    this.menu.querySelector(".g-pop").innerHTML = `<fieldset class="g-halves"><legend>${esc(say("group_view"))}</legend>${views.join("")}</fieldset><fieldset><legend>${esc(say("timeline"))}</legend>${toggles.join("")}${baselines}</fieldset><fieldset><legend>${esc(say("columns"))}</legend><div class="g-columns">${known.join("")}</div></fieldset>`;
  }

  chosen(input) {
    const { gantt } = this;
    if (input.name === "g-view") gantt.setView(input.value);
    if (input.dataset.toggle) gantt.setShow(input.dataset.toggle, input.checked);
    if (input.dataset.column) {
      const { keys } = gantt.columns;
      gantt.columns.choose(input.checked ? [...keys, input.dataset.column] : keys.filter((key) => key !== input.dataset.column));
      gantt.columnsChanged();
    }
    if ("baseline" in input.dataset) gantt.setBaseline(+input.value);
  }

  // --- State

  busy(on) {
    this.box.querySelector(".g-busy").hidden = !on;
  }

  refresh() {
    const { gantt } = this;
    const { plan, say } = gantt;
    const set = (act, off, title) => {
      const button = this.box.querySelector(`[data-act="${act}"]`);
      if (!button) return;
      if (button.matches("a")) button.classList.toggle("is-off", off);
      else button.disabled = off;
      if (title) {
        button.title = title;
        button.setAttribute("aria-label", title);
      }
    };
    for (const step of ["undo", "redo"]) set(step, !plan.undo?.[step], plan.undo?.[step] ? `${say(step)}: ${plan.undo[step]}` : say(step));
    const targets = gantt.targets();
    for (const act of ["indent", "outdent", "up", "down", "bulk", "remove"]) set(act, !targets.length);
    set("link", targets.length < 2);
    set("unlink", !gantt.linkAt && !targets.length);
    set("why", !gantt.at);
    set("details", !gantt.at);
    const details = this.box.querySelector('[data-act="details"]');
    details.hidden = !plan.may("percent");
    if (gantt.at) details.href = `${gantt.api.base}tasks/${gantt.at.uid}/`;
    for (const button of this.box.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", button.dataset.view === gantt.view);
  }
}
