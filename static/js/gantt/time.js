// Wall-clock times of the plan as whole minutes. No time zone: 08:00 stays 08:00, as in the plan itself.
export const HOUR = 60;
export const DAY = 1440;
const NBSP = "\u00a0";

/** "2026-05-04T08:00" or "2026-05-04" as minutes; null for nothing. */
export function minutes(text) {
  if (!text) return null;
  const hour = text.length > 10 ? +text.slice(11, 13) : 0;
  const minute = text.length > 10 ? +text.slice(14, 16) : 0;
  return Date.UTC(+text.slice(0, 4), +text.slice(5, 7) - 1, +text.slice(8, 10), hour, minute) / 60000;
}

export const iso = (at) => new Date(at * 60000).toISOString().slice(0, 16);
export const isoDay = (at) => iso(at).slice(0, 10);
export const dayOf = (at) => Math.floor(at / DAY);
export const date = (at) => new Date(at * 60000);
/** Monday is 0. */
export const weekday = (day) => (((day + 3) % 7) + 7) % 7;

/** The first minute of the month that lies `months` after the one of `at`. */
export function month(at, months = 0) {
  const when = date(at);
  return Date.UTC(when.getUTCFullYear(), when.getUTCMonth() + months, 1) / 60000;
}

/** The words for days and months in the language of the page. */
export class Words {
  constructor(language, today) {
    const as = (options) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options });
    this.short = as({ month: "short" });
    this.long = as({ month: "long" });
    this.letter = as({ weekday: "narrow" });
    this.weekdays = as({ weekday: "short" });
    this.thisYear = today == null ? null : date(today).getUTCFullYear();
    this.days = new Map(); // what a day is called, asked for at every row: formatting is slow
  }

  /** "4 May", with the year where it is not this one, as the server writes it. */
  day(at) {
    if (at == null) return "";
    const day = dayOf(at);
    let words = this.days.get(day);
    if (words === undefined) {
      const when = date(at);
      const year = when.getUTCFullYear();
      words = `${when.getUTCDate()}${NBSP}${this.short.format(when)}${year === this.thisYear ? "" : NBSP + year}`;
      this.days.set(day, words);
    }
    return words;
  }

  time(at) {
    return iso(at).slice(11);
  }

  moment(at) {
    return `${this.day(at)} ${this.time(at)}`;
  }
}
