// The columns: what stands in a cell, what is typed into it, who chose which and how wide.
import { esc, icon } from "./html.js";

const DATE = { kind: "date", width: 96, align: "end" };
const TIME = 46; // pixels that a time beside a day takes
const NARROW = 600; // pixels of a phone's window
const CHOSEN = ["number", "info", "name", "duration", "start", "finish", "percent", "predecessors", "people", "total_float"];

// `field` edits through the server's field of that name; no `kind`: the column is only read.
const ALL = {
  number: { width: 42, align: "end", fixed: true },
  info: { width: 38 },
  name: { kind: "text", width: 210, fixed: true },
  mode: { kind: "choice", width: 96 },
  duration: { kind: "text", width: 74, align: "end", leaf: true },
  start: { ...DATE, leaf: true },
  finish: { ...DATE, leaf: true },
  percent: { kind: "text", width: 94, align: "end", leaf: true },
  predecessors: { kind: "text", width: 116 },
  people: { kind: "people", width: 150, leaf: true },
  total_float: { width: 66, align: "end", of: "minutes" },
  free_float: { width: 84, align: "end", of: "minutes" },
  wbs: { width: 72 },
  deadline: DATE,
  constraint: { kind: "choice", width: 150 },
  constraint_date: DATE,
  actual_start: { ...DATE, leaf: true },
  actual_finish: { ...DATE, leaf: true },
  baseline_start: { width: 96, align: "end", of: "date" },
  baseline_finish: { width: 100, align: "end", of: "date" },
  slip: { width: 74, align: "end" },
  early_start: { width: 92, align: "end", of: "date" },
  early_finish: { width: 92, align: "end", of: "date" },
  late_start: { width: 92, align: "end", of: "date" },
  late_finish: { width: 92, align: "end", of: "date" },
  milestone: { kind: "choice", width: 84, leaf: true },
  active: { kind: "choice", width: 72 },
  calendar: { kind: "choice", width: 130, leaf: true },
  notes: { kind: "text", width: 200 },
};

export class Columns {
  constructor({ plan, store, say, days }) {
    Object.assign(this, { plan, store, say, days, timed: false });
    this.known = Object.keys(ALL).filter((key) => this.offered(key));
    this.choose(store.get("columns", CHOSEN));
  }

  /** A client's rows come without names of people: the server leaves the field out. */
  offered(key) {
    const needs = { info: "late", slip: "baseline_finish" }[key] ?? key;
    return needs in this.plan.index && (key !== "people" || this.plan.can.people !== false);
  }

  choose(keys) {
    const chosen = this.known.filter((key) => ALL[key].fixed || keys.includes(key));
    // The order in which they were chosen; what is new comes last.
    chosen.sort((a, b) => place(keys, a) - place(keys, b));
    this.keys = this.chosen = chosen;
    this.store.set("columns", chosen);
  }

  /** Which columns there are, and what their dates show, as one text to compare with. */
  get chosenAs() {
    return this.keys.join() + (this.timed ? " timed" : "");
  }

  /** The row's number stays first: rows are dragged by it. */
  movable(key) {
    return key !== "number";
  }

  /** Puts a column at a place; whether that changed anything. */
  move(key, place) {
    const from = this.chosen.indexOf(key);
    const to = Math.max(1, Math.min(this.chosen.length - 1, place));
    if (from < 0 || from === to || !this.movable(key)) return false;
    const keys = this.chosen.filter((other) => other !== key);
    keys.splice(to, 0, key);
    this.choose(keys);
    return true;
  }

  label(key) {
    return this.say(`col_${key}`);
  }

  definition(key) {
    return ALL[key];
  }

  width(key) {
    if (this.paper) return this.paper[key];
    const { width, kind, of } = ALL[key];
    const time = this.timed && (kind === "date" || of === "date") ? TIME : 0;
    const usual = key === "name" && innerWidth < NARROW ? 168 : width + time;
    return this.store.get("widths", {})[key] ?? usual;
  }

  /** On paper these columns of these widths; null for the chosen ones again. */
  onPaper(widths) {
    this.paper = widths;
    this.keys = widths ? Object.keys(widths).filter((key) => this.known.includes(key)) : this.chosen;
  }

  resize(key, width) {
    this.store.set("widths", { ...this.store.get("widths", {}), [key]: Math.round(Math.min(Math.max(width, 36), 720)) });
  }

  get template() {
    return this.keys.map((key) => `${this.width(key)}px`).join(" ");
  }

  get total() {
    return this.keys.reduce((sum, key) => sum + this.width(key), 0);
  }

