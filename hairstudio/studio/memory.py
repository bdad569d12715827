"""What the app remembers between runs: recent files, folders, presets, theme, the pen."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hairstudio import settings
from hairstudio.editing.edits import Edits
from hairstudio.studio.lab.order import Kept

RECENT = 10


class Preset(msgspec.Struct, frozen=True):
    """Edits under a name; painted regions are not part of it."""

    name: str
    edits: Edits


class Memory(msgspec.Struct, frozen=True):
    theme: str = "system"
    recent: tuple[str, ...] = ()
    folder: str = ""
    export_folder: str = ""
    presets: tuple[Preset, ...] = ()
    surround: int = 1
    style: str = "full"
    lab_store: str = ""
    lab_queue: tuple[Kept, ...] = ()

    def opened(self, path: Path) -> Memory:
        """With ``path`` as the latest file."""
        name = str(path.resolve())
        rest = tuple(each for each in self.recent if each != name)
        return msgspec.structs.replace(
            self, recent=(name, *rest)[:RECENT], folder=str(path.resolve().parent)
        )

    def with_preset(self, preset: Preset) -> Memory:
        rest = tuple(each for each in self.presets if each.name != preset.name)
        return msgspec.structs.replace(self, presets=(*rest, preset))


def file() -> Path:
    return settings.data_folder() / "studio.json"


def load() -> Memory:
    """What the last run left; a fresh memory when it cannot be read."""
    try:
        return msgspec.json.decode(file().read_bytes(), type=Memory)
    except (OSError, msgspec.DecodeError):
        return Memory()


def encoded(memory: Memory) -> bytes:
    return msgspec.json.format(msgspec.json.encode(memory))
