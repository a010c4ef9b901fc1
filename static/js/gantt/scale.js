// From moments to pixels and back; which ticks stand in the two rows of the head; the grain a drop snaps to.
import { DAY, HOUR, date, dayOf, month, weekday } from "./time.js";

// From hours to years. `day` is pixels a day, `grain` minutes.
export const LEVELS = [
  { name: "hour", day: 960, minor: "hour", major: "day", grain: 15 },
  { name: "half-day", day: 264, minor: "4hours", major: "day", grain: 60 },
  { name: "day", day: 84, minor: "day", major: "week", grain: 240 },
  { name: "days", day: 32, minor: "day", major: "week", grain: DAY },
  { name: "week", day: 14, minor: "week", major: "month", grain: DAY },
  { name: "weeks", day: 7, minor: "week", major: "month", grain: DAY },
  { name: "month", day: 3, minor: "month", major: "year", grain: DAY },
  { name: "months", day: 1.2, minor: "month", major: "year", grain: DAY },
  { name: "quarter", day: 0.45, minor: "quarter", major: "year", grain: DAY },
  { name: "year", day: 0.12, minor: "year", major: "", grain: DAY },
];
const MOST = 30_000_000; // pixels: browsers end a scrolling box a little above

export class Scale {
  constructor(perDay, from, to) {
    this.set(perDay, from, to);
  }

  set(perDay, from = this.from, to = this.to) {
    this.from = dayOf(from) * DAY;
    this.to = Math.max(to, this.from + DAY);
    const most = MOST / ((this.to - this.from) / DAY);
    this.perDay = Math.min(Math.max(perDay, LEVELS.at(-1).day / 2), LEVELS[0].day, most);
    // The nearest level that is not wider than what is shown, so that labels never collide.
    this.level = LEVELS.find(({ day }) => day <= this.perDay * 1.15) ?? LEVELS.at(-1);
    this.width = Math.ceil(((this.to - this.from) / DAY) * this.perDay);
  }

  x(at) {
    return ((at - this.from) / DAY) * this.perDay;
  }

  at(x) {
    return this.from + Math.round((x / this.perDay) * DAY);
  }

  get grain() {
    return this.level.grain;
  }

  /** The next wider or narrower level. */
  step(by) {
    const days = LEVELS.map(({ day }) => day);
    const next = by > 0 ? days.findLast((day) => day > this.perDay * 1.01) : days.find((day) => day < this.perDay * 0.99);
    return next ?? (by > 0 ? days[0] : days.at(-1));
  }

  /** Pixels a day at which all of a span is seen in `width`. */
  static fitting(from, to, width) {
    return width / Math.max((to - from) / DAY, 1);
  }

  /** The moments of a unit from before `from` to `to`. */
  static *ticks(unit, from, to) {
    if (!unit) return;
    if (["month", "quarter", "year"].includes(unit)) {
      const step = { month: 1, quarter: 3, year: 12 }[unit];
      let at = month(from, -(date(from).getUTCMonth() % step));
      for (; at <= to; at = month(at, step)) yield at;
      return;
    }
    const step = { hour: HOUR, "4hours": 4 * HOUR, day: DAY, week: 7 * DAY }[unit];
    let at = Math.floor(from / step) * step;
    if (unit === "week") at = (dayOf(from) - weekday(dayOf(from))) * DAY;
    for (; at <= to; at += step) yield at;
  }
}

/** What stands at a tick. `words` are the days and months of the language, `room` the pixels a tick has. */
export function tickLabel(unit, at, words, room) {
  const when = date(at);
  const year = when.getUTCFullYear();
  switch (unit) {
    case "hour":
    case "4hours":
      return String(when.getUTCHours());
    case "day":
      if (room > 200) return `${words.weekdays.format(when)} ${words.day(at)}`;
      return room > 50 ? `${words.weekdays.format(when)} ${when.getUTCDate()}` : String(when.getUTCDate());
    case "week":
      return room > 130 ? `${when.getUTCDate()} ${words.short.format(when)} ${year}` : room > 44 ? `${when.getUTCDate()}\u00a0${words.short.format(when)}` : String(when.getUTCDate());
    case "month":
      return room > 90 ? `${words.long.format(when)}${room > 140 ? ` ${year}` : ""}` : room > 30 ? words.short.format(when) : "";
    case "quarter":
      return `Q${Math.floor(when.getUTCMonth() / 3) + 1}`;
    default:
      return String(year);
  }
}
