// <plan-gantt>: the table that the server has drawn becomes the planning surface. Loads the plan, lays out the two
// halves, draws what is in the window. What people do lives in the modules beside this one.
import { Acting } from "./acting.js";
import { Api, Offline } from "./api.js";
import { Arrange } from "./arrange.js";
import { Bulk } from "./bulk.js";
import { Clipboard, parseBlock } from "./clipboard.js";
import { Columns } from "./columns.js";
import { Drag } from "./drag.js";
import { Editor, Pending } from "./edit.js";
import { Focusing } from "./focusing.js";
import { Grid } from "./grid.js";
import { element, esc, icon, useSprite } from "./html.js";
import { Keys } from "./keys.js";
import { Live } from "./live.js";
import { Plan } from "./model.js";
import { Print } from "./print.js";
import { Reorder } from "./reorder.js";
import { Saver } from "./save.js";
import { Split } from "./split.js";
import { Store } from "./store.js";
import { HEAD, Timeline } from "./timeline.js";
import { Words, minutes } from "./time.js";
import { Toasts } from "./toasts.js";
import { Toolbar } from "./toolbar.js";
import { Viewing } from "./viewing.js";
import { Why } from "./why.js";
import { Sentences } from "./words.js";

const ROOM = 18; // below the last row, for a scroll bar
const FIGURES_AFTER = 1200; // milliseconds after the last change

class PlanGantt extends Acting(Viewing(Focusing(HTMLElement))) {
  editor = null;
  preview = null;
  view = "both";
  editors = Editor;

  connectedCallback() {
    if (this.began) return;
    this.began = true;
    this.start();
  }

  async start() {
    const sentences = new Sentences(document.getElementById("gantt-words"));
    this.say = sentences.say.bind(sentences);
    useSprite(this.dataset.icons);
    this.me = this.dataset.me ?? "";
    this.api = new Api(this.dataset.base);
    // By person: two who share a browser keep their own.
    this.store = new Store(`gantt:${this.dataset.code}:${this.dataset.reader}`);
    this.setAttribute("aria-busy", "true");
    let answer;
    try {
      answer = await this.api.load();
    } catch (error) {
      if (!(error instanceof Offline)) throw error;
      answer = { kind: "offline" };
    }
    if (answer.kind === "away") return location.assign(answer.url);
    if (answer.kind !== "done") return this.failed(answer);
    performance.mark("gantt-data");
    this.plan = new Plan(answer);
    this.build();
    this.removeAttribute("aria-busy");
    requestAnimationFrame(() => setTimeout(() => performance.measure("gantt-first-paint", "gantt-data")));
  }

  /** The server's table stays: the plan can be read, and edited through its forms. */
  failed({ kind }) {
    this.removeAttribute("aria-busy");
    const words = this.say(kind === "offline" ? "load_offline" : "load_failed");
    const alert = element(`<div class="alert watch g-failed" role="alert">${icon("triangle-alert")}<div>${esc(words)} <button type="button" class="linkbtn">${esc(this.say("retry"))}</button></div></div>`);
    alert.querySelector("button").addEventListener("click", () => {
      alert.remove();
      this.start();
    });
    this.prepend(alert);
  }

  // --- Layout

