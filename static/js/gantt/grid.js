// The left half: a treegrid of which only the rows near the window exist. Rows are kept by task, so that focus and open
// editors stay where they are; a row that scrolls out is filled again with one that scrolls in: a page lays out and
// styles texts that change faster than elements that are new.
import { element, esc, icon } from "./html.js";

const SPARE = 6; // rows drawn above and below the window
const SETTLES = 120; // milliseconds after the last frame of a scroll
const LONG = 12; // letters from which on a cell may cut its text: a title says all of it

export class Grid {
  constructor(gantt) {
    this.gantt = gantt;
    this.made = new Map(); // uid → element
    this.box = element(`<div class="g-tree" role="treegrid" aria-multiselectable="true" aria-label="${esc(gantt.say("tasks"))}">
      <div class="g-head" role="rowgroup"></div><div class="g-rows" role="rowgroup"></div></div>`);
    [this.head, this.body] = this.box.children;
    this.box.addEventListener("scroll", () => {
      this.box.scrollTop = 0; // only the common scroll box scrolls up and down
      // Columns that stick cost every frame a layer each: only where something can be beneath them.
      this.box.classList.toggle("is-aside", this.box.scrollLeft > 0);
    });
  }

  get row() {
    return this.gantt.rowHeight;
  }

  drawHead() {
    const { columns } = this.gantt;
    const cells = columns.keys.map((key, index) => {
      const { align } = columns.definition(key);
      const label = esc(columns.label(key));
      return `<div role="columnheader" class="g-cell g-th c-${key}${align ? " is-end" : ""}" aria-colindex="${index + 1}" data-col="${key}" title="${label}"><span class="t${key === "info" ? " vh" : ""}">${label}</span><span class="g-grip" data-resize="${key}"></span></div>`;
    });
    this.head.innerHTML = `<div role="row" class="g-row" aria-rowindex="1">${cells.join("")}</div>`;
    this.box.setAttribute("aria-colcount", columns.keys.length);
    this.applyWidths();
  }

  applyWidths() {
    const { columns } = this.gantt;
    this.box.style.setProperty("--g-cols", columns.template);
    this.box.style.setProperty("--g-total", `${columns.total}px`);
    this.box.style.setProperty("--g-name", `${columns.width("number")}px`);
  }

  /** The rows of the window [first, last); `all` for print. */
  draw(first, last, { fresh = null, all = false } = {}) {
    const { rows } = this.gantt.plan;
    this.box.setAttribute("aria-rowcount", rows.length + 1);
    const from = all ? 0 : Math.max(0, first - SPARE);
    const to = all ? rows.length : Math.min(rows.length, last + SPARE);
    const wanted = new Set();
    for (let index = from; index < to; index++) wanted.add(rows[index].uid);
    const focused = this.gantt.at?.uid;
    const keep = this.gantt.editor?.uid ?? focused;
    // The focused row stays when it scrolls away, else the keyboard would lose its place.
    if (keep != null && this.gantt.plan.rowOf.has(keep)) wanted.add(keep);
    const columns = this.gantt.columns.chosenAs;
    const typing = document.activeElement?.closest?.(".g-row");
    const spare = [];
    for (const [uid, made] of this.made) {
      if (wanted.has(uid)) continue;
      this.made.delete(uid);
      if (made === typing || made.touched || made.columns !== columns || all) made.remove();
      else spare.push(made);
    }
    for (const uid of wanted) {
      const index = this.gantt.plan.rowOf.get(uid);
      const task = rows[index];
      const made = this.made.get(uid);
      if (made && made.task === task.row && made.state === this.state(task)) {
        if (made.index !== index) this.place(made, index);
      } else if (!made && spare.length && !this.gantt.pending.version(uid)) this.refill(spare.pop(), task, index);
      else this.make(task, index, made).columns = columns;
      if (fresh?.has(uid)) this.flash(this.made.get(uid));
    }
    for (const made of spare) made.remove();
    // Where a row stands on the screen is its transform. Its place in the page, which is what is read aloud, follows
    // when the scrolling rests.
    clearTimeout(this.settling);
    if (this.scrolling && !all) this.settling = setTimeout(() => this.order(), SETTLES);
    else this.order();
  }

