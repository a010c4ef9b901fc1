// Columns in another order: dragged by their heading, moved by the keyboard from a cell or by the buttons of the menu.
import { element } from "./html.js";

const SLACK = 5; // pixels that are not yet a drag

export class Arrange {
  constructor(gantt) {
    this.gantt = gantt;
    gantt.grid.head.addEventListener("pointerdown", (event) => this.down(event));
  }

  /** One place to the left or right; says where it stands now. Whether it moved. */
  step(key, by) {
    const { columns } = this.gantt;
    return this.put(key, columns.keys.indexOf(key) + by);
  }

  put(key, place) {
    const { gantt } = this;
    const { columns } = gantt;
    if (!columns.move(key, place)) return false;
    gantt.columnsChanged();
    gantt.toolbar.drawMenu();
    gantt.toasts.say(gantt.say("column_moved", { column: columns.label(key), n: columns.keys.indexOf(key) + 1, all: columns.keys.length }));
    return true;
  }

  down(event) {
    const { gantt } = this;
    const heading = event.target.closest("[data-col]");
    if (!heading || event.button || event.target.closest("[data-resize]")) return;
    const key = heading.dataset.col;
    if (!gantt.columns.movable(key)) return;
    const { clientX } = event;
    const ends = new AbortController();
    const { signal } = ends;
    let line = null;
    let place = null;
    const finish = () => {
      ends.abort();
      line?.remove();
      heading.classList.remove("is-lifted");
    };
    addEventListener("pointermove", (move) => {
      if (!line && Math.abs(move.clientX - clientX) < SLACK) return;
      if (!line) {
        line = element('<div class="g-drop-col"></div>');
        gantt.grid.head.append(line);
        heading.classList.add("is-lifted");
      }
      ({ place, left: line.style.insetInlineStart } = this.gap(move.clientX));
    }, { signal });
    addEventListener("pointerup", () => {
      const from = gantt.columns.keys.indexOf(key);
      finish();
      if (place !== null) this.put(key, place > from ? place - 1 : place);
    }, { signal });
    addEventListener("pointercancel", finish, { signal });
    addEventListener("keydown", (pressed) => {
      if (pressed.key !== "Escape") return;
      pressed.stopPropagation();
      place = null;
      finish();
    }, { signal, capture: true });
  }

  /** The gap between two headings that is nearest, and where it is drawn. */
  gap(clientX) {
    const { grid } = this.gantt;
    const boxes = [...grid.head.querySelectorAll("[data-col]")].map((one) => one.getBoundingClientRect());
    let place = 1; // the row's number stays first
    while (place < boxes.length && clientX > boxes[place].left + boxes[place].width / 2) place++;
    const edge = place < boxes.length ? boxes[place].left : boxes.at(-1).right;
    return { place, left: `${edge - grid.head.getBoundingClientRect().left}px` };
  }
}