  build() {
    const { plan, store } = this;
    const coarse = matchMedia("(pointer: coarse)").matches;
    this.rowHeight = coarse ? 42 : 32;
    this.days = new Words(document.documentElement.lang || "en", minutes(plan.project.today));
    this.columns = new Columns(this);
    this.show = { critical: true, float: false, baseline: true, links: true, labels: true, ...store.get("show", {}) };
    const address = new URLSearchParams(location.search);
    this.asked = { q: address.get("q") ?? "", show: address.get("show") ?? "" };
    const folded = store.get("folded");
    if (folded) plan.folded = new Set(folded.filter((uid) => plan.task(uid)));
    plan.layOut();
    this.view = store.get("view", "both");
    this.dataset.view = this.view;
    this.pending = new Pending();
    this.setRange(store.get("zoom", 14));
    this.grid = new Grid(this);
    this.timeline = new Timeline(this);
    this.split = new Split(this);
    this.toasts = new Toasts(this);
    this.saver = new Saver(this);
    this.live = new Live(this);
    this.bulk = new Bulk(this);
    this.why = new Why(this);
    this.toolbar = new Toolbar(this);
    this.assemble();
    this.listen();
    new Drag(this);
    new Reorder(this);
    this.arrange = new Arrange(this);
    new Keys(this);
    new Clipboard(this);
    new Print(this);
    this.quiet = true; // drawn once, when everything has its place
    this.split.apply();
    this.grid.drawHead();
    this.measure();
    if (this.asked.q || this.asked.show) {
      this.toolbar.search.value = this.asked.q;
      this.toolbar.show.value = this.asked.show;
      this.setFilter({});
    } else this.laidOut();
    this.timeline.applyScale();
    this.begin();
    this.quiet = false;
    this.draw({ force: true });
    this.toolbar.refresh();
    this.drawFoot();
    this.listKeys();
    this.live.start();
  }

  assemble() {
    const { say } = this;
    this.banners = element('<div class="g-banners" role="status"></div>');
    this.previewBox = element(`<div class="g-preview" role="group" aria-label="${esc(say("preview"))}" aria-live="polite" hidden></div>`);
    this.scroll = element('<div class="g-scroll"><div class="g-sizer"><div class="g-view"></div></div></div>');
    this.sizer = this.scroll.firstElementChild;
    this.pane = this.sizer.firstElementChild;
    this.pane.append(this.grid.box, this.split.box, this.timeline.box);
    this.foot = element('<div class="g-foot"></div>');
    this.hintBox = element('<div class="g-hint" aria-hidden="true" hidden></div>');
    const people = element('<datalist id="g-people"></datalist>');
    people.append(...this.plan.people.map(({ name }) => Object.assign(document.createElement("option"), { value: name })));
    this.classList.add("is-ready");
    if (!this.plan.may("name")) this.classList.add("is-read");
    this.replaceChildren(this.toolbar.box, this.banners, this.previewBox, this.scroll, this.foot, this.toasts.box, this.hintBox, people);
  }

