// The symbols of units, which are the same in all our languages.
const SYMBOLS = { celsius: "°C", lux: "lx", percent: "%", volt: "V", ampere: "A", decibel: "dB", minute: "min", second: "s", unknown: "" };

export const unitOf = (unit) => SYMBOLS[unit] ?? unit ?? "";