  /** Rows stand in the page in the order of the plan. */
  order() {
    const { rowOf } = this.gantt.plan;
    const order = [...this.made.keys()].sort((a, b) => rowOf.get(a) - rowOf.get(b));
    let before = this.body.firstElementChild;
    for (const uid of order) {
      const made = this.made.get(uid);
      if (made === before) before = before.nextElementSibling;
      else this.put(made, before);
    }
  }

  /** Makes one task's row that of another: only what differs is written. */
  refill(made, task, index) {
    const { columns, selected, plan, at } = this.gantt;
    made.task = task.row;
    made.state = this.state(task);
    made.dataset.uid = task.uid;
    const css = this.css(task);
    if (made.className !== css) made.className = css;
    const write = (element, name, value) => {
      if (value === null) element.removeAttribute(name);
      else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    };
    write(made, "aria-level", String(task.level));
    write(made, "aria-selected", String(selected.has(task.uid)));
    write(made, "aria-expanded", task.summary ? String(!(plan.folded.has(task.uid) && !plan.filter)) : null);
    columns.keys.forEach((key, column) => {
      const cell = made.children[column];
      write(cell, "tabindex", at?.uid === task.uid && at.column === key ? "0" : "-1");
      write(cell, "aria-readonly", columns.editable(task, key) ? null : "true");
      const text = columns.plain(task, key) ? columns.text(task, key) : null;
      const inside = text === null ? columns.inside(task, key) : null;
      if (text !== null && cell.shows == null) {
        // A text in the place of another.
        const span = cell.firstElementChild;
        const words = String(text);
        if (span.textContent !== words) {
          span.textContent = words;
          write(span, "title", words.length > LONG ? words : null);
        }
      } else if (inside === null || cell.shows !== inside) {
        cell.innerHTML = inside ?? columns.inside(task, key);
        cell.shows = inside;
      }
    });
    this.place(made, index);
    this.made.set(task.uid, made);
  }

  /** Into its order. A row that is moved in the page loses its focus: it gets it back. */
  put(made, before) {
    const focus = made.contains(document.activeElement) ? document.activeElement : null;
    const move = () => {
      this.body.insertBefore(made, before);
      focus?.focus({ preventScroll: true });
    };
    if (focus && this.gantt.editor) this.gantt.editor.moving(move);
    else move();
  }

  /** Anything beside the row itself that its looks depend on. */
  state(task) {
    const { gantt } = this;
    const { plan } = gantt;
    return `${plan.folded.has(task.uid)}${Boolean(plan.filter)}${gantt.columns.chosenAs}${gantt.selected.has(task.uid)}${gantt.pending.version(task.uid)}`;
  }

  place(made, index) {
    made.index = index;
    made.style.transform = `translateY(${index * this.row}px)`;
    made.setAttribute("aria-rowindex", index + 2);
  }

