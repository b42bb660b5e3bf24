"""The parts of the phone form that only a browser runs: numbers, clocks, photos, labels, signatures, its memory."""

import hmac
import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
import segno
from playwright.async_api import expect

from tests.support.form_browser import Phone, base_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATIC = Path(__file__).parents[3] / "monitor/web/form/static"
VENDORED = {
    "idb.js": "e01b45d2e088a7197e8b41ba9b51a087",
    "qr_decode.js": "00e209820dcb11d624e9a03d6383e580",
    "qr_index.js": "a0de370051f94bd74f218f74401fdf19",
}
"""The beginning of the SHA-256 of idb 8.0.4 and qr 0.7.0 as npm has them; of the second, one import renamed."""
PHOTO = """async ([name, width, height, colour]) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    if (colour === "red") {
        context.fillStyle = "blue";
        context.fillRect(0, 0, width / 2, height);
    }
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, name));
    return [...new Uint8Array(await blob.arrayBuffer())];
}"""
"""Returns the bytes of a picture in two halves, or of one colour."""
EXIF = b"\xff\xe1" + (2 + 6 + 20).to_bytes(2, "big") + b"Exif\0\0" + b"GPS 21.0278N 105.834"
REDUCED = """async ([base, bytes]) => {
    const { reduced, sizeOf } = await import(`${base}photo.js`);
    try {
        const made = await reduced(new Blob([new Uint8Array(bytes)]));
        return { bytes: [...made], size: sizeOf(made) };
    } catch (error) {
        return { error: error.constructor.name };
    }
}"""


@pytest.fixture
def linh(opened: Phone) -> Phone:
    """One phone for all tests."""
    return opened


async def run(phone: Phone, script: str, value: object = None) -> object:
    """Run a script with the modules' address and a value."""
    return await phone.page.evaluate(script, [await base_of(phone.page), value])


async def test_what_is_vendored_is_what_npm_has() -> None:
    """The libraries of others are unchanged, and each has its licence beside it."""
    for name, digest in VENDORED.items():
        content = (STATIC / name).read_bytes().replace(b"'./qr_index.js'", b"'./index.js'")
        assert sha256(content).hexdigest().startswith(digest), name
        assert (STATIC / f"{name.split('.')[0].split('_')[0]}.LICENSE").is_file()


async def test_numbers_are_read_as_they_are_typed(linh: Phone) -> None:
    """Comma, point and the Arabic mark; what may be thousands is asked about, what is no number refused."""
    typed = ["8,1", "8.1", "\u0668\u066b\u0661", "\u221212", "-0", " 7 ", "0.125"]
    either, wrong = ["1.234", "12,500"], ["1e3", "", "8,1,2", "eight", "1.2.3", "--1"]
    script = """async ([base, all]) => {
        const { numberOf } = await import(`${base}number.js`);
        return all.map(numberOf);
    }"""
    assert await run(linh, script, typed) == [
        {"value": value} for value in (8.1, 8.1, 8.1, -12, 0, 7, 0.125)
    ]
    assert await run(linh, script, either) == [{"either": [1.234, 1234]}, {"either": [12.5, 12500]}]
    assert await run(linh, script, wrong) == [{"wrong": True}] * len(wrong)


async def test_of_two_languages_the_later_one_is_spoken(linh: Phone) -> None:
    """Also if the texts of the first come last."""
    script = """async ([base]) => {
        const { speak, tag } = await import(`${base}texts.js`);
        const real = globalThis.fetch;
        let release = null;
        const held = new Promise((resolve) => (release = resolve));
        globalThis.fetch = async (...given) => (`${given[0]}`.includes("texts.vi") && (await held), real(...given));
        const first = speak("vi");
        await speak("ar");
        release();
        await first;
        globalThis.fetch = real;
        const found = tag();
        await speak("en");
        return found;
    }"""
    assert await run(linh, script) == "ar"


async def test_a_clock_that_is_not_known_well_is_uncertain(linh: Phone) -> None:
    """Never compared, a day old, ahead of itself, or jumped since: the form says so, and corrects what it can."""
    script = """async ([base]) => {
        const { corrected, device, measured } = await import(`${base}clock.js`);
        const sample = measured("2026-01-01T07:00:00Z", 1000, 3000, 500);
        const uncertain = (now, steady) => device("d", sample, now, steady).clock_uncertain;
        return {
            corrected: new Date(corrected(3000, sample)).toISOString(),
            never: device("d", null, 0, 0).clock_uncertain,
            fresh: uncertain(63_000, 60_500),
            old: uncertain(3000 + 25 * 3600_000, null),
            backwards: uncertain(2000, 600),
            jumped: uncertain(3000 + 600_000, 60_500),
            restarted: uncertain(3000 + 600_000, 10),
        };
    }"""
    assert await run(linh, script) == {
        "corrected": "2026-01-01T07:00:01.000Z",
        "never": True,
        "fresh": False,
        "old": True,
        "backwards": True,
        "jumped": True,
        "restarted": False,
    }


