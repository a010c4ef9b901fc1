// The sentences of the surface, translated on the server and handed over as JSON.
export class Sentences {
  constructor(element) {
    this.texts = element ? JSON.parse(element.textContent) : {};
  }

  /** The sentence of a key with its %(name)s filled in; `key_one` where n is 1 and there is one. */
  say(key, values = {}) {
    const text = (values.n === 1 && this.texts[`${key}_one`]) || this.texts[key] || key;
    return text.replace(/%\((\w+)\)s/g, (_all, name) => values[name] ?? "");
  }
}
