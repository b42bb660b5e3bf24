// The body of the function node: the monitor's rules about the ten event types of the stream, and of the others as many
// as they share a type with. In order of arrival and in memory only: nothing waits for what is slow, nothing survives.
const said = JSON.parse(msg.payload);
const s = context.get("state");
const at = Date.parse(said.at);
const zone = said.point ? s.zoneOf.get(said.point) : said.zone;
const alerts = [];
s.now = at;

const raise = (rule, key) => {
    if (!s.open.has(`${rule} ${key}`)) {
        s.open.add(`${rule} ${key}`);
        alerts.push({ payload: `${said.at} raised ${rule} ${key}` });
    }
};
const end = (rule, key) => {
    if (s.open.delete(`${rule} ${key}`)) {
        alerts.push({ payload: `${said.at} cleared ${rule} ${key}` });
    }
};
const counted = (rule, key, enough) => {
    const windows = s.windows[rule];
    const times = (windows.get(key) ?? []).filter((t) => t > at - 300_000);
    times.push(at);
    windows.set(key, times);
    if (times.length >= enough) raise(rule, key);
};
const occupied = (count) => {
    s.occupancy.set(zone, count);
    if (count > 5000) raise("zone-over-capacity", zone);
    else end("zone-over-capacity", zone);
};
const heard = () => {
    s.heard.set(said.device, at);
    end("device-silent", said.device);
    end("device-offline", said.device);
};

switch (said.type) {
    case "access.denied":
        if (["credential_revoked", "credential_lost", "credential_stolen"].includes(said.reason)) {
            raise("revoked-credential-refused", said.point);
        }
        counted("denied-burst", said.point, 10);
        counted("denied-badge", said.credential, 3);
        if (s.barred.has(said.credential)) raise("revoked-credential", `${said.credential} / ${said.point}`);
        break;
    case "access.granted":
    case "access.taken":
        if (s.barred.has(said.credential)) raise("revoked-credential", `${said.credential} / ${said.point}`);
        s.released.set(said.point, at);
        if (said.type === "access.taken") {
            if (!s.counted.has(zone) && said.direction !== "unknown") {
                occupied(Math.max(0, (s.occupancy.get(zone) ?? 0) + (said.direction === "in" ? 1 : -1)));
            }
            if (said.direction === "in" && ["guest", "delegate", "press"].includes(said.holder_class) && s.failed.has(zone)) {
                raise("admission-not-passed", zone);
            }
        }
        break;
    case "access.rex":
    case "door.unlocked":
        s.released.set(said.point, at);
        break;
    case "access.duress":
        raise("duress", said.point);
        break;
    case "credential.state":
        if (["revoked", "lost", "stolen"].includes(said.state)) s.barred.add(said.credential);
        else if (said.state === "active") s.barred.delete(said.credential);
        break;
    case "door.opened":
        if (!(at - s.released.get(said.point) <= 10_000) && !s.unlocked.has(said.point)) {
            raise("door-opened-unreleased", said.point);
        }
        if (!s.opened.has(said.point)) s.opened.set(said.point, at);
        break;
    case "door.closed":
        if (at - s.opened.get(said.point) > 30_000 && !s.unlocked.has(said.point)) raise("door-held-open", said.point);
        s.opened.delete(said.point);
        end("door-opened-unreleased", said.point);
        end("door-held-open", said.point);
        break;
    case "door.mode":
        if (["unlocked", "accessed", "locked_open"].includes(said.mode)) s.unlocked.add(said.point);
        else s.unlocked.delete(said.point);
        break;
    case "door.alarm":
        if (said.alarm === "forced_open") raise("door-forced", said.point);
        else if (said.alarm === "normal") end("door-forced", said.point);
        break;
    case "door.tamper":
        if (said.active) raise("door-tamper", said.point);
        break;
    case "device.heartbeat":
    case "device.online":
    case "device.boot":
    case "device.battery":
        heard();
        break;
    case "device.tamper":
        if (said.active) raise("device-tamper", said.device);
        break;
    case "zone.count":
        s.counted.add(zone);
        occupied(said.count);
        break;
    case "inspection.item":
        if (said.result === "pass") end("critical-item-failed", `${said.checklist} / ${said.item}`);
        break;
}
return [{ payload: `${Date.now()} ${msg.payload}` }, alerts];
