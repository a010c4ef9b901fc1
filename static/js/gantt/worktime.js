// Working time of one calendar: what a drop snaps to and what is shaded. The server's calendar has the last word.
import { DAY, HOUR, dayOf, minutes, weekday } from "./time.js";

const FAR = 4000; // days to look for working time before giving up
const clock = (text) => +text.slice(0, 2) * HOUR + +text.slice(3, 5);
const spansOf = (hours) => (hours ?? []).map(([from, to]) => [clock(from), clock(to) || DAY]);

export class WorkTime {
  /** `week`: seven lists of ["08:00", "12:00"], Monday first; `exceptions`: {from, to, hours}, days inclusive. */
  constructor({ week, exceptions = [] }) {
    this.week = week.map(spansOf);
    this.exceptions = exceptions.map(({ from, to, hours }) => ({
      from: dayOf(minutes(from)),
      to: dayOf(minutes(to)),
      spans: spansOf(hours),
    }));
    this.known = new Map();
  }

  /** The working spans of a day, in minutes of that day. */
  spans(day) {
    let spans = this.known.get(day);
    if (spans === undefined) {
      const exception = this.exceptions.findLast(({ from, to }) => from <= day && day <= to);
      spans = exception ? exception.spans : this.week[weekday(day)];
      this.known.set(day, spans);
    }
    return spans;
  }

  /** The first working minute from `at` on; `at` itself where the calendar never works. */
  next(at) {
    for (let day = dayOf(at), end = day + FAR; day < end; day++) {
      for (const [from, to] of this.spans(day)) {
        if (day * DAY + to > at) return Math.max(at, day * DAY + from);
      }
    }
    return at;
  }

  /** The last end of working time up to `at`. */
  previous(at) {
    for (let day = dayOf(at), end = day - FAR; day > end; day--) {
      const spans = this.spans(day);
      for (let index = spans.length - 1; index >= 0; index--) {
        const [from, to] = spans[index];
        if (day * DAY + from < at) return Math.min(at, day * DAY + to);
      }
    }
    return at;
  }

  /** The moment `work` working minutes after `at`; before it for a negative number. */
  add(at, work) {
    if (work < 0) return this.subtract(at, -work);
    let left = work;
    let now = this.next(at);
    for (let turns = 0; left > 0 && turns < 100000; turns++) {
      const day = dayOf(now);
      const span = this.spans(day).find(([from, to]) => day * DAY + from <= now && now < day * DAY + to);
      if (!span) return now;
      const room = day * DAY + span[1] - now;
      if (left <= room) return now + left;
      left -= room;
      now = this.next(day * DAY + span[1]);
    }
    return now;
  }

  subtract(at, work) {
    let left = work;
    let now = this.previous(at);
    for (let turns = 0; left > 0 && turns < 100000; turns++) {
      const day = dayOf(now - 1);
      const span = this.spans(day).find(([from, to]) => day * DAY + from < now && now <= day * DAY + to);
      if (!span) return now;
      const room = now - day * DAY - span[0];
      if (left <= room) return now - left;
      left -= room;
      now = this.previous(day * DAY + span[0]);
    }
    return now;
  }

  /** Working minutes from `from` to `to`. */
  between(from, to) {
    let sum = 0;
    for (let day = dayOf(from); day <= dayOf(to); day++) {
      for (const [a, b] of this.spans(day)) {
        sum += Math.max(0, Math.min(to, day * DAY + b) - Math.max(from, day * DAY + a));
      }
    }
    return sum;
  }

  /** Where a start that is let go at `at` comes to stand: the nearest beginning of work at this grain (minutes). */
  snapStart(at, grain) {
    const near = Math.round(at / grain) * grain;
    return this.next(grain >= DAY ? dayOf(near) * DAY : near);
  }

  /** The same for a finish: the nearest end of work. */
  snapFinish(at, grain) {
    const near = grain >= DAY ? Math.round(at / DAY) * DAY : Math.round(at / grain) * grain;
    return this.previous(near);
  }

  /** Spans without work between two moments, as [from, to]; whole days only where `days` is set. */
  *idle(from, to, days) {
    let open = null;
    for (let day = dayOf(from), end = dayOf(to); day <= end; day++) {
      const spans = this.spans(day);
      if (!spans.length) {
        open ??= day * DAY;
        continue;
      }
      if (days) {
        if (open !== null) yield [open, day * DAY];
        open = null;
        continue;
      }
      open ??= day * DAY;
      for (const [a, b] of spans) {
        if (day * DAY + a > open) yield [open, day * DAY + a];
        open = day * DAY + b;
      }
    }
    if (open !== null && open < to) yield [open, to];
  }
}
