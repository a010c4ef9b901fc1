// The widths that are dragged: of the columns, and of the grid beside the timeline.
import { element, esc } from "./html.js";

const LEAST = 200;
const SHARE = 0.62; // of the surface the grid takes at most, unless it was dragged
const FEW = 3; // columns that it shows at least: number, signs, name
const LAST = "percent"; // what comes after it is read by scrolling

export class Split {
  constructor(gantt) {
    this.gantt = gantt;
    this.box = element(`<div class="g-splitter" role="separator" aria-orientation="vertical" tabindex="0" aria-label="${esc(gantt.say("splitter"))}" aria-valuemin="0" aria-valuemax="100"></div>`);
    this.box.addEventListener("pointerdown", (event) => this.drag(event));
    this.box.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -24, ArrowRight: 24, Home: -1e6, End: 1e6 }[event.key];
      if (!by) return;
      event.preventDefault();
      this.set(this.width + by);
    });
    gantt.grid.box.addEventListener("pointerdown", (event) => {
      const grip = event.target.closest("[data-resize]");
      if (grip) this.column(event, grip.dataset.resize);
    });
    gantt.grid.box.addEventListener("dblclick", (event) => {
      const key = event.target.closest("[data-resize]")?.dataset.resize;
      if (key) this.fitColumn(key);
    });
  }

  get width() {
    return this.chosen ?? this.gantt.store.get("split", null) ?? this.usual;
  }

  /** Up to the end of a column, so that no figure is cut in the middle. */
  get usual() {
    const { columns, clientWidth } = this.gantt;
    let width = 0;
    for (const [place, key] of columns.keys.entries()) {
      const wider = width + columns.width(key);
      if (place >= FEW && wider > clientWidth * SHARE) break;
      width = wider;
      if (key === LAST) break;
    }
    return width;
  }

  set(width) {
    const most = Math.max(this.gantt.clientWidth - LEAST, LEAST);
    this.chosen = Math.round(Math.min(Math.max(width, LEAST), most));
    this.gantt.store.set("split", this.chosen);
    this.apply();
    this.gantt.resized();
  }

  apply() {
    const { gantt } = this;
    const width = Math.min(this.width, Math.max(gantt.clientWidth - LEAST, LEAST));
    gantt.style.setProperty("--g-split", `${width}px`);
    this.box.setAttribute("aria-valuenow", Math.round((100 * width) / Math.max(gantt.clientWidth, 1)));
  }

  follow(event, step) {
    event.preventDefault();
    const ends = new AbortController();
    const { signal } = ends;
    addEventListener("pointermove", step, { signal });
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => ends.abort(), { signal });
  }

  drag(event) {
    const from = this.width - event.clientX;
    this.follow(event, (move) => this.set(from + move.clientX));
  }

  column(event, key) {
    event.stopPropagation();
    const { gantt } = this;
    const from = gantt.columns.width(key) - event.clientX;
    this.follow(event, (move) => {
      gantt.columns.resize(key, from + move.clientX);
      gantt.grid.applyWidths();
    });
  }

  /** As wide as the widest of what is drawn. */
  fitColumn(key) {
    const { gantt } = this;
    const texts = gantt.grid.box.querySelectorAll(`[data-col="${key}"] .t`);
    const widest = Math.max(...[...texts].map((text) => text.offsetLeft + text.scrollWidth), 40);
    gantt.columns.resize(key, widest + 16);
    gantt.grid.applyWidths();
  }
}
