// Blocks of cells as tab separated text, as spreadsheets read and write them.
import { ask, errorList } from "./dialogs.js";
import { esc } from "./html.js";

const MOST_ROWS = 2000;

/** Text of a spreadsheet as rows of cells; quoted cells may hold tabs and line breaks. */
export function parseBlock(text) {
  const rows = [[]];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') cell += text[++at];
      else quoted = false;
    } else if (letter === '"' && cell === "") quoted = true;
    else if (letter === "\t") {
      rows.at(-1).push(cell);
      cell = "";
    } else if (letter === "\n") {
      rows.at(-1).push(cell);
      cell = "";
      rows.push([]);
    } else if (letter !== "\r") cell += letter;
  }
  rows.at(-1).push(cell);
  if (rows.length > 1 && rows.at(-1).length === 1 && rows.at(-1)[0] === "") rows.pop();
  return rows;
}

const quote = (text) => (/[\t\n"]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
export const formatBlock = (rows) => rows.map((row) => row.map(quote).join("\t")).join("\n");

export class Clipboard {
  constructor(gantt) {
    this.gantt = gantt;
    gantt.addEventListener("copy", (event) => this.copy(event));
    gantt.addEventListener("paste", (event) => this.paste(event));
  }

  inGrid(event) {
    return !this.gantt.editor && event.target.closest?.(".g-rows") && this.gantt.at;
  }

  /** The columns that can be typed into, from one on. */
  columns(from) {
    const { columns } = this.gantt;
    const keys = columns.keys.filter((key) => columns.definition(key).kind);
    return keys.slice(Math.max(keys.indexOf(from), 0));
  }

  /** Selected rows from their names on, else the one cell. */
  copy(event) {
    if (!this.inGrid(event) || String(getSelection())) return;
    const { gantt } = this;
    const uids = gantt.selectedInOrder();
    const value = (uid, key) => gantt.columns.value(gantt.plan.task(uid), key);
    const rows = uids.length
      ? uids.map((uid) => this.columns("name").map((key) => value(uid, key)))
      : [[gantt.columns.definition(gantt.at.column).kind ? value(gantt.at.uid, gantt.at.column) : gantt.columns.text(gantt.plan.task(gantt.at.uid), gantt.at.column)]];
    event.clipboardData.setData("text/plain", formatBlock(rows));
    event.preventDefault();
    gantt.toasts.say(gantt.say("copied", { n: rows.length }));
  }

  paste(event) {
    if (!this.inGrid(event) || !this.gantt.plan.may("name")) return;
    event.preventDefault();
    const cells = parseBlock(event.clipboardData.getData("text/plain"));
    this.put(this.gantt.at.uid, this.gantt.at.column, cells);
  }

  /** Puts a block into the plan from a cell on; `uid` null adds rows at the end. */
  async put(uid, column, cells) {
    const { gantt } = this;
    if (!cells.length || cells.length > MOST_ROWS) {
      gantt.toasts.say(gantt.say("paste_size", { n: MOST_ROWS }), { kind: "act" });
      return;
    }
    const columns = this.columns(gantt.columns.definition(column)?.kind ? column : "name");
    const width = Math.max(...cells.map((row) => row.length));
    if (width > columns.length) {
      gantt.toasts.say(gantt.say("paste_wide", { n: columns.length }), { kind: "act" });
      return;
    }
    const keys = columns.slice(0, width);
    const op = { op: "paste", at: uid, columns: keys, cells: cells.map((row) => keys.map((_key, index) => row[index] ?? "")) };
    const answer = await gantt.saver.send([op]);
    if (answer.kind === "done") return;
    if (answer.kind !== "refused") return gantt.saver.explain(answer, [op]);
    await this.correct(uid, column, op, answer.errors);
  }

  /** What was pasted, with what is wrong in it, to be corrected. */
  async correct(uid, column, op, errors) {
    const { gantt } = this;
    const lines = errors.slice(0, 12).map(({ row, field, message, typed }) =>
      row == null ? message : gantt.say("paste_error", { row: row + 1, column: field ? gantt.say(`col_${field}`) : "", message, typed: typed ?? "" }),
    );
    const body = `${errorList(lines)}<label class="field"><span>${esc(gantt.say("paste_text"))}</span><textarea name="text" rows="10" class="g-paste" autofocus>${esc(formatBlock(op.cells))}</textarea></label>`;
    const { value, values } = await ask({
      say: gantt.say, title: gantt.say("paste_title"), body, wide: true,
      buttons: [["again", gantt.say("paste_again"), "primary"], ["", gantt.say("cancel")]],
    });
    if (value === "again") await this.put(uid, op.columns[0] ?? column, parseBlock(values.text));
  }
}
