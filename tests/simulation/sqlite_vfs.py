"""A shim between SQLite and its file system, by which a simulated disk sees and alters what SQLite does to its files.

SQLite knows file systems as tables of functions (https://www.sqlite.org/vfs.html). This one leaves all but a few to the
real one, on whose files and structures it works.
"""

import ctypes
from collections.abc import Callable, Mapping
from ctypes import c_char_p, c_int, c_int64, c_void_p
from typing import Any, NamedTuple, Protocol

OK = 0
_NAME = b"simulated"

_VFS_FIELDS = (
    "xOpen xDelete xAccess xFullPathname xDlOpen xDlError xDlSym xDlClose xRandomness xSleep xCurrentTime xGetLastError"
    " xCurrentTimeInt64 xSetSystemCall xGetSystemCall xNextSystemCall"
)
_FILE_FIELDS = (
    "xClose xRead xWrite xTruncate xSync xFileSize xLock xUnlock xCheckReservedLock xFileControl xSectorSize"
    " xDeviceCharacteristics xShmMap xShmLock xShmBarrier xShmUnmap xFetch xUnfetch"
)


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        *((name, c_void_p) for name in _VFS_FIELDS.split()),
    ]


class _Methods(ctypes.Structure):
    _fields_ = [
        ("iVersion", c_int),
        *((name, c_void_p) for name in _FILE_FIELDS.split()),
    ]


class _File(ctypes.Structure):
    _fields_ = [("methods", ctypes.POINTER(_Methods))]


# Names stay addresses: SQLite keeps them, and has parameters behind their ends.
_OPEN = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_RANDOM = ctypes.CFUNCTYPE(c_int, c_void_p, c_int, c_void_p)
_CLOSE = ctypes.CFUNCTYPE(c_int, c_void_p)
_BYTES = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = ctypes.CFUNCTYPE(c_int, c_void_p, c_int)


class Disk(Protocol):
    """What decides on each operation: each returns SQLite's code of an error, or 0 to let it happen."""

    def read(self, path: str) -> int:
        """SQLite reads."""
        ...

    def write(self, path: str, offset: int, data: bytes) -> int:
        """SQLite writes."""
        ...

    def truncate(self, path: str, size: int) -> int:
        """SQLite cuts a file."""
        ...

    def sync(self, path: str) -> int:
        """SQLite syncs; the real file is not."""
        ...

    def delete(self, path: str) -> int:
        """SQLite deletes a file."""
        ...

    def random(self, size: int) -> bytes:
        """SQLite asks for random bytes."""
        ...


class _Open(NamedTuple):
    """An open file, and the real methods that work on it."""

    path: str
    real: Mapping[str, Callable[..., int]]


