// A number as people type it: with a comma, a point or the Arabic mark, in Western or Arabic digits.
const ARABIC = /[\u0660-\u0669\u06f0-\u06f9]/g;
const western = (text) => text.replace(ARABIC, (digit) => String(digit.charCodeAt(0) & 0xf));

// {value}; {either: [a, b]} where a mark may part thousands as well as decimals; {wrong: true}.
export function numberOf(typed) {
  const text = western(typed).replace(/[\s\u00a0\u202f]/g, "").replace("−", "-").replace("٫", ".").replace(",", ".");
  if (!/^-?\d+(\.\d+)?$/.test(text)) {
    return { wrong: true };
  }
  const isEither = /[.,]/.test(western(typed)) && /^-?[1-9]\d{0,2}\.\d{3}$/.test(text);
  if (isEither) {
    return { either: [Number(text), Number(text.replace(".", ""))] };
  }
  return { value: Number(text) + 0 };
}
