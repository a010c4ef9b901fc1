// Sending changes and living with the answer: merged, previewed, refused or in conflict. Every answer is said.
import { ask } from "./dialogs.js";
import { esc } from "./html.js";
import { Offline } from "./api.js";
import { valueOf } from "./bulk.js";

// What a cell says that could not be saved.
const KEPT = { offline: "offline_kept", away: "away" };

export class Saver {
  constructor(gantt) {
    this.gantt = gantt;
    this.sending = 0;
  }

  get say() {
    return this.gantt.say;
  }

  /** Sends and merges. Resolves to the answer; its kind is "done", "refused", "conflict", "offline" or "failed". */
  async send(ops, { preview = false } = {}) {
    const { gantt } = this;
    const body = () => gantt.api.edits(gantt.plan.revision, ops, preview);
    const answer = await this.guarded(body);
    if (answer.kind === "done" && !preview) this.took(answer);
    return answer;
  }

  async guarded(send) {
    const { gantt } = this;
    this.sending += 1;
    gantt.toolbar.busy(true);
    try {
      const answer = await send();
      gantt.live.reached();
      return answer;
    } catch (error) {
      if (!(error instanceof Offline)) throw error;
      gantt.live.lost();
      return { kind: "offline" };
    } finally {
      this.sending -= 1;
      gantt.toolbar.busy(this.sending > 0);
    }
  }

  /** What the server saved comes into the plan, and its sentence is said. */
  took(answer, { own = true } = {}) {
    const { gantt } = this;
    const fresh = gantt.plan.merge(answer);
    gantt.plan.saved(answer.revision);
    gantt.changed(fresh);
    if (answer.sentence) gantt.toasts.say(answer.sentence, { undo: own && Boolean(answer.undo?.undo) });
    for (const { sentence } of answer.violations ?? []) gantt.toasts.say(sentence, { kind: "watch" });
  }

  /** Sends and says what went wrong, for what was not typed into a cell. Whether it was saved. */
  async act(ops) {
    const answer = await this.send(ops);
    if (answer.kind === "done") return answer;
    await this.explain(answer, ops);
    return null;
  }

  /** A drop: asks first what would move, and shows it where that is more than what was dragged. */
  async propose(ops) {
    const { gantt } = this;
    const touched = new Set(ops.flatMap(({ uid, to }) => [uid, to]));
    const answer = await this.send(ops, { preview: true });
    if (answer.kind !== "done") return this.explain(answer, ops);
    const { plan } = gantt;
    const rows = new Map(answer.rows.map((row) => [row[plan.index.uid], row]));
    const others = [...rows].filter(([uid, row]) => {
      const task = plan.task(uid);
      return task && !task.summary && !touched.has(uid) &&
        (row[plan.index.start] !== task.start || row[plan.index.finish] !== task.finish);
    });
    const slips = answer.finish && answer.finish[0] !== answer.finish[1];
    if (others.length <= 1 && !slips && !answer.violations?.length) return this.act(ops);
    return gantt.showPreview({ ops, rows, sentence: answer.sentence, violations: answer.violations ?? [] });
  }

  /** One cell. What is refused stays in the cell with the reason beside it. */
  async cell(uid, column, typed, was) {
    const { gantt } = this;
    const value = valueOf(column, typed);
    const answer = await this.send([{ op: "set", uid, fields: { [column]: value }, was: { [column]: was } }]);
    if (answer.kind === "done") {
      gantt.pending.set(uid, column, null);
      gantt.refreshRow(uid);
      gantt.editor?.rebase(uid, column); // opened again meanwhile
      return;
    }
    if (answer.kind === "refused") {
      const message = answer.errors.map((error) => error.message).join(" ");
      gantt.pending.set(uid, column, { typed, message });
      gantt.refreshRow(uid);
      gantt.toasts.say(message, { kind: "act" });
      if (!gantt.editor) gantt.edit(uid, column, { typed, message });
      return;
    }
    if (answer.kind === "conflict") {
      gantt.pending.set(uid, column, null);
      await this.settle(answer, [{ op: "set", uid, fields: { [column]: value } }]);
      gantt.refreshRow(uid);
      return;
    }
    gantt.pending.set(uid, column, { typed, message: this.say(KEPT[answer.kind] ?? "failed_kept") });
    gantt.refreshRow(uid);
    await this.explain(answer);
  }

  async explain(answer, ops) {
    const { gantt } = this;
    if (answer.kind === "refused") {
      gantt.toasts.say(answer.errors.map((error) => error.message).join(" "), { kind: "act" });
    } else if (answer.kind === "conflict") {
      await this.settle(answer, ops);
    } else if (answer.kind === "away") {
      gantt.banner("away", this.say("away"));
    } else if (answer.kind === "offline") {
      gantt.toasts.say(this.say("offline_action"), { kind: "act" });
    } else {
      const words = document.querySelector(`#words [data-word="${answer.status}"]`) ?? document.querySelector('#words [data-word="other"]');
      gantt.toasts.say(answer.error ?? words?.textContent ?? this.say("failed_kept"), { kind: "act" });
    }
  }

  /** Both versions side by side; the person decides. */
  async settle(answer, ops) {
    const { gantt } = this;
    const conflicts = answer.conflicts ?? [];
    gantt.plan.merge({ rows: answer.rows, removed: answer.gone });
    gantt.changed(new Set());
    if (answer.gone?.length) {
      gantt.toasts.say(this.say("gone"), { kind: "watch" });
      return;
    }
    if (!conflicts.length) {
      gantt.toasts.say(answer.sentence ?? answer.message ?? this.say("conflict_other"), { kind: "watch" });
      return;
    }
    const rows = conflicts.map((one) => `<tr><th scope="row">${esc(one.label)}</th><td>${esc(one.base)}</td><td>${esc(one.theirs)}</td><td>${esc(one.mine)}</td></tr>`);
    const who = conflicts[0].who ?? "";
    const body = `<p>${esc(this.say("conflict_who", { who }))}</p><table class="conflict"><thead><tr><th scope="col">${esc(this.say("field"))}</th><th scope="col">${esc(this.say("before"))}</th><th scope="col">${esc(this.say("theirs"))}</th><th scope="col">${esc(this.say("mine"))}</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
    const buttons = ops ? [["mine", this.say("keep_mine"), "primary"], ["", this.say("keep_theirs")]] : [["", this.say("close")]];
    const { value } = await ask({ say: this.say, title: this.say("conflict"), body, buttons, wide: true });
    if (value !== "mine") return;
    // Their value is now the base: whoever saves in between is again asked about.
    const again = ops.map((op) => {
      if (op.op !== "set") return op;
      const was = {};
      for (const field of Object.keys(op.fields)) was[field] = gantt.plan.task(op.uid)?.[field];
      return { ...op, was };
    });
    await this.act(again);
  }

  async step(direction) {
    const { gantt } = this;
    const answer = await this.guarded(() => gantt.api[direction]());
    if (answer.kind === "done") this.took(answer, { own: direction === "redo" });
    else if (answer.kind === "nothing") gantt.toasts.say(this.say(`nothing_${direction}`));
    else await this.explain(answer);
  }
}