class SqliteVfs:
    """The shim, registered with the library that the module `sqlite3` uses; it is the default while a disk is set.

    Raises:
        RuntimeError: that module has its own SQLite inside, so that no file system can be registered with it.

    """

    def __init__(self) -> None:
        self.disk: Disk | None = None
        self._lib = ctypes.CDLL(_library())
        self._lib.sqlite3_vfs_find.restype = c_void_p
        self._lib.sqlite3_vfs_find.argtypes = [c_char_p]
        self._lib.sqlite3_vfs_register.argtypes = [c_void_p, c_int]
        self._lib.sqlite3_vfs_unregister.argtypes = [c_void_p]
        self._real: int = self._lib.sqlite3_vfs_find(None)
        real = _Vfs.from_address(self._real)
        self._real_open, self._real_delete = _OPEN(real.xOpen), _DELETE(real.xDelete)
        self._calls: Mapping[str, Any] = {
            "xOpen": _OPEN(self._open),
            "xDelete": _DELETE(self._delete),
            "xRandomness": _RANDOM(self._random),
        }
        self._vfs = _Vfs.from_buffer_copy(real)
        self._vfs.zName = _NAME
        self._vfs.pNext = None
        for name, call in self._calls.items():
            setattr(self._vfs, name, ctypes.cast(call, c_void_p).value)
        self._files: dict[int, _Open] = {}
        """The open files by their address."""
        self._wrapped: dict[int, tuple[_Methods, Mapping[str, Callable[..., int]]]] = {}
        """The methods that stand in the place of real ones, by the address of these, and the real ones."""
        self._file_calls: Mapping[str, Any] = {
            "xClose": _CLOSE(self._close),
            "xRead": _BYTES(self._read),
            "xWrite": _BYTES(self._write),
            "xTruncate": _TRUNCATE(self._truncate),
            "xSync": _SYNC(self._sync),
        }

    def use(self, disk: Disk | None) -> None:
        """Let a disk decide from now on; ``None``: leave everything to the real file system."""
        self.disk = disk
        if disk is None:
            self._lib.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
        else:
            self._lib.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)
            self._lib.sqlite3_randomness(0, None)  # its random numbers begin anew with `random`

    # Called by SQLite -----------------------------------------------------------------------------------------------

    def _open(self, _: int, name: int | None, file: int, flags: int, out: int) -> int:
        code = self._real_open(self._real, name, file, flags, out)
        if code == OK and name is not None:
            opened = _File.from_address(file)
            address = ctypes.addressof(opened.methods.contents)
            if address not in self._wrapped:
                self._wrapped[address] = self._wrap(opened.methods.contents)
            methods, real = self._wrapped[address]
            self._files[file] = _Open(ctypes.string_at(name).decode(), real)
            opened.methods = ctypes.pointer(methods)
        return int(code)

    def _wrap(self, real: _Methods) -> tuple[_Methods, Mapping[str, Callable[..., int]]]:
        methods = _Methods.from_buffer_copy(real)
        for name, call in self._file_calls.items():
            setattr(methods, name, ctypes.cast(call, c_void_p).value)
        calls = {name: type(call)(getattr(real, name)) for name, call in self._file_calls.items()}
        return methods, calls

    def _close(self, file: int) -> int:
        return self._files.pop(file).real["xClose"](file)

    def _read(self, file: int, buffer: int, size: int, offset: int) -> int:
        opened = self._files[file]
        if self.disk is not None and (code := self.disk.read(opened.path)):
            return code
        return opened.real["xRead"](file, buffer, size, offset)

    def _write(self, file: int, buffer: int, size: int, offset: int) -> int:
        opened = self._files[file]
        if self.disk is not None:
            code = self.disk.write(opened.path, offset, ctypes.string_at(buffer, size))
            if code:
                return code
        return opened.real["xWrite"](file, buffer, size, offset)

    def _truncate(self, file: int, size: int) -> int:
        opened = self._files[file]
        if self.disk is not None and (code := self.disk.truncate(opened.path, size)):
            return code
        return opened.real["xTruncate"](file, size)

    def _sync(self, file: int, flags: int) -> int:
        opened = self._files[file]
        if self.disk is not None:
            return self.disk.sync(opened.path)
        return opened.real["xSync"](file, flags)

    def _delete(self, _: int, name: int, sync: int) -> int:
        if self.disk is not None and (code := self.disk.delete(ctypes.string_at(name).decode())):
            return code
        return int(self._real_delete(self._real, name, sync))

    def _random(self, _: int, size: int, out: int) -> int:
        data = bytes(size) if self.disk is None else self.disk.random(size)
        ctypes.memmove(out, data, size)
        return size


def _library() -> str:
    """Return the path of the SQLite library that the module `sqlite3` has loaded."""
    import sqlite3  # noqa: F401, PLC0415 - loads it

    with open("/proc/self/maps") as maps:  # noqa: PTH123 - a file of the kernel
        found = {line.split()[-1] for line in maps if "libsqlite3.so" in line}
    if not found:
        raise RuntimeError("Python's sqlite3 has its own SQLite inside: use the system's Python")
    return found.pop()