  make(task, index, old) {
    const { gantt } = this;
    const made = element(this.html(task));
    made.task = task.row;
    made.state = this.state(task);
    const { columns } = gantt;
    columns.keys.forEach((key, column) => {
      const here = made.children[column];
      if (gantt.pending.get(task.uid, key)) made.touched = true; // holds what was typed: not for another task
      else if (!columns.plain(task, key)) here.shows = columns.inside(task, key); // undefined: a text alone
    });
    this.place(made, index);
    this.made.set(task.uid, made);
    if (old) {
      // A row that is being typed into keeps its editor; a focused cell keeps its focus.
      const open = gantt.editor && old.contains(gantt.editor.box) ? gantt.editor.box : null;
      const focus = old.contains(document.activeElement) ? document.activeElement : null;
      const column = focus?.closest("[data-col]")?.dataset.col;
      if (open) {
        const cell = made.querySelector(`[data-col="${open.closest("[data-col]").dataset.col}"]`);
        if (cell) {
          const selection = [open.firstElementChild?.selectionStart, open.firstElementChild?.selectionEnd];
          gantt.editor?.moving(() => cell.replaceChildren(open));
          cell.classList.add("is-open");
          made.classList.add("is-typing");
          made.touched = true;
          old.replaceWith(made);
          if (focus && open.contains(focus)) {
            gantt.editor?.moving(() => focus.focus({ preventScroll: true }));
            if (focus.setSelectionRange && selection[0] != null && focus.type === "text") focus.setSelectionRange(...selection);
          }
          return made;
        }
      }
      old.replaceWith(made);
      if (focus && column) made.querySelector(`[data-col="${column}"]`)?.focus({ preventScroll: true });
    }
    return made;
  }

  css(task) {
    const css = ["g-row", `l${Math.min(task.level, 12)}`];
    if (task.summary) css.push("is-sum");
    if (!task.active) css.push("is-off");
    if (this.gantt.selected.has(task.uid)) css.push("is-sel");
    return css.join(" ");
  }

  html(task) {
    const { gantt } = this;
    const { columns, plan } = gantt;
    const at = gantt.at;
    const folded = plan.folded.has(task.uid) && !plan.filter;
    const cells = columns.keys.map((key, column) => {
      const { align } = columns.definition(key);
      const bad = gantt.pending.get(task.uid, key);
      const here = at && at.uid === task.uid && at.column === key;
      const name = ["g-cell", `c-${key}`];
      if (align) name.push("is-end");
      if (bad) name.push(bad.message ? "is-bad" : "is-saving");
      const inside = bad ? this.pendingInside(bad) : columns.inside(task, key);
      return `<div role="${key === "name" ? "rowheader" : "gridcell"}" class="${name.join(" ")}" data-col="${key}" aria-colindex="${column + 1}" tabindex="${here ? 0 : -1}"${columns.editable(task, key) ? "" : ' aria-readonly="true"'}${bad?.message ? ' aria-invalid="true"' : ""}>${inside}</div>`;
    });
    return `<div role="row" class="${this.css(task)}" data-uid="${task.uid}" aria-level="${task.level}"${task.summary ? ` aria-expanded="${!folded}"` : ""} aria-selected="${gantt.selected.has(task.uid)}">${cells.join("")}</div>`;
  }

  /** What was typed stays in the cell, being saved or refused. */
  pendingInside({ typed, shown, message }) {
    const text = esc(shown ?? typed);
    if (!message) return `<span class="t">${text}</span>`;
    return `<span class="t" title="${esc(message)}">${text}</span><span class="g-why is-act">${icon("circle-alert")}<span class="vh">${esc(message)}</span></span>`;
  }

  flash(made) {
    made.classList.remove("is-fresh");
    void made.offsetWidth; // begins the animation anew
    made.classList.add("is-fresh");
  }

  cell(uid, column) {
    return this.made.get(uid)?.querySelector(`[data-col="${column}"]`);
  }

  scrollTo(top) {
    this.body.style.transform = `translateY(${-top}px)`;
  }

  /** Brings a column into sight beside the fixed ones. */
  showColumn(key) {
    const { columns } = this.gantt;
    if (columns.definition(key).fixed) return;
    let left = 0;
    for (const other of columns.keys) {
      if (other === key) break;
      left += columns.width(other);
    }
    const held = columns.width("number") + columns.width("name");
    const { scrollLeft, clientWidth } = this.box;
    if (left - held < scrollLeft) this.box.scrollLeft = left - held;
    else if (left + columns.width(key) > scrollLeft + clientWidth) this.box.scrollLeft = left + columns.width(key) - clientWidth;
  }
}
