// On paper there is no scrolling: all rows, the whole span, on the width of the sheet.
const SHEET = 980; // pixels of a landscape page that the two halves share
const COLUMNS = { number: 34, name: 206, start: 80, finish: 80 };
const GRID = 400; // their sum, as in gantt.css

export class Print {
  constructor(gantt) {
    this.gantt = gantt;
    // Fires for the print dialog and for a page that is written as PDF.
    matchMedia("print").addEventListener("change", ({ matches }) => (matches ? this.lay() : this.back()));
  }

  lay() {
    const { gantt } = this;
    if (!gantt.plan || this.before) return;
    this.before = { perDay: gantt.scale.perDay, top: gantt.scroll.scrollTop, left: gantt.timeline.left };
    gantt.classList.add("is-print");
    const { from, to } = gantt.plan.span();
    const width = SHEET - GRID;
    const pad = (to - from) * 0.03 + 1440;
    gantt.scale.set((width / (to - from + 2 * pad)) * 1440, from - pad, to + pad);
    gantt.timeline.applyScale();
    const height = gantt.plan.rows.length * gantt.rowHeight + 50;
    gantt.scroll.scrollTop = 0;
    gantt.timeline.resized(width, height);
    gantt.sizer.style.blockSize = `${height}px`;
    gantt.columns.onPaper(COLUMNS);
    gantt.grid.drawHead();
    gantt.grid.scrollTo(0);
    gantt.timeline.left = 0;
    gantt.grid.draw(0, gantt.plan.rows.length, { all: true });
    gantt.timeline.draw(0, { all: true, force: true });
  }

  back() {
    const { gantt } = this;
    if (!this.before) return;
    const { perDay, top, left } = this.before;
    this.before = null;
    gantt.classList.remove("is-print");
    gantt.columns.onPaper(null);
    gantt.grid.drawHead();
    gantt.setRange(perDay);
    gantt.timeline.applyScale();
    gantt.resized();
    gantt.scroll.scrollTop = top;
    gantt.timeline.left = left;
    gantt.draw({ force: true });
  }
}
