// Typing into a cell. What was typed is never lost: it stands in the cell while it is saved and when it is refused.
import { element, esc } from "./html.js";

/** What was typed and is not yet part of the plan, by cell. */
export class Pending {
  constructor() {
    this.cells = new Map();
    this.versions = new Map();
  }

  get(uid, column) {
    return this.cells.get(`${uid}:${column}`);
  }

  set(uid, column, value) {
    if (value) this.cells.set(`${uid}:${column}`, value);
    else this.cells.delete(`${uid}:${column}`);
    this.versions.set(uid, this.version(uid) + 1);
  }

  version(uid) {
    return this.versions.get(uid) ?? 0;
  }

  get bad() {
    return [...this.cells.values()].filter(({ message }) => message).length;
  }
}

export class Editor {
  /** Opens the editor of a cell; null where the cell is only read. */
  static open(gantt, uid, column, { typed = null, message = "" } = {}) {
    const task = gantt.plan.task(uid);
    if (!task || !gantt.columns.editable(task, column)) return null;
    const cell = gantt.grid.cell(uid, column);
    return cell ? new Editor(gantt, task, column, cell, typed, message) : null;
  }

  constructor(gantt, task, column, cell, typed, message) {
    Object.assign(this, { gantt, uid: task.uid, column, cell });
    const { columns } = gantt;
    const kind = columns.definition(column).kind;
    this.was = task[column];
    this.base = columns.value(task, column);
    const kept = gantt.pending.get(task.uid, column);
    const value = typed ?? kept?.typed ?? this.base;
    message ||= kept?.message ?? "";
    const label = esc(`${columns.label(column)}, ${task.number} ${task.name}`);
    const attributes = `aria-label="${label}"${message ? ` aria-invalid="true" aria-describedby="g-error"` : ""}`;
    let input;
    if (kind === "choice") {
      const options = columns.choices(column).map(([key, text]) => `<option value="${esc(key)}"${key === String(value) ? " selected" : ""}>${esc(text)}</option>`);
      input = `<select ${attributes}>${options.join("")}</select>`;
    } else if (kind === "date") {
      input = `<input type="${columns.timed ? "datetime-local" : "date"}" ${attributes} value="${esc(value)}">`;
    } else {
      input = `<input type="text" ${attributes} value="${esc(value)}" autocomplete="off" spellcheck="${column === "name" || column === "notes"}"${kind === "people" ? ' list="g-people"' : ""}>`;
    }
    this.box = element(`<span class="g-editor">${input}${message ? `<span class="g-error" id="g-error" role="alert">${esc(message)}</span>` : ""}</span>`);
    this.input = this.box.firstElementChild;
    this.quiet = false;
    cell.classList.add("is-open");
    cell.parentElement.classList.add("is-typing");
    cell.parentElement.touched = true;
    cell.replaceChildren(this.box);
    this.input.focus({ preventScroll: true });
    if (this.input.select && typed === null && kind !== "date") this.input.select();
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => {
      if (!this.quiet && !this.closed) this.commit();
    });
    if (kind === "people") this.input.addEventListener("input", () => this.offerPeople());
  }

  /** Moves the editor in the page without its loss of focus counting as leaving it. */
  moving(act) {
    this.quiet = true;
    act();
    this.quiet = false;
  }

  key(event) {
    const { key, shiftKey, isComposing } = event;
    event.stopPropagation();
    if (isComposing) return;
    if (key === "Escape") {
      event.preventDefault();
      this.cancel();
    } else if (key === "Enter") {
      event.preventDefault();
      this.commit({ rows: shiftKey ? -1 : 1 });
    } else if (key === "Tab") {
      event.preventDefault();
      this.commit({ columns: shiftKey ? -1 : 1, again: true });
    } else if ((event.ctrlKey || event.metaKey) && ["z", "y"].includes(key.toLowerCase())) {
      // The text's own undo, not the plan's.
    }
  }

  /** Several names in one field: the list completes the last one. */
  offerPeople() {
    const list = document.getElementById("g-people");
    const cut = this.input.value.lastIndexOf(";") + 1;
    const before = cut ? `${this.input.value.slice(0, cut)} ` : "";
    list.replaceChildren(...this.gantt.plan.people.map(({ name }) => Object.assign(document.createElement("option"), { value: before + name })));
  }

  /** The person's own save of this cell has arrived: what is typed now is about that. */
  rebase(uid, column) {
    if (uid !== this.uid || column !== this.column) return;
    const task = this.gantt.plan.task(uid);
    this.was = task[column];
    this.base = this.gantt.columns.value(task, column);
  }

  close() {
    if (this.closed) return;
    this.closed = true;
    this.gantt.editor = null;
    this.box.closest("[data-col]")?.classList.remove("is-open");
    this.box.closest(".g-row")?.classList.remove("is-typing");
    this.box.remove(); // the row draws what stands in the cell now
  }

  cancel() {
    this.gantt.pending.set(this.uid, this.column, null);
    this.close();
    this.gantt.refreshRow(this.uid);
    this.gantt.focusCell(this.uid, this.column);
  }

  /** Saves what was typed, if it is something else, and goes on to where the key leads. */
  commit(go = null) {
    const typed = this.input.value;
    const { gantt, uid, column } = this;
    const shown = this.input.selectedOptions?.[0]?.textContent;
    const task = gantt.plan.task(uid);
    const same = [this.base.trim(), task && gantt.columns.value(task, column)].includes(typed.trim());
    const inside = document.activeElement === this.input;
    this.close();
    gantt.pending.set(uid, column, same ? null : { typed, shown });
    gantt.refreshRow(uid);
    if (go) gantt.moveFocus({ uid, column }, go);
    else if (inside) gantt.focusCell(uid, column);
    if (!same) gantt.saver.cell(uid, column, typed, this.was);
  }
}
