// The results of answers, as signs and in words.
import { gettext } from "./texts.js";

export const MARKS = { pass: "✓", fail: "✕", na: "–" };
export const RESULTS = { pass: () => gettext("passed"), fail: () => gettext("did not pass"), na: () => gettext("does not apply") };
export const STATES = {
  go: () => gettext("GO"),
  go_with_conditions: () => gettext("GO WITH CONDITIONS"),
  no_go: () => gettext("NO GO"),
  unknown: () => gettext("UNKNOWN"),
};
