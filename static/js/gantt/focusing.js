// Which cell or bar has the keyboard, which rows are selected. One cell of the grid and one bar can be tabbed to.
const EDGE = 64; // pixels kept between a focused row and the edge of the window

export const Focusing = (Base) =>
  class extends Base {
    at = null; // {uid, column} of the cell in focus
    barAt = null; // uid of the bar that can be tabbed to
    linkAt = null; // key of the selected link
    anchor = null; // where a selection by Shift began
    selected = new Set();

    focusCell(uid, column, { quiet = false } = {}) {
      if (!this.plan.rowOf.has(uid)) {
        if (!this.plan.reveal(uid) || !this.plan.rowOf.has(uid)) return;
        this.laidOut();
      }
      const before = this.at;
      this.at = { uid, column };
      this.barAt = uid;
      this.showRow(this.plan.rowOf.get(uid));
      this.grid.showColumn(column);
      this.draw();
      if (before) this.grid.cell(before.uid, before.column)?.setAttribute("tabindex", "-1");
      const cell = this.grid.cell(uid, column);
      cell?.setAttribute("tabindex", "0");
      if (!quiet && this.view !== "time") {
        cell?.focus({ preventScroll: true });
        this.intoWindow(cell);
      }
      this.timeline.hovered = null;
      this.timeline.highlight(uid);
      this.timeline.drawHandles();
      this.toolbar.refresh();
    }

    /** The page scrolls where the row is beyond its edge; the scroll box has done its own part. */
    intoWindow(cell) {
      const box = cell?.getBoundingClientRect();
      if (!box) return;
      if (box.bottom > innerHeight - 8) scrollBy(0, box.bottom - innerHeight + EDGE);
      else if (box.top < EDGE) scrollBy(0, box.top - EDGE - 46);
    }

    /** From a cell by rows and columns; the end of the row leads to the next one. */
    moveFocus({ uid, column }, { rows = 0, columns = 0, again = false, select = false }) {
      const { keys } = this.columns;
      let row = this.plan.rowOf.get(uid) ?? 0;
      let place = keys.indexOf(column) + columns;
      if (again) {
        // Tab goes on to the next cell that can be typed into.
        const step = Math.sign(columns);
        let task = this.plan.rows[row];
        while (keys[place] && !this.columns.editable(task, keys[place])) place += step;
        if (!keys[place]) {
          row += step;
          task = this.plan.rows[row];
          if (!task) return this.focusCell(uid, column);
          place = step > 0 ? keys.indexOf("name") : keys.length - 1;
          while (keys[place] && !this.columns.editable(task, keys[place])) place += step;
        }
      }
      row = Math.max(0, Math.min(this.plan.rows.length - 1, row + rows));
      place = Math.max(0, Math.min(keys.length - 1, place));
      const task = this.plan.rows[row];
      if (!task) return;
      if (select) this.selectTo(task.uid, uid);
      this.focusCell(task.uid, keys[place]);
      if (again) this.edit(task.uid, keys[place]);
    }

    focusFirst() {
      const task = this.plan.rows.find((row) => !this.plan.filter || this.plan.filter(row));
      if (task) this.focusCell(task.uid, "name");
    }

    /** Enter where nothing can be typed: a summary folds, else one row on. */
    enter({ uid, column }) {
      if (this.plan.task(uid)?.summary && column === "name") this.toggleFold(uid);
      else this.moveFocus({ uid, column }, { rows: 1 });
    }

    // --- Bars

    selectBar(uid, event, { keep = false } = {}) {
      if (event?.ctrlKey || event?.metaKey) this.select(uid, { toggle: true });
      else if (event?.shiftKey) this.selectTo(uid, this.at?.uid ?? uid);
      else if (!keep && this.selected.size && !this.selected.has(uid)) this.select(null);
      this.linkAt = null;
      this.focusCell(uid, this.at?.column ?? "name", { quiet: true });
      this.timeline.draw(this.scroll.scrollTop, { force: true });
      this.timeline.bar(uid)?.focus({ preventScroll: true });
    }

    stepBar(uid, by) {
      const row = this.plan.rowOf.get(uid) + by;
      const task = this.plan.rows[row];
      if (!task) return;
      this.focusCell(task.uid, this.at?.column ?? "name", { quiet: true });
      this.timeline.reveal(task);
      this.timeline.draw(this.scroll.scrollTop, { force: true });
      this.timeline.bar(task.uid)?.focus({ preventScroll: true });
    }

    selectLink(key) {
      this.linkAt = key;
      this.timeline.draw(this.scroll.scrollTop, { force: true });
      this.toolbar.refresh();
      if (!key) return;
      const [from, to] = key.split(">").map((uid) => this.plan.task(+uid));
      this.toasts.say(this.say("link_selected", { from: `${from.number} ${from.name}`, to: `${to.number} ${to.name}`, type: this.plan.links.get(key)[2] }));
      this.focusCell(to.uid, this.at?.column ?? "name", { quiet: true });
      this.timeline.bar(to.uid)?.focus({ preventScroll: true });
    }

    // --- Selection of rows

    select(uid, { toggle = false } = {}) {
      if (uid === null) this.selected.clear();
      else if (toggle && this.selected.has(uid)) this.selected.delete(uid);
      else {
        if (!toggle) this.selected.clear();
        this.selected.add(uid);
      }
      this.anchor = uid;
      this.selectionChanged();
    }

    /** All rows from where the selection began to this one. */
    selectTo(uid, from) {
      if (this.anchor === null || !this.plan.rowOf.has(this.anchor)) this.anchor = from;
      const [a, b] = [this.plan.rowOf.get(this.anchor), this.plan.rowOf.get(uid)].sort((x, y) => x - y);
      this.selected = new Set(this.plan.rows.slice(a, b + 1).map((task) => task.uid));
      this.selectionChanged();
    }

    selectAll() {
      this.selected = new Set(this.plan.rows.map((task) => task.uid));
      this.selectionChanged();
    }

    selectionChanged() {
      this.draw({ force: true });
      this.toolbar.refresh();
      this.drawFoot();
    }

    selectedInOrder() {
      return this.plan.tasks.filter((task) => this.selected.has(task.uid)).map((task) => task.uid);
    }

    /** What a command is about: the selected rows, else the one in focus. */
    targets() {
      if (this.selected.size) return this.selectedInOrder();
      return this.at && this.plan.task(this.at.uid) ? [this.at.uid] : [];
    }
  };
