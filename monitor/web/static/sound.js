// Sound that was heard, not sound that was allowed: until somebody says so, the page shows SOUND OFF.
const EVERY = 10000;
const button = document.getElementById("sound");
const urgent = new Set(
  [...document.querySelectorAll('.row.life_safety[data-group="nobody"]')].map((row) => row.dataset.id),
);
let context = null;
let timer = 0;

function isOn() {
  return Boolean(sessionStorage.getItem("heard")) && context?.state === "running";
}

function show() {
  const isOff = !isOn();
  button.classList.toggle("off", isOff);
  button.textContent = isOff ? `♪ ${button.dataset.off}` : `♪ ${button.dataset.on} ${sessionStorage.getItem("heard")}`;
}

function play(tones) {
  if (context?.state !== "running") {
    return;
  }
  tones.forEach((frequency, n) => {
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const at = context.currentTime + n * 0.28;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.35, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.25);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  });
}

// A test plays from a timer, as an alert would, and not from the click itself.
export async function test() {
  context ??= new AudioContext();
  await context.resume();
  if (button.dataset.asks) {
    delete button.dataset.asks;
    sessionStorage.setItem("heard", new Date().toTimeString().slice(0, 5));
    show();
    return;
  }
  setTimeout(() => {
    play([880, 660, 880]);
    button.dataset.asks = "1";
    button.textContent = `♪ ${button.dataset.ask}`;
  }, 2000);
}

export function ring(severity) {
  if (severity === "critical") {
    play([660]);
  }
}

// Life safety rings at once and every ten seconds, until somebody has it.
export function settle(changes) {
  let isNew = false;
  for (const { id, key } of changes) {
    if (key?.severity === "life_safety" && key.group === "nobody") {
      isNew ||= !urgent.has(id);
      urgent.add(id);
    } else {
      urgent.delete(id);
    }
  }
  if (isNew || !urgent.size) {
    alarm();
  }
}

function alarm() {
  clearTimeout(timer);
  document.body.dataset.urgent = urgent.size;
  if (urgent.size) {
    play([880, 660, 880]);
    timer = setTimeout(alarm, EVERY);
  }
}

if (button) {
  button.addEventListener("click", test);
  if (sessionStorage.getItem("heard")) {
    context = new AudioContext();
    context.addEventListener("statechange", show);
  }
  show();
  alarm();
}