async def test_waiting_grows_to_five_minutes_and_no_further(linh: Phone) -> None:
    """However often it was tried in vain, a form is kept, and tried again within five minutes."""
    script = """async ([base]) => {
        const { pause } = await import(`${base}queue.js`);
        return [1, 2, 3, 50, 5000].map((tries) => pause(tries, 1));
    }"""
    assert await run(linh, script) == [2_000, 4_000, 8_000, 300_000, 300_000]


async def test_no_state_is_left_by_a_way_that_is_not_its_own(linh: Phone) -> None:
    """An accepted form is neither refused nor sent again, a draft is not sent, and a frozen body stays as it is."""
    script = """async ([base]) => {
        const queue = await import(`${base}queue.js`);
        const draft = { key: "k", state: "draft", answers: {}, tries: 0 };
        const frozen = queue.finish(draft, { body: "b", at: "t", digest: "d", finished_at: "t" });
        const sending = queue.send(frozen);
        const waited = queue.answered(sending, { kind: "wait", waits_for: "server" }, 0, 0);
        const accepted = queue.answered(queue.send(waited), { kind: "accepted", receipt: {} }, 0, 0);
        const refused = queue.answered(sending, { kind: "refused", refusal: {} }, 0, 0);
        const { binned, draft: again } = queue.correct(refused, "new", 1);
        return [
            [queue.send(draft), queue.finish(frozen, {}), queue.send(accepted), queue.discard(accepted)],
            [waited.state, waited.body, waited.tries, accepted.state, accepted.body],
            [binned.state, binned.key, again.state, again.key, "body" in again],
        ];
    }"""
    assert await run(linh, script) == [
        [None] * 4,
        ["queued", "b", 1, "accepted", "b"],
        ["binned", "k", "draft", "new", False],
    ]


async def test_a_photo_is_small_and_tells_no_place(linh: Phone) -> None:
    """A large one is scaled, one with a place loses it, a PNG becomes a JPEG."""
    base = await base_of(linh.page)
    for kind, width, height in (("image/jpeg", 2400, 1200), ("image/png", 300, 200)):
        made = bytes(await linh.page.evaluate(PHOTO, [kind, width, height, "red"]))
        if kind == "image/jpeg":
            made = made[:2] + EXIF + made[2:]
        found = await linh.page.evaluate(REDUCED, [base, list(made)])
        photo = bytes(found["bytes"])
        assert photo.startswith(b"\xff\xd8\xff")
        assert b"Exif" not in photo
        assert b"GPS" not in photo
        assert found["size"] == {"width": min(width, 1600), "height": min(height, 800)}


async def test_what_a_phone_draws_black_is_kept_as_it_was_without_its_place(linh: Phone) -> None:
    """If redrawing gives one colour, as on some phones for large pictures, the original is kept, cleaned."""
    made = bytes(await linh.page.evaluate(PHOTO, ["image/jpeg", 40, 30, "black"]))
    with_place = made[:2] + EXIF + made[2:]
    found = await linh.page.evaluate(REDUCED, [await base_of(linh.page), list(with_place)])
    assert b"GPS" not in bytes(found["bytes"])
    assert found["size"] == {"width": 40, "height": 30}


@pytest.mark.parametrize("content", [b"", b"\xff\xd8\xff\xe0 no picture", b"<svg/>", b"%PDF-1.7"])
async def test_what_is_no_photo_is_refused(linh: Phone, content: bytes) -> None:
    """Nothing, garbage behind the right beginning, a drawing, a document."""
    found = await linh.page.evaluate(REDUCED, [await base_of(linh.page), list(content)])
    assert found == {"error": "PhotoUnusable"}


async def test_the_bundled_decoder_reads_our_labels(linh: Phone) -> None:
    """A label as it is printed, without the help of the phone's own reader; a code of others is no label."""
    script = """async ([base, modules]) => {
        const { codeIn, labelOf } = await import(`${base}label.js`);
        const scale = 5, edge = (modules.length + 8) * scale;
        const canvas = Object.assign(document.createElement("canvas"), { width: edge, height: edge });
        const context = canvas.getContext("2d");
        context.fillStyle = "#fff";
        context.fillRect(0, 0, edge, edge);
        context.fillStyle = "#000";
        const dot = (x, y) => context.fillRect((x + 4) * scale, (y + 4) * scale, scale, scale);
        modules.forEach((row, y) => row.forEach((dark, x) => dark && dot(x, y)));
        const text = await codeIn(canvas, { isBundled: true });
        context.clearRect(0, 0, edge, edge);
        const none = await codeIn(canvas, { isBundled: true });
        const own = globalThis.BarcodeDetector;
        globalThis.BarcodeDetector = class { async detect() { throw new DOMException("", "NotSupportedError"); } };
        await codeIn(canvas);
        globalThis.BarcodeDetector = own;
        return [text, labelOf(text), none, labelOf("https://shop.example/"), labelOf("hall/d1")];
    }"""
    address = "https://monitor.venue.example/q/hall/d1"
    code = segno.make(address, error="m", micro=False)
    label = {"zone": "hall", "asset": "d1"}
    found = await run(linh, script, [[int(dark) for dark in row] for row in code.matrix])
    assert found == [address, label, None, None, label]


