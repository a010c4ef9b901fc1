// A row dragged by its number: up and down to its place, left and right to its level.
import { element } from "./html.js";

const STEP = 18; // pixels of one level, as in gantt.css
const SLACK = 5;

/** Where a row dropped in the gap above row `index` at a level may stand, as the fields of a `place`. */
export function placeAt(rows, index, wanted) {
  const before = rows[index - 1];
  const next = rows[index];
  const least = next ? next.level : 1;
  const most = before ? before.level + (before.summary ? 1 : 0) : 1;
  const level = Math.max(Math.min(wanted, most), Math.min(least, most));
  if (next && next.level === level) return { level, before: next.uid };
  for (let at = index - 1; at >= 0; at--) {
    if (rows[at].level === level) return { level, after: rows[at].uid };
    if (rows[at].level < level) return { level, parent: rows[at].uid };
  }
  return { level, parent: null };
}

export class Reorder {
  constructor(gantt) {
    this.gantt = gantt;
    gantt.grid.body.addEventListener("pointerdown", (event) => this.down(event));
  }

  down(event) {
    const { gantt } = this;
    const grip = event.target.closest(".c-number");
    if (!grip || event.button || event.pointerType === "touch" || !gantt.plan.may("name") || gantt.plan.filter) return;
    const uid = +grip.closest("[data-uid]").dataset.uid;
    const task = gantt.plan.task(uid);
    const uids = gantt.selected.has(uid) ? gantt.selectedInOrder() : [uid];
    const moved = new Set(uids.flatMap((one) => [one, ...gantt.plan.below(gantt.plan.task(one)).map((below) => below.uid)]));
    const { clientX, clientY } = event;
    const ends = new AbortController();
    const { signal } = ends;
    let place = null;
    let line = null;
    const finish = () => {
      ends.abort();
      line?.remove();
      gantt.grid.box.classList.remove("is-dragging");
    };
    addEventListener("pointermove", (move) => {
      if (!line && Math.hypot(move.clientX - clientX, move.clientY - clientY) < SLACK) return;
      if (!line) {
        line = element('<div class="g-drop"></div>');
        gantt.grid.body.append(line);
        gantt.grid.box.classList.add("is-dragging");
      }
      const rows = gantt.plan.rows;
      const top = gantt.grid.body.getBoundingClientRect().top;
      let index = Math.max(0, Math.min(rows.length, Math.round((move.clientY - top) / gantt.rowHeight)));
      while (index > 0 && moved.has(rows[index]?.uid) && moved.has(rows[index - 1]?.uid)) index--;
      const rest = rows.filter((row) => !moved.has(row.uid));
      const at = rows.slice(0, index).filter((row) => !moved.has(row.uid)).length;
      place = placeAt(rest, at, task.level + Math.round((move.clientX - clientX) / STEP));
      line.style.transform = `translate(${place.level * STEP}px, ${index * gantt.rowHeight - 1}px)`;
    }, { signal });
    addEventListener("pointerup", () => {
      finish();
      if (!place) return;
      const { before = null, after = null, parent = null } = place;
      gantt.saver.act([{ op: "place", uids, before, after, parent }]);
    }, { signal });
    addEventListener("pointercancel", finish, { signal });
    addEventListener("keydown", (key) => {
      if (key.key === "Escape") finish();
    }, { signal });
  }
}
