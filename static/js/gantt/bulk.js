// Several rows changed at once: a form, what it would do, one step back.
import { ask, errorList } from "./dialogs.js";
import { esc } from "./html.js";

const FIELDS = ["duration", "percent", "people", "mode", "constraint", "constraint_date", "deadline", "calendar", "active"];

export class Bulk {
  constructor(gantt) {
    this.gantt = gantt;
  }

  async open(typed = {}, errors = []) {
    const { gantt } = this;
    const uids = gantt.targets();
    if (!uids.length) return;
    const { columns, say } = gantt;
    const fields = FIELDS.filter((key) => columns.known.includes(key) && gantt.plan.may(key)).map((key) => {
      const { kind } = columns.definition(key);
      const label = `<label for="g-bulk-${key}">${esc(columns.label(key))}</label>`;
      const value = esc(typed[key] ?? "");
      if (kind === "choice") {
        const options = columns.choices(key).map(([code, text]) => `<option value="${esc(code || "project")}"${(code || "project") === typed[key] ? " selected" : ""}>${esc(text)}</option>`);
        return `<div class="field">${label}<select id="g-bulk-${key}" name="${key}"><option value="">${esc(say("unchanged"))}</option>${options.join("")}</select></div>`;
      }
      const type = kind === "date" ? "date" : "text";
      return `<div class="field">${label}<input id="g-bulk-${key}" name="${key}" type="${type}" value="${value}"${kind === "people" ? ' list="g-people"' : ""} placeholder="${esc(say("unchanged"))}" autocomplete="off"></div>`;
    });
    const { value, values } = await ask({
      say, wide: true, title: say("bulk_title", { n: uids.length }),
      body: `${errors.length ? errorList(errors) : ""}<p class="muted">${esc(say("bulk_help"))}</p><div class="g-bulk">${fields.join("").replace("<input", "<input autofocus")}</div>`,
      buttons: [["go", say("bulk_go"), "primary"], ["", say("cancel")]],
    });
    if (value !== "go") return;
    const set = Object.fromEntries(Object.entries(values).filter(([, text]) => text.trim() !== "").map(([key, text]) => [key, valueOf(key, text)]));
    const ops = uids.flatMap((uid) => {
      const task = gantt.plan.task(uid);
      const fields = Object.fromEntries(Object.entries(set).filter(([key]) => columns.editable(task, key)));
      return Object.keys(fields).length ? [{ op: "set", uid, fields }] : [];
    });
    if (!ops.length) {
      gantt.toasts.say(say("bulk_none"));
      return;
    }
    const answer = await gantt.saver.send(ops, { preview: true });
    if (answer.kind === "refused") return this.open(values, [...new Set(answer.errors.map(({ message }) => message))]);
    if (answer.kind !== "done") return gantt.saver.explain(answer, ops);
    const rows = new Map(answer.rows.map((row) => [row[gantt.plan.index.uid], row]));
    gantt.showPreview({ ops, rows, sentence: `${say("bulk_preview", { n: ops.length })} ${answer.sentence}`, violations: answer.violations ?? [] });
  }
}

export function valueOf(key, text) {
  if (key === "milestone" || key === "active") return text === "true";
  return key === "calendar" && text === "project" ? "" : text.trim();
}