async def test_a_signature_needs_the_pin(linh: Phone) -> None:
    """The key opens with the PIN alone; five wrong ones lock it for a minute; the code is over the body without it."""
    script = """async ([base, { key }]) => {
        const { Store } = await import(`${base}store.js`);
        const sign = await import(`${base}sign.js`);
        const { textDigest } = await import(`${base}freeze.js`);
        const real = globalThis.fetch;
        const made = JSON.stringify({ id: "k1", key, ends_at: "2100-01-01T00:00:00Z" });
        const headers = { "content-type": "application/json" };
        globalThis.fetch = async () => new Response(made, { status: 201, headers });
        const store = new Store();
        await sign.fetchKey(store, "linh", "274951");
        globalThis.fetch = real;
        const body = JSON.stringify({ schema: 1, signature: null });
        const attempt = async (pin, now) => {
            try {
                return await sign.signed(store, "linh", pin, body, await textDigest(body), now);
            } catch (error) {
                return error.reason;
            }
        };
        const tries = [];
        for (const pin of ["000000", "000001", "000002", "000003", "000004", "274951"]) {
            tries.push(await attempt(pin, 0));
        }
        const kept = JSON.stringify(await store.meta("signing linh"));
        return [tries, await attempt("274951", 61_000), kept.includes(key), await sign.hasKey(store, "bao", 0)];
    }"""
    key = bytes(range(32))
    found = await run(linh, script, {"key": b64encode(key).decode()})
    assert isinstance(found, list)
    tries, signed, is_bare, has_other = found
    assert tries == ["wrong-pin"] * 4 + ["locked"] * 2
    assert not is_bare
    assert not has_other
    signature = json.loads(signed)["signature"]
    unsigned = signed[: signed.rindex(',"signature":')] + ',"signature":null}'
    digest = sha256(unsigned.encode()).hexdigest()
    mac = b64encode(hmac.new(key, digest.encode(), sha256).digest()).decode()
    assert signature == {"person": "linh", "method": "pin", "key_id": "k1", "mac": mac}


async def test_what_an_earlier_version_kept_is_offered_without_the_network(linh: Phone) -> None:
    """It knew checklists by their digest alone."""
    script = """async ([base]) => {
        const { isPresent } = await import(`${base}present.js`);
        const kept = [{ digests: ["d1"] }, { checklists: ["doors d1"] }, { checklists: [] }, null];
        return kept.map((mine) => ["doors d1", "doors d2"].map((name) => isPresent(mine, name)));
    }"""
    old = new = [True, False]
    assert await run(linh, script) == [old, new, [False, False], [False, False]]


async def test_what_is_malformed_is_set_aside_and_goes_into_the_file(linh: Phone) -> None:
    """A row that is no form, or can't be sent, stops nothing: the others are there, and the file has all."""
    script = """async ([base]) => {
        const { Store } = await import(`${base}store.js`);
        const { contents } = await import(`${base}export.js`);
        const store = new Store();
        const form = { key: "good", kind: "form", state: "draft", answers: {}, actions: {}, started_at: "2026" };
        const unsendable = { ...form, key: "bodiless", state: "queued" };
        await store.keep(form, { key: "bad", state: 7 }, unsendable, { ...form, key: "odd", kind: "poem" });
        const file = JSON.parse(await contents(store));
        const unreadable = file.unreadable.map((row) => [row.key, row.state]);
        const found = [(await store.forms()).map((row) => row.key), file.forms.length, unreadable];
        for (const key of ["good", "bad", "bodiless", "odd"]) {
            await store.remove(key);
        }
        return found;
    }"""
    aside = [["bad", 7], ["bodiless", "queued"], ["odd", "draft"]]
    assert await run(linh, script) == [["good"], 1, aside]


async def test_without_https_it_says_online_only(linh: Phone) -> None:
    """From another address over plain HTTP there is no worker, no digest and no camera; the form says so."""
    await linh.page.evaluate(
        """async () => {
        const base = document.querySelector("script").src.replace("app.js", "");
        const { offline } = await import(`${base}offline.js`);
        Object.defineProperty(globalThis, "isSecureContext", { value: false, configurable: true });
        await offline({});
        delete globalThis.isSecureContext;
    }"""
    )
    await expect(linh.page.locator("#offline")).to_contain_text("Online only")
