// What is done to rows: add, remove, indent, move, link, and the steps of a bar by keyboard.
import { ask } from "./dialogs.js";
import { linkKey } from "./model.js";
import { DAY, dayOf, iso, minutes } from "./time.js";
import { esc } from "./html.js";
import { extent } from "./bars.js";

const SETTLES = 350; // milliseconds after the last arrow key

export const Acting = (Base) =>
  class extends Base {
    edit(uid, column, options) {
      if (this.preview) return null;
      this.at = { uid, column };
      this.editor = this.editors.open(this, uid, column, options);
      return this.editor;
    }

    rowOp(op) {
      const uids = this.targets();
      if (uids.length && this.plan.may("name")) return this.saver.act([{ op, uids }]);
      return null;
    }

    /** Above the row in focus, as the Insert key does in Microsoft Project; at the end where there is none. */
    async addTask() {
      if (!this.plan.may("name")) return;
      const uid = this.at?.uid ?? null;
      const answer = await this.saver.act([
        { op: "add", ref: "new", before: uid, after: null, parent: null, fields: { name: this.say("new_task") } },
      ]);
      const added = answer?.added?.new;
      if (added === undefined) return;
      this.focusCell(added, "name");
      this.edit(added, "name");
    }

    async addAtEnd(name) {
      const answer = await this.saver.send([{ op: "add", ref: "new", before: null, after: null, parent: null, fields: { name } }]);
      if (answer.kind !== "done") {
        await this.saver.explain(answer, null);
        return false;
      }
      this.focusCell(answer.added.new, "name", { quiet: true });
      return true;
    }

    async remove() {
      if (this.linkAt) return this.unlinkSelected();
      const uids = this.targets();
      if (!uids.length || !this.plan.may("name")) return null;
      const tasks = uids.map((uid) => this.plan.task(uid));
      const all = new Set(tasks.flatMap((task) => [task.uid, ...this.plan.below(task).map((below) => below.uid)]));
      const words = all.size > uids.length ? "remove_below" : "remove_these";
      const title = uids.length === 1 ? this.say("remove_one", { name: tasks[0].name }) : this.say("remove_many", { n: uids.length });
      const { value } = await ask({
        say: this.say, title, body: `<p>${esc(this.say(words, { n: all.size - uids.length }))}</p>`,
        buttons: [["go", this.say("remove_go"), "danger"], ["", this.say("keep")]],
      });
      if (value !== "go") return null;
      const row = this.plan.rowOf.get(uids[0]) ?? 0;
      this.selected.clear();
      const done = await this.saver.act([{ op: "remove", uids, with_children: true }]);
      const next = this.plan.rows[Math.min(row, this.plan.rows.length - 1)];
      if (done && next) this.focusCell(next.uid, this.at?.column ?? "name");
      return done;
    }

    /** Each selected task follows the one above it. */
    linkSelected() {
      const uids = this.targets();
      const ops = uids.slice(1).map((uid, index) => [uids[index], uid])
        .filter(([from, to]) => !this.plan.links.has(linkKey(from, to)))
        .map(([from, to]) => ({ op: "link", from, to, type: "FS", lag: "" }));
      return ops.length ? this.saver.act(ops) : null;
    }

    /** The selected link; else what links the selected tasks; else all links of the one. */
    unlinkSelected() {
      let keys = this.linkAt ? [this.linkAt] : [];
      if (!keys.length) {
        const uids = this.targets();
        const chosen = new Set(uids);
        keys = [...this.plan.links].filter(([, [from, to]]) =>
          uids.length > 1 ? chosen.has(from) && chosen.has(to) : chosen.has(from) || chosen.has(to)).map(([key]) => key);
      }
      this.linkAt = null;
      const ops = keys.map((key) => {
        const [from, to] = this.plan.links.get(key);
        return { op: "unlink", from, to };
      });
      return ops.length ? this.saver.act(ops) : null;
    }

    /** An arrow key on a bar: one step of the zoom's grain; the last of several steps is what is sent. */
    nudge(uid, by, resize) {
      const task = this.plan.task(uid);
      if (!task?.start || !this.plan.may("start") || task.percent === 100 || (resize && (task.summary || task.milestone))) return;
      const calendar = this.plan.calendarOf(task);
      const { grain } = this.scale;
      if (this.nudged?.uid !== uid || this.nudged.resize !== resize) {
        this.nudged = { uid, resize, at: minutes(resize ? task.finish : task.start) };
      }
      const { nudged } = this;
      if (resize) {
        const step = Math.min(grain, this.plan.project.minutes_per_day);
        nudged.at = Math.max(calendar.add(nudged.at, by * step), calendar.add(minutes(task.start), Math.min(step, 60)));
      } else if (grain < DAY) {
        nudged.at = calendar.next(calendar.add(nudged.at, by * grain));
      } else {
        let day = nudged.at + by * DAY;
        for (let turns = 0; turns < 400 && !calendar.spans(dayOf(day)).length; turns++) day += by * DAY;
        nudged.at = calendar.next(day);
      }
      this.drawNudge(task);
      clearTimeout(this.nudging);
      this.nudging = setTimeout(() => {
        const { at } = nudged;
        this.nudged = null;
        this.timeline.drawGhosts();
        this.hint("");
        const op = resize ? { op: "resize", uid, finish: iso(at) } : { op: "move", uid, start: iso(at) };
        if (iso(at) !== (resize ? task.finish : task.start)) this.saver.act([op]);
      }, SETTLES);
    }

    drawNudge(task) {
      const { timeline, scale, nudged } = this;
      const place = extent(task, scale, timeline.origin.x);
      const at = scale.x(nudged.at) - timeline.origin.x;
      const [from, to] = nudged.resize ? [place.x, at] : [at, at + Math.max(place.width, 4)];
      const top = this.plan.rowOf.get(task.uid) * this.rowHeight - timeline.origin.y + 5;
      timeline.layers.ghost.innerHTML = `<rect class="g-would" x="${from}" y="${top}" width="${Math.max(to - from, 4)}" height="${this.rowHeight - 10}" rx="4"/>`;
      this.hint(this.days.moment(nudged.at));
    }

    // --- What a drop would do

    async showPreview(preview) {
      this.preview = preview;
      const { sentence, violations } = preview;
      const lines = violations.map((one) => `<li>${esc(one.sentence)}</li>`).join("");
      this.previewBox.innerHTML = `<div><b>${esc(sentence)}</b>${lines ? `<ul>${lines}</ul>` : ""}</div><span class="row"><button type="button" class="btn small primary" data-go>${esc(this.say("preview_go"))} <kbd>Enter</kbd></button><button type="button" class="btn small" data-cancel>${esc(this.say("cancel"))} <kbd>Esc</kbd></button></span>`;
      this.previewBox.hidden = false;
      this.previewFrom = document.activeElement;
      this.previewBox.querySelector("[data-go]").addEventListener("click", () => this.confirmPreview());
      this.previewBox.querySelector("[data-cancel]").addEventListener("click", () => this.closePreview());
      this.timeline.drawGhosts();
      this.resized();
      this.previewBox.querySelector("[data-go]").focus({ preventScroll: true });
    }

    closePreview() {
      if (!this.preview) return null;
      const { preview } = this;
      this.preview = null;
      this.previewBox.hidden = true;
      this.previewBox.replaceChildren();
      this.timeline.drawGhosts();
      this.resized();
      const uid = preview.ops[0]?.uid ?? preview.ops[0]?.to;
      const back = this.timeline.bar(uid) ?? (this.at && this.grid.cell(this.at.uid, this.at.column));
      back?.focus({ preventScroll: true });
      return preview;
    }

    confirmPreview() {
      const preview = this.closePreview();
      if (preview) this.saver.act(preview.ops);
    }
  };
