"""The document: a photo and its ordered edits in a ``.hairstudio`` file.

A zip with ``manifest.json``, ``regions/N.png`` (8-bit grey masks of the photo's size),
``references/N.*`` (photos whose hair is taken: always inside, so that a document opens elsewhere)
and optionally the photo's own file. Members are only read by the names in the manifest and only
into memory, so a hostile archive can neither place files nor exhaust the machine.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path, PurePath
from typing import Annotated

import msgspec

from hairstudio.editing import edits as edits_json
from hairstudio.editing import masks, references
from hairstudio.editing.edits import Edits, ReferenceId, RegionId
from hairstudio.editing.masks import Mask, Regions
from hairstudio.editing.references import Reference, References
from hairstudio.errors import UserError
from hairstudio.files import atomic_write
from hairstudio.imaging.photo import Photo, read_photo

SCHEMA = 1
SUFFIX = ".hairstudio"
MAX_MANIFEST = 4 << 20
MAX_MASK = 256 << 20
MAX_PHOTO = 2 << 30

Member = Annotated[str, msgspec.Meta(pattern=r"^regions/\d{1,4}\.png$")]
ReferenceMember = Annotated[str, msgspec.Meta(pattern=r"^references/\d{1,4}(\.[A-Za-z0-9]{1,5})?$")]
PhotoMember = Annotated[str, msgspec.Meta(pattern=r"^photo(\.[A-Za-z0-9]{1,5})?$")]


class _PhotoEntry(msgspec.Struct, frozen=True):
    path: str
    sha256: str
    size: tuple[int, int]
    embedded: PhotoMember | None = None


class _ReferenceEntry(msgspec.Struct, frozen=True):
    path: str
    sha256: str
    embedded: ReferenceMember


class _Manifest(msgspec.Struct, frozen=True):
    schema: int
    photo: _PhotoEntry
    edits: msgspec.Raw
    face: Annotated[int, msgspec.Meta(ge=0)] = 0
    protect: Member | None = None
    regions: dict[RegionId, Member] = {}
    references: dict[ReferenceId, _ReferenceEntry] = {}


class _Schema(msgspec.Struct, frozen=True):
    schema: int


@dataclass(frozen=True, eq=False)
class Document:
    """A photo, which of its faces, the edits in order, the protect mask ((H, W) uint8), the
    painted regions by number (the same) and the reference photos by number."""

    photo: Photo
    edits: Edits
    face: int = 0
    protect: Mask | None = None
    regions: Regions = field(default_factory=dict[int, Mask])
    references: References = field(default_factory=dict[int, Reference])


def save(
    document: Document, path: Path, *, embed_photo: bool = False, overwrite: bool = False
) -> None:
    """Write the document, atomically. The photo's path is kept relative to the document."""
    with (
        atomic_write(path, overwrite=overwrite) as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        manifest = _manifest(document, path, embed_photo)
        archive.writestr("manifest.json", msgspec.json.format(msgspec.json.encode(manifest)))
        if manifest.protect and document.protect is not None:
            archive.writestr(manifest.protect, masks.encode(document.protect))
        for number, member in manifest.regions.items():
            archive.writestr(member, masks.encode(document.regions[number]))
        for number, entry in manifest.references.items():
            data = document.references[number].data
            archive.writestr(entry.embedded, data, zipfile.ZIP_STORED)
        if manifest.photo.embedded and document.photo.path:
            archive.write(document.photo.path, manifest.photo.embedded, zipfile.ZIP_STORED)


def _manifest(document: Document, path: Path, embed_photo: bool) -> _Manifest:
    photo = document.photo
    file = photo.path or PurePath("photo")
    names = (f"regions/{index}.png" for index in count(1))
    return _Manifest(
        schema=SCHEMA,
        photo=_PhotoEntry(
            path=_relative(Path(file), path.resolve().parent),
            sha256=photo.sha256,
            size=photo.size,
            embedded=f"photo{file.suffix}" if embed_photo else None,
        ),
        edits=msgspec.Raw(edits_json.dumps(document.edits)),
        face=document.face,
        protect=next(names) if document.protect is not None else None,
        regions=dict(zip(document.regions, names, strict=False)),
        references={n: _reference_entry(n, r) for n, r in document.references.items()},
    )


def _reference_entry(number: int, reference: Reference) -> _ReferenceEntry:
    member = f"references/{number}{_plain_suffix(reference.name)}"
    return _ReferenceEntry(reference.name, reference.photo.sha256, member)


def _plain_suffix(name: str) -> str:
    suffix = PurePath(name).suffix
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) < 7 else ""


