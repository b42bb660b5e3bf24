// Runs when the flow starts: the venue, what the rules remember, and the clock for what has not come.
const zoneOf = new Map();
for (let n = 0; n < 1000; n += 1) zoneOf.set(`p${n}`, `z${n % 50}`);
const state = {
    zoneOf, now: 0, heard: new Map(), open: new Set(), barred: new Set(), failed: new Set(), counted: new Set(),
    unlocked: new Set(), released: new Map(), opened: new Map(), occupancy: new Map(),
    windows: { "denied-burst": new Map(), "denied-badge": new Map() },
};
context.set("state", state);

const raise = (rule, key) => {
    if (!state.open.has(`${rule} ${key}`)) {
        state.open.add(`${rule} ${key}`);
        node.send([null, { payload: `${new Date().toISOString()} raised ${rule} ${key}` }]);
    }
};
context.set("ticker", setInterval(() => {
    const now = state.now; // the stream's time: what has queued tells an older one
    for (const [device, at] of state.heard) if (now - at > 120_000) raise("device-silent", device);
    for (const [point, at] of state.opened) {
        if (now - at > 30_000 && !state.unlocked.has(point)) raise("door-held-open", point);
    }
    for (const windows of Object.values(state.windows)) {
        for (const [key, times] of windows) if (times.at(-1) <= now - 300_000) windows.delete(key);
    }
}, 1000));
