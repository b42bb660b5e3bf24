// Makes elements; a text from outside is only ever text.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) {
      made.addEventListener(key.slice(2), value);
    } else if (key in made && key !== "list") {
      made[key] = value;
    } else if (value !== null && value !== false) {
      made.setAttribute(key, value === true ? "" : value);
    }
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return made;
}

// A name from outside inside a sentence of ours, kept from reordering the words around it.
export const name = (text) => element("bdi", {}, text);

// An id, a time or a number, which runs from left to right in every language.
export const ltr = (text) => element("bdi", { dir: "ltr" }, text);
