// Markup from strings: the quickest way to many small elements. Texts go through `esc`, the policy forbids style="".
const SPECIAL = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const esc = (text) => String(text ?? "").replace(/[&<>"']/g, (letter) => SPECIAL[letter]);

export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

let sprite = "";
export const useSprite = (url) => {
  sprite = url;
};
export const icon = (name) => `<svg class="icon" aria-hidden="true"><use href="${sprite}#${name}"></use></svg>`;

/** Elements of a drawing from their markup. */
export function drawn(html) {
  const holder = svg("g");
  holder.innerHTML = html;
  return [...holder.children];
}

export const svg = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
