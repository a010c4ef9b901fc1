// The plan in memory: tasks in outline order, links, which rows are seen. Knows nothing of the page.
import { minutes } from "./time.js";
import { WorkTime } from "./worktime.js";

const BUCKET = 32; // rows
const FAR = 16; // buckets that a link may lie in; longer ones stand apart

const DATES = ["start", "finish", "early_start", "early_finish", "late_start", "late_finish", "constraint_date", "deadline",
  "actual_start", "actual_finish", "baseline_start", "baseline_finish"];

/** A class whose instances read one row by field name: 10,000 rows need no copying. */
function taskClass(fields) {
  class Task {
    constructor(row) {
      this.row = row;
    }

    /** A date field in minutes; null for none. */
    at(field) {
      return minutes(this[field]);
    }
  }
  fields.forEach((field, index) =>
    Object.defineProperty(Task.prototype, field, {
      get() {
        return this.row[index];
      },
    }),
  );
  return Task;
}

export const linkKey = (from, to) => `${from}>${to}`;

export class Plan {
  constructor(data) {
    this.folded = new Set();
    this.filter = null;
    this.take(data);
  }

  /** All of it anew; what is folded and filtered stays. */
  take(data) {
    Object.assign(this, {
      revision: data.revision,
      project: data.project,
      can: data.can,
      people: data.people ?? [],
      baselines: data.baselines ?? [],
      undo: data.undo ?? {},
      fields: data.fields,
    });
    this.seen = data.revision; // everything up to here has arrived
    this.calendars = new Map(Object.entries(data.calendars).map(([key, value]) => [key, new WorkTime(value)]));
    this.calendarNames = Object.entries(data.calendars).map(([key, value]) => [key, value.name]);
    this.calendar = this.calendars.get(String(data.calendar)) ?? [...this.calendars.values()][0];
    this.Task = taskClass(data.fields);
    this.index = Object.fromEntries(data.fields.map((field, index) => [field, index]));
    this.tasks = data.tasks.map((row) => new this.Task(row));
    this.byUid = new Map(this.tasks.map((task) => [task.uid, task]));
    this.links = new Map(data.links.map((link) => [linkKey(link[0], link[1]), link]));
    this.layOut();
  }

  task(uid) {
    return this.byUid.get(uid);
  }

  calendarOf(task) {
    return this.calendars.get(String(task.calendar ?? "")) ?? this.calendar;
  }

  get locked() {
    return this.project.locked;
  }

  /** What the person may set: everything, progress alone, or nothing. */
  may(field) {
    if (this.locked) return false;
    if (this.can.edit) return true;
    return Boolean(this.can.progress) && ["percent", "actual_start", "actual_finish"].includes(field);
  }

  // --- What is seen

  /** The seen rows anew, after folding, filtering or a change. */
  layOut() {
    const rows = [];
    const matches = this.filter ? this.matching() : null;
    let hiddenBelow = Infinity;
    for (const task of this.tasks) {
      if (matches) {
        if (matches.has(task.uid)) rows.push(task);
        continue;
      }
      if (task.level > hiddenBelow) continue;
      hiddenBelow = task.summary && this.folded.has(task.uid) ? task.level : Infinity;
      rows.push(task);
    }
    this.rows = rows;
    this.rowOf = new Map(rows.map((task, index) => [task.uid, index]));
    this.found = this.filter ? this.foundCount : null;
    this.nearLinks = null;
  }

  /** The uids that fit the filter, with everything above them. */
  matching() {
    const fit = new Set();
    this.foundCount = 0;
    for (const task of this.tasks) {
      if (!this.filter(task)) continue;
      this.foundCount += 1;
      for (let above = task; above && !fit.has(above.uid); above = this.byUid.get(above.parent)) fit.add(above.uid);
    }
    return fit;
  }

  /** Links by the stretches of rows they lie in, of those with both ends seen. */
  bucketed() {
    const buckets = new Map();
    const far = [];
    for (const [key, link] of this.links) {
      const from = this.rowOf.get(link[0]);
      const to = this.rowOf.get(link[1]);
      if (from === undefined || to === undefined) continue;
      const seen = { key, link, from, to };
      const [first, last] = [Math.floor(Math.min(from, to) / BUCKET), Math.floor(Math.max(from, to) / BUCKET)];
      if (last - first > FAR) {
        far.push(seen);
        continue;
      }
      for (let at = first; at <= last; at++) {
        if (!buckets.has(at)) buckets.set(at, []);
        buckets.get(at).push(seen);
      }
    }
    return { buckets, far };
  }