def _relative(file: Path, folder: Path) -> str:
    file = file.resolve()
    try:
        relative = PurePath(os.path.relpath(file, folder))
    except ValueError:  # another drive
        return str(file)
    return relative.as_posix().encode(errors="replace").decode()  # old names may be no Unicode


def load(path: Path) -> Document:
    """Open a document with its photo, masks and edits.

    The photo is looked for where the document says, then beside the document, then inside it.
    Raises UserError: not a document, made by a newer version, photo missing or changed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, path)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise UserError(f"{path}: not a HairStudio document, or damaged") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror or error}") from error


def _read(archive: zipfile.ZipFile, path: Path) -> Document:
    manifest = _read_manifest(archive, path)
    edits = edits_json.loads(bytes(manifest.edits), f"{path}: edits")
    photo = _photo(archive, manifest.photo, path)

    def mask(member: str) -> Mask:
        data = _member(archive, member, MAX_MASK, path)
        return masks.decode(data, photo.size, f"{path}: {member}")

    protect = None if manifest.protect is None else mask(manifest.protect)
    regions = {number: mask(member) for number, member in manifest.regions.items()}
    found = {number: _reference(archive, entry, path)
             for number, entry in manifest.references.items()}  # fmt: skip
    return Document(photo, edits, manifest.face, protect, regions, found)


def _reference(archive: zipfile.ZipFile, entry: _ReferenceEntry, path: Path) -> Reference:
    data = _member(archive, entry.embedded, MAX_PHOTO, path)
    photo = references.unpacked(data, PurePath(entry.embedded).suffix)
    if photo.sha256 != entry.sha256:
        raise UserError(f"{path}: {entry.embedded} is not the photo that was saved")
    return Reference(entry.path, data, photo)


def _read_manifest(archive: zipfile.ZipFile, path: Path) -> _Manifest:
    data = _member(archive, "manifest.json", MAX_MANIFEST, path)
    try:
        schema = msgspec.json.decode(data, type=_Schema).schema
        if schema > SCHEMA:
            raise UserError(f"{path}: made by a newer HairStudio (schema {schema}); update first")
        return msgspec.json.decode(data, type=_Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: manifest.json: {error}") from error


def _member(archive: zipfile.ZipFile, name: str, limit: int, path: Path) -> bytes:
    """One member's bytes, refused before unpacking when it says that it is too large."""
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise UserError(f"{path}: not a HairStudio document ({name} is missing)") from error
    if info.file_size > limit:
        raise UserError(f"{path}: {name} is too large ({info.file_size} bytes)")
    with archive.open(info) as member:
        return member.read(limit)


def _photo(archive: zipfile.ZipFile, entry: _PhotoEntry, path: Path) -> Photo:
    named = path.parent / entry.path
    beside = path.parent / PurePath(entry.path.replace("\\", "/")).name
    found = next((file for file in (named, beside) if file.is_file()), None)
    if found is not None:
        photo = read_photo(found)
    elif entry.embedded:
        data = _member(archive, entry.embedded, MAX_PHOTO, path)
        photo = references.unpacked(data, PurePath(entry.embedded).suffix)
        photo = replace(photo, path=beside)  # so results go beside the document
    else:
        raise UserError(f"{path}: its photo {named} is missing; put it beside the document")
    if photo.sha256 != entry.sha256 or photo.size != entry.size:
        raise UserError(f"{path}: its photo {photo.path} has changed since the document was saved")
    return photo
