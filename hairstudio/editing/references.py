"""Reference photos: whose hair an edit takes its colours and texture from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hairstudio.errors import UserError
from hairstudio.imaging.photo import Photo, read_photo
from hairstudio.portrait.analysis import Analysis
from hairstudio.portrait.parsing import Class

LEAST_HAIR = 0.05  # IOD^2 of hair: less is no sample


@dataclass(frozen=True, eq=False)
class Reference:
    """``name``: the file as the user named it; ``data``: the whole file, kept in documents;
    ``photo``: what it shows."""

    name: str
    data: bytes
    photo: Photo

    def check(self, analysis: Analysis) -> None:
        """Raise UserError when there is too little hair in the reference's analysis."""
        hair = (analysis.probability(Class.HAIR) > 200).sum()
        if hair < LEAST_HAIR * (analysis.iod * analysis.grid.scale) ** 2:
            raise UserError(f"{self.name}: no hair in this photo to take for --hair-from")


References = Mapping[int, Reference]  # by number


def read(path: Path) -> Reference:
    """Raises UserError naming the file."""
    photo = read_photo(path)
    return Reference(str(path), path.read_bytes(), photo)


def unpacked(data: bytes, suffix: str) -> Photo:
    """The photo in a file's bytes; ``suffix`` of its name tells formats apart."""
    with TemporaryDirectory(prefix="hairstudio-") as folder:
        file = Path(folder) / f"photo{suffix}"
        file.write_bytes(data)
        return read_photo(file)
