// The keyboard: cells of the grid, bars of the timeline, and what works in both.

/** `act(gantt, event)`; the first that fits wins. Listed for people by the words keys_* in the `?` sheet. */
export class Keys {
  constructor(gantt) {
    this.gantt = gantt;
    gantt.addEventListener("keydown", (event) => this.down(event));
  }

  down(event) {
    const { gantt } = this;
    if (event.defaultPrevented || event.isComposing) return;
    if (gantt.preview && this.preview(event)) return this.done(event);
    const { target } = event;
    const onBar = target.closest?.(".g-bar");
    const onCell = target.closest?.(".g-rows [data-col]");
    if (target.closest?.(".g-editor") || (!onBar && !onCell && target.matches?.("input, select, textarea, summary, button, a"))) return;
    if (!onBar && !onCell) return;
    if (this.both(event) || (onBar ? this.bar(event) : this.cell(event))) this.done(event);
  }

  done(event) {
    event.preventDefault();
    event.stopPropagation();
  }

  preview({ key, target }) {
    if (key === "Escape") this.gantt.closePreview();
    else if (key === "Enter" && !target.closest(".g-preview button")) this.gantt.confirmPreview();
    else return false;
    return true;
  }

  /** Works in a cell and on a bar. */
  both({ key, code, altKey, shiftKey, ctrlKey, metaKey }) {
    const { gantt } = this;
    const command = ctrlKey || metaKey;
    if (command && !altKey) {
      const letter = key.toLowerCase();
      if (letter === "z") return gantt.saver.step(shiftKey ? "redo" : "undo"), true;
      if (letter === "y") return gantt.saver.step("redo"), true;
      return false;
    }
    if (altKey && shiftKey && key === "ArrowRight") return gantt.rowOp("indent"), true;
    if (altKey && shiftKey && key === "ArrowLeft") return gantt.rowOp("outdent"), true;
    if (altKey && !shiftKey && key === "ArrowUp") return gantt.rowOp("up"), true;
    if (altKey && !shiftKey && key === "ArrowDown") return gantt.rowOp("down"), true;
    if (altKey && code === "KeyW") return gantt.why.open(), true;
    if (altKey && code === "KeyB") return gantt.bulk.open(), true;
    if (altKey) return false;
    if (key === "Insert") return gantt.addTask(), true;
    if (key === "Delete") return gantt.remove(), true;
    return false;
  }

  cell({ key, shiftKey, ctrlKey, metaKey, altKey }) {
    const { gantt } = this;
    const { at } = gantt;
    const command = ctrlKey || metaKey;
    const page = Math.max(1, Math.floor((gantt.viewHeight - 60) / gantt.rowHeight) - 1);
    switch (key) {
      case "ArrowDown":
      case "ArrowUp": {
        const by = key === "ArrowDown" ? 1 : -1;
        gantt.moveFocus(at, { rows: by, select: shiftKey });
        return true;
      }
      case "ArrowRight":
      case "ArrowLeft": {
        const by = key === "ArrowRight" ? 1 : -1;
        if (command && shiftKey) {
          gantt.arrange.step(at.column, by);
          gantt.focusCell(at.uid, at.column);
        } else gantt.moveFocus(at, { columns: by });
        return true;
      }
      case "PageDown":
      case "PageUp":
        gantt.moveFocus(at, { rows: key === "PageDown" ? page : -page, select: shiftKey });
        return true;
      case "Home":
      case "End":
        gantt.moveFocus(at, command ? { rows: key === "Home" ? -1e9 : 1e9 } : { columns: key === "Home" ? -1e9 : 1e9 });
        return true;
      case "Enter":
      case "F2":
        return gantt.edit(at.uid, at.column) ?? gantt.enter(at), true;
      case " ":
        if (command || shiftKey) gantt.select(at.uid, { toggle: true });
        else if (gantt.plan.task(at.uid)?.summary) gantt.toggleFold(at.uid);
        else gantt.select(at.uid, { toggle: true });
        return true;
      case "Escape":
        gantt.select(null);
        return true;
      case "F1":
        return false;
    }
    if (command && key.toLowerCase() === "a") return gantt.selectAll(), true;
    if (command || altKey || key.length > 1) return false;
    if (key === "+" || key === "-") return gantt.zoom(key === "+" ? 1 : -1), true;
    if ("?/".includes(key)) return false; // the page's own
    // Typing replaces what stands in the cell, as in a spreadsheet.
    const editor = gantt.edit(at.uid, at.column, { typed: "" });
    if (editor?.input.type === "text") editor.input.value = key;
    return true;
  }

  bar(event) {
    const { gantt } = this;
    const { key, shiftKey } = event;
    const uid = +event.target.closest(".g-bar").dataset.uid;
    switch (key) {
      case "ArrowRight":
      case "ArrowLeft":
        gantt.nudge(uid, key === "ArrowRight" ? 1 : -1, shiftKey);
        return true;
      case "ArrowDown":
      case "ArrowUp":
        gantt.stepBar(uid, key === "ArrowDown" ? 1 : -1);
        return true;
      case "Enter":
      case "F2":
        gantt.focusCell(uid, "name");
        gantt.edit(uid, "name");
        return true;
      case "Escape":
        if (gantt.linkAt) gantt.selectLink(null);
        else gantt.focusCell(uid, gantt.at?.column ?? "name");
        return true;
      case "+":
      case "=":
      case "-":
        gantt.zoom(key === "-" ? -1 : 1);
        return true;
      case "j":
      case "k":
      case "c":
        return false;
      case " ":
        gantt.select(uid, { toggle: true });
        return true;
    }
    return false;
  }
}
