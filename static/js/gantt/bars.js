// One row of the timeline drawn: summary bracket, bar with progress, diamond, float, baseline, deadline, label.
import { esc } from "./html.js";
import { minutes } from "./time.js";

const BAR = 14;
export const DIAMOND = 7;

/** Where a task's bar begins and ends in pixels; null without dates. `row` may be a previewed one. */
export function extent(task, scale, origin) {
  const start = minutes(task.start);
  const finish = minutes(task.finish);
  if (start === null || finish === null) return null;
  if (task.milestone && !task.summary) {
    const x = scale.x(finish) - origin;
    return { from: x - DIAMOND, to: x + DIAMOND, x, width: 0 };
  }
  const x = scale.x(start) - origin;
  const width = Math.max(scale.x(finish) - origin - x, 3);
  return { from: x, to: x + width, x, width };
}

/** The working pieces of a task that is interrupted: [from, to] in minutes. */
export function pieces(task, calendar) {
  const start = minutes(task.start);
  const finish = minutes(task.finish);
  const found = [];
  let from = start;
  let worked = 0;
  for (const [before, lasts] of task.splits ?? []) {
    const to = calendar.add(from, before - worked);
    found.push([from, to]);
    from = calendar.next(calendar.add(to, lasts));
    worked = before;
  }
  found.push([from, Math.max(finish, from)]);
  return found;
}

/** The group of one row. `view`: scale, origin, calendarOf, show (critical, float, baseline, labels), days, say. */
export function barHtml(task, top, view) {
  const { scale, origin, row, show } = view;
  const place = extent(task, scale, origin);
  if (!place) return "";
  const middle = top + row / 2 - (show.baseline ? 2 : 0);
  const { x, width, from, to } = place;
  const css = ["g-bar"];
  if (task.summary) css.push("is-sum");
  if (task.milestone && !task.summary) css.push("is-mile");
  if (task.mode === "manual" && !task.summary) css.push("is-manual");
  if (!task.active) css.push("is-off");
  if (task.critical && show.critical && task.percent < 100) css.push("is-crit");
  if (task.violated) css.push("is-violated");
  if (view.selected.has(task.uid)) css.push("is-sel");
  const parts = [];
  if (show.baseline && task.baseline_finish) parts.push(ghost(task, view, middle));
  if (show.float && !task.summary && task.total_float > 0 && task.percent < 100 && task.late_finish) {
    const late = scale.x(minutes(task.late_finish)) - origin;
    if (late > to + 1) parts.push(`<path class="g-float" d="M${n(to)} ${n(middle)}H${n(late)}m0 -3v6"/>`);
  }
  if (task.summary) {
    const leg = Math.min(5, width / 2);
    parts.push(`<path class="g-shape" d="M${n(x)} ${n(middle - 5)}h${n(width)}v9l${n(-leg)} -4h${n(-(width - 2 * leg))}l${n(-leg)} 4z"/>`);
  } else if (task.milestone) {
    parts.push(`<path class="g-shape" d="M${n(place.x)} ${n(middle - DIAMOND)}l${DIAMOND} ${DIAMOND}l-${DIAMOND} ${DIAMOND}l-${DIAMOND} -${DIAMOND}z"/>`);
  } else if (task.splits?.length) {
    const spans = pieces(task, view.calendarOf(task)).map(([a, b]) => [scale.x(a) - origin, scale.x(b) - origin]);
    parts.push(`<path class="g-split" d="M${n(x)} ${n(middle)}H${n(to)}"/>`);
    for (const [a, b] of spans) parts.push(`<rect class="g-shape" x="${n(a)}" y="${n(middle - BAR / 2)}" width="${n(Math.max(b - a, 2))}" height="${BAR}" rx="3"/>`);
    if (task.percent) parts.push(`<rect class="g-done" x="${n(x)}" y="${n(middle - 2)}" width="${n((width * task.percent) / 100)}" height="4" rx="1"/>`);
  } else {
    parts.push(`<rect class="g-shape" x="${n(x)}" y="${n(middle - BAR / 2)}" width="${n(width)}" height="${BAR}" rx="3"/>`);
    if (task.percent) parts.push(`<rect class="g-done" x="${n(x)}" y="${n(middle - BAR / 2)}" width="${n((width * task.percent) / 100)}" height="${BAR}" rx="3"/>`);
  }
  if (task.deadline) {
    const at = scale.x(minutes(task.deadline)) - origin;
    const missed = task.deadline < task.finish;
    parts.push(`<path class="g-deadline${missed ? " is-missed" : ""}" d="M${n(at)} ${n(middle + 6)}l-4.5 -5h3v-7h3v7h3z"/>`);
  }
  let beside = to + 12;
  if (task.violated) {
    parts.push(`<path class="g-alarm" d="M${n(to + 10)} ${n(middle - 6)}l6 6l-6 6l-6 -6z"/><path class="g-alarm-i" d="M${n(to + 10)} ${n(middle - 3)}v3.4m0 1.6v.4"/>`);
    beside += 14;
  }
  const label = show.labels ? labelOf(task, view) : "";
  if (label) parts.push(`<text class="g-label" x="${n(beside)}" y="${n(middle + 4)}">${esc(label)}</text>`);
  const words = esc(sentence(task, view));
  // What is seen beside the bar is part of its name: speech input says what it sees.
  const name = label && !words.includes(esc(label)) ? `${words}, ${esc(label)}` : words;
  // The hit area is a whole row high and a little wider than the bar: room for fingers and for the link handles.
  const hit = `<rect class="g-hit" x="${n(from - 12)}" y="${n(top)}" width="${n(to - from + 24)}" height="${row}"/>`;
  const here = view.barAt === task.uid ? 0 : -1;
  return `<g class="${css.join(" ")}" data-uid="${task.uid}" role="button" tabindex="${here}" aria-label="${name}"><title>${words}${task.violated ? `\n${esc(task.violated)}` : ""}</title>${hit}${parts.join("")}</g>`;
}

/** What a screen reader hears and a pointer sees about a bar. */
export function sentence(task, { days, say }) {
  const values = { name: task.name, start: days.day(minutes(task.start)), finish: days.day(minutes(task.finish)), percent: task.percent };
  return say(task.milestone ? "bar_milestone" : "bar_task", values);
}

function ghost(task, { scale, origin }, middle) {
  const to = scale.x(minutes(task.baseline_finish)) - origin;
  if (task.milestone && !task.summary) {
    return `<path class="g-base" d="M${n(to)} ${n(middle + 5)}l5 5l-5 5l-5 -5z"/>`;
  }
  const from = scale.x(minutes(task.baseline_start ?? task.baseline_finish)) - origin;
  return `<rect class="g-base" x="${n(from)}" y="${n(middle + 8.5)}" width="${n(Math.max(to - from, 3))}" height="4" rx="1.5"/>`;
}

function labelOf(task, { days }) {
  if (task.milestone && !task.summary) return days.day(minutes(task.finish));
  const text = task.summary ? "" : (task.people ?? "");
  return text.length > 42 ? `${text.slice(0, 41)}…` : text;
}

const n = (number) => Math.round(number * 10) / 10;
