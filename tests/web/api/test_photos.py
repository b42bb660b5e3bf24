"""Photos: kept once, whole, and only those that a form names; seen by those who may see the zone."""

import os
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import httpx
import msgspec
import pytest

from monitor.app.command_protocol import Answer, Request, SentPhoto
from monitor.app.command_server import CommandServer
from monitor.cli import main
from monitor.journal.jpeg import bare
from monitor.journal.photos import LARGEST_PHOTO, Photos, photos_path
from tests.support.console import ConsoleSite
from tests.support.form import PASSES, form_body
from tests.support.jpeg import jpeg
from tests.support.source import source_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHOTO = jpeg()
DIGEST = sha256(PHOTO).hexdigest()


def at(digest: str) -> str:
    """Return the address of a photo."""
    return f"/api/v1/photos/{digest}"


async def names(site: ConsoleSite, client: httpx.AsyncClient, *digests: str) -> None:
    """Send a form that names photos."""
    items = [{"item": "exits-free", "result": "fail", "photos": list(digests)}, PASSES[1]]
    answer = await client.put(
        "/api/v1/inspections/one", content=form_body(site.line.clock.time, items)
    )
    assert answer.status_code == 201


async def test_a_photo_is_kept_once_and_seen_by_those_who_may(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """Form first, photos after; the phone asks what is lacking, and a repetition changes nothing."""
    early = await linh.put(at(DIGEST), content=PHOTO)
    await names(site, linh, DIGEST)
    asked = {"digests": [DIGEST, "0" * 64]}
    lacking = [(await linh.post("/api/v1/photos/lacking", json=asked)).json()["lacking"]]
    first = await linh.put(at(DIGEST), content=PHOTO)
    again = await linh.put(at(DIGEST), content=PHOTO)
    lacking.append((await linh.post("/api/v1/photos/lacking", json=asked)).json()["lacking"])

    assert [row.status_code for row in (early, first, again)] == [422, 201, 200]
    assert lacking == [[DIGEST, "0" * 64], ["0" * 64]]
    path = Photos(photos_path(site.line.journal.path)).path(DIGEST)
    assert path.stat().st_mode & 0o777 == 0o600
    async with site.client("viet") as viewer, site.client() as nobody:
        seen = await viewer.get(at(DIGEST))
        assert (await nobody.get(at(DIGEST))).status_code == 401
    assert seen.content == PHOTO
    assert seen.headers["content-type"] == "image/jpeg"
    assert "sandbox" in seen.headers["content-security-policy"]
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert seen.headers["cache-control"].startswith("private")


WRONG = {
    "no JPEG": (b"<script>alert(1)</script>", 415),
    "cut": (PHOTO[:-2], 422),
    "with a place": (jpeg(tag=b"GPS"), 422),
    "too wide": (jpeg(width=4097), 422),
    "too large": (jpeg(seed=b"\0" * LARGEST_PHOTO), 413),
    "no frame": (b"\xff\xd8\xff\xd9", 415),
}


@pytest.mark.parametrize(("content", "status"), WRONG.values(), ids=WRONG.keys())
async def test_what_is_no_clean_photo_is_refused(
    site: ConsoleSite, linh: httpx.AsyncClient, content: bytes, status: int
) -> None:
    """By its bytes, whatever its name says; nothing of it is kept."""
    digest = sha256(content).hexdigest()
    await names(site, linh, digest)
    answer = await linh.put(at(digest), content=content)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert not Photos(photos_path(site.line.journal.path)).has(digest)


async def test_a_photo_has_to_have_its_digest(site: ConsoleSite, linh: httpx.AsyncClient) -> None:
    """A half-sent one is not kept under the name of the whole."""
    await names(site, linh, DIGEST)
    answer = await linh.put(at(DIGEST), content=jpeg(seed=b"x"))
    assert answer.status_code == 422
    assert (await linh.put(at("..%2f..%2fetc"), content=PHOTO)).status_code in {404, 422}


async def test_photos_are_in_the_backup_and_verified(
    site: ConsoleSite, linh: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """The copy has them, and a changed one is found; what nothing names any more is removed."""
    await names(site, linh, DIGEST)
    await linh.put(at(DIGEST), content=PHOTO)
    journal = site.line.journal.path
    config, copy = journal.with_name("config.toml"), journal.with_name("copy.db")
    config.write_text(f'[journal]\npath = "{journal}"\n')

    assert main(["--config", str(config), "journal", "backup", str(copy)]) == 0
    assert Photos(copy.with_name("copy.db.photos")).read(DIGEST) == PHOTO
    photos = Photos(photos_path(journal))
    assert main(["--config", str(config), "journal", "verify"]) == 0
    photos.path(DIGEST).write_bytes(PHOTO + b"!")
    assert main(["--config", str(config), "journal", "verify"]) == 1
    assert f"photo {DIGEST}" in capsys.readouterr().err
    photos.path(DIGEST).unlink()
    assert main(["--config", str(config), "journal", "verify"]) == 1
    lost = f"photo {DIGEST}: its file is gone; check / exits-free of"
    assert lost in capsys.readouterr().err


async def test_a_photo_from_a_terminal_is_taken_as_over_http(
    site: ConsoleSite, linh: httpx.AsyncClient
) -> None:
    """The same checks and the same place; place and device are cut out before, and nothing else."""
    tagged = jpeg(tag=b"GPS 21.0278N", seed=b"t")
    clean = jpeg(seed=b"t")
    assert bare(tagged) == clean == bare(clean)
    assert bare(b"no photo") == b"no photo"
    digest = sha256(clean).hexdigest()
    answers = []
    with ExitStack() as stack:
        source = source_of(site.line)
        server = CommandServer(site.accounts, site.line.pipeline, dict, source, stack)

        async def send(content: bytes) -> Answer:
            photo = SentPhoto(digest=digest, content=content)
            body = msgspec.json.encode(Request(photo=photo, is_emergency=True))
            return await server.answer(body, os.geteuid())

        answers.append(await send(clean))
        await names(site, linh, digest)
        answers += [await send(tagged), await send(clean), await send(clean)]
    assert [row.accepted for row in answers] == [False, False, True, True], answers
    assert "No form names this photo" in answers[0].reason
    assert site.line.journal.photos.read(digest) == clean


async def test_the_room_of_photos_is_counted(tmp_path: Path) -> None:
    """Once from the folder, then by what comes and goes; a photo that comes again counts once."""
    photos, folder = Photos(tmp_path / "photos"), tmp_path / "photos"
    photos.keep(DIGEST, PHOTO)
    known = Photos(folder)
    sizes = [known.size()]
    for digest in ("0" * 64, DIGEST, "1" * 64):
        known.keep(digest, PHOTO)
        sizes.append(known.size())
    assert known.remove({DIGEST, "2" * 64}) == 1
    sizes.append(known.size())
    assert sizes == [len(PHOTO) * n for n in (1, 2, 2, 3, 2)]
    assert known.lost() == set()
    known.path("1" * 64).unlink()
    assert known.lost() == {"1" * 64}


async def test_a_folder_of_before_has_no_list_of_what_was_kept(tmp_path: Path) -> None:
    """What is there counts as kept from the next photo on; a line that a crash cut off harms no other."""
    old = tmp_path / "photos" / DIGEST[:2] / f"{DIGEST}.jpg"
    old.parent.mkdir(parents=True)
    old.write_bytes(PHOTO)
    photos = Photos(tmp_path / "photos")
    photos.keep("1" * 64, PHOTO)
    with (tmp_path / "photos" / "received").open("a") as file:
        file.write("2" * 30)
    photos.keep("3" * 64, PHOTO)
    for digest in (DIGEST, "1" * 64, "3" * 64):
        photos.path(digest).unlink()
    assert photos.lost() == {DIGEST, "1" * 64, "3" * 64}