  listen() {
    this.scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.resized()).observe(this.scroll);
    const rows = this.grid.body;
    rows.addEventListener("pointerdown", ({ target }) => {
      const cell = target.closest("[data-col]");
      this.pressedAgain = cell !== null && cell === document.activeElement;
    });
    rows.addEventListener("click", (event) => this.clicked(event));
    rows.addEventListener("dblclick", (event) => {
      const cell = event.target.closest("[data-col]");
      if (cell && !event.target.closest("[data-fold], .g-editor")) this.edit(+cell.closest("[data-uid]").dataset.uid, cell.dataset.col);
    });
    rows.addEventListener("focusin", (event) => {
      const cell = event.target.closest("[data-col]");
      if (!cell || event.target !== cell) return;
      const uid = +cell.closest("[data-uid]").dataset.uid;
      if (this.at?.uid !== uid || this.at.column !== cell.dataset.col) this.focusCell(uid, cell.dataset.col, { quiet: true });
    });
    this.timeline.svg.addEventListener("focusin", (event) => {
      const bar = event.target.closest(".g-bar");
      if (bar) this.timeline.highlight(+bar.dataset.uid);
    });
    // A tap on the plan's pane with nothing in focus yet gives the keyboard a place.
    const first = this.plan.rows[0];
    if (first) {
      this.at = { uid: first.uid, column: "name" };
      this.barAt = first.uid;
    }
  }

  clicked(event) {
    const cell = event.target.closest("[data-col]");
    if (!cell || event.target.closest(".g-editor")) return;
    const uid = +cell.closest("[data-uid]").dataset.uid;
    if (event.target.closest("[data-fold]")) return this.toggleFold(uid);
    if (event.shiftKey) this.selectTo(uid, this.at?.uid ?? uid);
    else if (event.ctrlKey || event.metaKey) this.select(uid, { toggle: true });
    else if (cell.dataset.col === "number") this.select(uid);
    else if (this.selected.size) this.select(null);
    this.focusCell(uid, cell.dataset.col);
    // A second click on a cell in focus edits it, as in Microsoft Project; a finger's second tap too.
    if (this.pressedAgain && !event.shiftKey && !event.ctrlKey && event.detail === 1) this.edit(uid, cell.dataset.col);
    return undefined;
  }

  // --- Drawing

  measure() {
    this.viewHeight = this.scroll.clientHeight; // kept: asked for in every frame of a scroll
    const height = this.plan.rows.length * this.rowHeight + HEAD + ROOM;
    this.sizer.style.blockSize = `${Math.max(height, HEAD + 3 * this.rowHeight)}px`;
    this.style.setProperty("--g-h", `${this.viewHeight}px`);
    this.style.setProperty("--g-row", `${this.rowHeight}px`);
    this.timeline.resized(this.timeline.box.clientWidth || 1, this.viewHeight);
  }

  resized() {
    if (!this.plan || this.classList.contains("is-print")) return;
    this.split.apply();
    const before = `${this.timeline.width} ${this.timeline.height}`;
    this.measure();
    if (before !== `${this.timeline.width} ${this.timeline.height}`) this.draw({ force: true });
  }

  scrolled() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null;
      this.grid.scrolling = true;
      this.draw();
      this.grid.scrolling = false;
      this.keepZoom();
    });
  }

  /** Brings both halves up to where the scroll boxes stand. */
  draw({ force = false, fresh = null } = {}) {
    if (this.quiet || this.classList.contains("is-print")) return;
    const top = this.scroll.scrollTop;
    const first = Math.floor(top / this.rowHeight);
    const last = Math.ceil((top + this.viewHeight - HEAD) / this.rowHeight);
    this.grid.scrollTo(top);
    this.grid.draw(first, last, { fresh });
    this.timeline.draw(top, { force });
  }

  /** Other rows are seen than before. */
  laidOut() {
    if (this.at && !this.plan.rowOf.has(this.at.uid) && !this.editor) {
      const first = this.plan.rows[0];
      this.at = first ? { uid: first.uid, column: this.at.column } : null;
      this.barAt = first?.uid ?? null;
    }
    this.measure();
    this.draw({ force: true });
    this.drawFoot();
  }

  /** The plan has changed: `fresh` are the uids of rows that are new or different. */
  changed(fresh) {
    for (const uid of this.selected) if (!this.plan.task(uid)) this.selected.delete(uid);
    if (this.linkAt && !this.plan.links.has(this.linkAt)) this.linkAt = null;
    const left = this.scale.at(this.timeline.left);
    const { from, to } = this.scale;
    const span = this.plan.span();
    if (span.from < from || span.to > to) {
      this.setRange();
      this.timeline.applyScale();
      this.timeline.left = this.scale.x(left);
    }
    if (this.at && !this.plan.task(this.at.uid)) this.at = null;
    this.laidOut();
    this.draw({ force: true, fresh });
    this.toolbar.refresh();
    this.figures();
  }

  refreshRow(uid) {
    if (this.plan.rowOf.has(uid)) this.draw();
  }

  showRow(index) {
    const top = index * this.rowHeight;
    const room = this.viewHeight - HEAD - ROOM;
    if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
    else if (top + this.rowHeight > this.scroll.scrollTop + room) this.scroll.scrollTop = top + this.rowHeight - room;
  }

  // --- Around the plan

  /** All of it from the server: after a long absence, or with another baseline. */
  async reload() {
    const answer = await this.saver.guarded(() => this.api.load(this.baseline));
    if (answer.kind !== "done") return this.saver.explain(answer);
    this.plan.take(answer);
    this.toolbar.drawMenu();
    this.changed(new Set());
    return answer;
  }

  banner(key, text) {
    this.banners.querySelector(`[data-banner="${key}"]`)?.remove();
    if (text) {
      this.banners.append(element(`<div class="g-banner is-${key}" data-banner="${key}">${icon("triangle-alert")}<span>${esc(text)}</span></div>`));
    }
    this.resized();
  }

  /** A few words beside the pointer while something is dragged. */
  hint(text, event) {
    this.hintBox.hidden = !text;
    this.hintBox.textContent = text;
    if (!text || !event) return;
    const here = this.getBoundingClientRect();
    const left = Math.min(event.clientX - here.left + 14, here.width - this.hintBox.offsetWidth - 8);
    this.hintBox.style.transform = `translate(${left}px, ${event.clientY - here.top + 18}px)`;
  }

  drawFoot() {
    const { plan, say } = this;
    const shown = plan.filter ? say("rows_found", { n: plan.found, all: plan.tasks.length }) : say("rows", { n: plan.tasks.length });
    const counts = this.selected.size ? `${say("selected", { n: this.selected.size })} · ${shown}` : shown;
    const signs = [["k-task", "legend_task"], ["k-done", "legend_done"], this.show.critical && ["k-crit", "legend_critical"],
      this.show.baseline && plan.baselines.length && ["k-base", "legend_baseline"], this.show.float && ["k-float", "legend_float"]];
    const legend = signs.filter(Boolean).map(([css, key]) => `<li class="${css}">${esc(say(key))}</li>`).join("");
    if (!this.counts) {
      const adds = plan.may("name") ? `<form class="g-add">${icon("plus")}<input type="text" maxlength="300" aria-label="${esc(say("add_end"))}" placeholder="${esc(say("add_end"))}" autocomplete="off"></form>` : "";
      this.foot.innerHTML = `${adds}<ul class="g-legend"></ul><span class="g-counts"></span>`;
      this.counts = this.foot.querySelector(".g-counts");
      this.adding(this.foot.querySelector(".g-add"));
    }
    this.counts.textContent = plan.rows.length || !plan.filter ? counts : say("nothing_found");
    this.foot.querySelector(".g-legend").innerHTML = legend;
  }

  adding(form) {
    if (!form) return;
    const input = form.querySelector("input");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (name && (await this.addAtEnd(name))) input.value = "";
      input.focus();
    });
    input.addEventListener("paste", (event) => {
      const text = event.clipboardData.getData("text/plain");
      if (!/[\t\n]/.test(text.trim())) return;
      event.preventDefault();
      this.pasteAtEnd(text);
    });
  }

  async pasteAtEnd(text) {
    const op = { op: "paste", at: null, columns: [], cells: parseBlock(text) };
    const keys = this.columns.keys.filter((key) => this.columns.definition(key).kind);
    const width = Math.max(...op.cells.map((row) => row.length));
    op.columns = keys.slice(keys.indexOf("name"), keys.indexOf("name") + width);
    op.cells = op.cells.map((row) => op.columns.map((_key, index) => row[index] ?? ""));
    await this.saver.act([op]);
  }

  /** The figures above the plan agree with it again a moment after a change. */
  figures() {
    clearTimeout(this.figuring);
    this.figuring = setTimeout(async () => {
      const there = document.getElementById("plan-figures");
      if (!there) return;
      try {
        const response = await fetch(`${this.api.base}?part=figures`, { headers: { "HX-Request": "true" } });
        if (!response.ok || response.redirected) return;
        const fresh = element(await response.text());
        if (fresh?.id === "plan-figures") there.replaceWith(fresh);
      } catch {
        /* the next change brings them */
      }
    }, FIGURES_AFTER);
  }

  listKeys() {
    const dialog = document.getElementById("keys");
    if (!dialog || dialog.querySelector("[data-gantt]")) return;
    const pairs = this.say("keys_list").split("\n").map((line) => line.split("|"));
    const list = pairs.map(([keys, words]) => `<dt>${keys.split(" ").map((key) => `<kbd>${esc(key)}</kbd>`).join("")}</dt><dd>${esc(words)}</dd>`);
    dialog.querySelector(".keys").after(element(`<div data-gantt><h3>${esc(this.say("keys_title"))}</h3><dl class="keys">${list.join("")}</dl></div>`));
  }
}

customElements.define("plan-gantt", PlanGantt);