  /** The links that touch or pass the rows [first, last): {key, link, from, to}, its ends as rows. */
  linksNear(first, last) {
    this.nearLinks ??= this.bucketed();
    const near = new Map();
    const add = (seen) => {
      const { from, to } = seen;
      if ((from >= first || to >= first) && (from < last || to < last)) near.set(seen.key, seen);
    };
    for (let at = Math.floor(first / BUCKET); at <= Math.floor((last - 1) / BUCKET); at++) this.nearLinks.buckets.get(at)?.forEach(add);
    this.nearLinks.far.forEach(add);
    return [...near.values()];
  }

  fold(uid, folded) {
    if (folded) this.folded.add(uid);
    else this.folded.delete(uid);
    this.layOut();
  }

  /** Levels 1 to n are seen; 0 shows all. */
  showLevels(level) {
    this.folded = new Set(level ? this.tasks.filter((task) => task.summary && task.level >= level).map(({ uid }) => uid) : []);
    this.layOut();
  }

  get deepest() {
    let deepest = 1;
    for (const task of this.tasks) if (task.level > deepest) deepest = task.level;
    return deepest;
  }

  /** Opens what hides a task. Whether anything changed. */
  reveal(uid) {
    let changed = false;
    for (let above = this.byUid.get(this.byUid.get(uid)?.parent); above; above = this.byUid.get(above.parent)) {
      changed = this.folded.delete(above.uid) || changed;
    }
    if (changed) this.layOut();
    return changed;
  }

  /** The tasks below one, and their children. */
  below(task) {
    const at = this.tasks.indexOf(task);
    let end = at + 1;
    while (end < this.tasks.length && this.tasks[end].level > task.level) end++;
    return this.tasks.slice(at + 1, end);
  }

  linksOf(uid) {
    return [...this.links.values()].filter(([from, to]) => from === uid || to === uid);
  }

  // --- Changes

  /** An answer of the server: changed rows, gone rows, order, links. Returns the uids that are new or different. */
  merge(answer) {
    const changed = new Set();
    for (const row of answer.rows ?? []) {
      const uid = row[this.index.uid];
      const known = this.byUid.get(uid);
      if (known) known.row = row;
      else {
        const task = new this.Task(row);
        this.byUid.set(uid, task);
        this.tasks.push(task);
      }
      changed.add(uid);
    }
    const gone = new Set(answer.removed ?? []);
    if (gone.size) {
      this.tasks = this.tasks.filter((task) => !gone.has(task.uid));
      for (const uid of gone) {
        this.byUid.delete(uid);
        this.folded.delete(uid);
      }
      for (const [key, [from, to]] of this.links) if (gone.has(from) || gone.has(to)) this.links.delete(key);
    }
    if (answer.order) this.tasks = answer.order.map((uid) => this.byUid.get(uid)).filter(Boolean);
    else this.tasks.sort((a, b) => a.number - b.number);
    for (const [from, to] of answer.unlinked ?? []) this.links.delete(linkKey(from, to));
    for (const link of answer.links ?? []) this.links.set(linkKey(link[0], link[1]), link);
    if (answer.undo) this.undo = answer.undo;
    if (answer.finish) this.project = { ...this.project, finish: answer.finish[1] ?? this.project.finish };
    this.layOut();
    return changed;
  }

  /** Notes the revision of our own save. A gap means that others saved too: the next look fetches from before it. */
  saved(revision) {
    if (revision === this.seen + 1) this.seen = revision;
    this.revision = Math.max(this.revision, revision);
  }

  /** First and last moment of anything drawn, in minutes. */
  span() {
    const today = minutes(this.project.today);
    let from = minutes(this.project.start) ?? today;
    let to = minutes(this.project.finish) ?? today;
    for (const task of this.tasks) {
      if (task.level > 1) continue; // a summary spans what is below it
      for (const field of ["start", "baseline_start"]) {
        const at = minutes(task[field]);
        if (at !== null && at < from) from = at;
      }
      for (const field of ["finish", "baseline_finish", "deadline"]) {
        const at = minutes(task[field]);
        if (at !== null && at > to) to = at;
      }
    }
    return { from, to: Math.max(to, from + 1440), today };
  }
}

export const DATE_FIELDS = DATES;

/** A filter over name, number, wbs and people, and one of the kinds the page offers. */
export function filterOf(text, kind, { me, today }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length && !kind) return null;
  const kinds = {
    critical: (task) => task.critical && !task.summary,
    late: (task) => Boolean(task.late),
    milestones: (task) => task.milestone,
    open: (task) => task.percent < 100 && !task.summary,
    mine: (task) => Boolean(me) && (task.people ?? "").split(";").some((name) => name.replace(/\[.*/, "").trim() === me),
    problems: (task) => Boolean(task.violated),
    now: (task) => !task.summary && task.start <= today && task.finish >= today,
  };
  const fits = kinds[kind] ?? (() => true);
  return (task) => {
    if (!fits(task)) return false;
    const hay = `${task.number} ${task.wbs} ${task.name} ${task.people ?? ""}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  };
}
