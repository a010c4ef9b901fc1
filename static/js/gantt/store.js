// What somebody chose for this plan in this browser: zoom, columns, widths, what is folded.
export class Store {
  constructor(key) {
    this.key = key;
    try {
      this.values = JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      this.values = {}; // private windows and full disks must not stop the plan
    }
  }

  get(name, fallback) {
    return this.values[name] ?? fallback;
  }

  set(name, value) {
    this.values[name] = value;
    try {
      localStorage.setItem(this.key, JSON.stringify(this.values));
    } catch {
      /* kept for this page only */
    }
  }
}