  editable(task, key) {
    const { kind, leaf } = ALL[key];
    return Boolean(kind) && this.plan.may(key) && !(leaf && task.summary);
  }

  /** The choices of a select: [value, label]. */
  choices(key) {
    const yesNo = [["true", this.say("yes")], ["false", this.say("no")]];
    switch (key) {
      case "mode":
        return [["auto", this.say("mode_auto")], ["manual", this.say("mode_manual")]];
      case "constraint":
        return Array.from({ length: 8 }, (_none, code) => [String(code), this.say(`constraint_${code}`)]);
      case "calendar":
        return [["", this.say("calendar_project")], ...this.plan.calendarNames];
      default:
        return yesNo;
    }
  }

  /** The stored value as a text: what an editor begins with. */
  value(task, key) {
    const value = task[key];
    if (value === null || value === undefined) return "";
    if (ALL[key].kind === "date") return String(value).slice(0, this.timed ? 16 : 10);
    return String(value);
  }

  /** What the cell shows. */
  text(task, key) {
    const value = task[key];
    switch (key) {
      case "mode":
      case "constraint":
      case "calendar":
      case "milestone":
      case "active":
        if (key === "constraint" && !+value) return "";
        if (key === "calendar" && (value === null || value === "")) return "";
        return this.choices(key).find(([known]) => known === String(value))?.[1] ?? "";
      case "percent":
        return value === null ? "" : `${value}%`;
      case "notes":
        return (value ?? "").split("\n")[0];
      case "slip":
        return this.slip(task);
      case "info":
        return "";
    }
    if (ALL[key].of === "minutes") return value === null ? "" : this.inDays(value);
    if (ALL[key].of === "date" || ALL[key].kind === "date") return this.moment(task.at(key));
    return value ?? "";
  }

  /** A day; with its time where time is drawn finer than by days, and a bar can be dropped at an hour. */
  moment(at) {
    return this.timed && at !== null ? `${this.days.day(at)}, ${this.days.time(at)}` : this.days.day(at);
  }

  inDays(minutes) {
    const days = Math.round((minutes / this.plan.project.minutes_per_day) * 10) / 10;
    return `${String(days).replace("-", "−")}\u00a0d`;
  }

  /** Working days by which the finish lies behind the baseline. */
  slip(task) {
    const [now, then] = [task.at("finish"), task.at("baseline_finish")];
    if (now === null || then === null) return "";
    const minutes = now >= then ? this.plan.calendar.between(then, now) : -this.plan.calendar.between(now, then);
    return minutes ? (minutes > 0 ? "+" : "") + this.inDays(minutes) : "0\u00a0d";
  }

  /** Whether all that stands in a cell is its text. */
  plain(task, key) {
    return key !== "info" && key !== "name" && !(key === "total_float" && task.critical && !task.summary);
  }

  /** The markup inside a cell. */
  inside(task, key) {
    if (key === "info") return this.signs(task);
    const text = esc(this.text(task, key));
    if (key === "name") {
      const folded = this.plan.folded.has(task.uid) && !this.plan.filter;
      const fold = task.summary
        ? `<span class="g-fold" data-fold title="${esc(this.say(folded ? "unfold" : "fold"))}">${icon(folded ? "chevron-right" : "chevron-down")}</span>`
        : '<span class="g-fold"></span>';
      return `${fold}<span class="t" title="${text}">${text}</span>`;
    }
    if (key === "total_float" && task.critical && !task.summary) {
      return `<span class="t is-critical">${text}<span class="vh"> ${esc(this.say("critical"))}</span></span>`;
    }
    return `<span class="t"${text.length > 12 ? ` title="${text}"` : ""}>${text}</span>`;
  }

  /** What is worth knowing about a row, as small signs with their words. */
  signs(task) {
    const signs = [];
    const sign = (name, css, words) => signs.push(`<span class="g-sign ${css}" title="${esc(words)}">${icon(name)}<span class="vh">${esc(words)}</span></span>`);
    if (task.violated) sign("circle-alert", "is-act", task.violated);
    if (task.late) sign("triangle-alert", "is-watch", task.late);
    if (task.percent === 100) sign("check", "is-ok", this.say("done"));
    if (task.mode === "manual" && !task.summary) sign("lock", "", this.say("manual_long"));
    if (+task.constraint && !task.summary) {
      sign("calendar-clock", "", `${this.text(task, "constraint")} ${this.days.day(task.at("constraint_date"))}`);
    }
    if (task.notes) sign("file-text", "", task.notes.slice(0, 300));
    return signs.slice(0, 2).join("");
  }
}

const place = (keys, key) => {
  const at = keys.indexOf(key);
  return at < 0 ? 1000 : at;
};
