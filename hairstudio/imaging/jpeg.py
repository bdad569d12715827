"""JPEG in, JPEG out: the source's own coefficients wherever nothing was edited."""

from __future__ import annotations

import struct
import tempfile
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import jpeglib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hairstudio.imaging.kernels import kernel
from hairstudio.imaging.metadata import EXIF_PREFIX, without_thumbnail

Stored = NDArray[np.uint8]

_SOF = {0xC0, 0xC1, 0xC2}  # Huffman coded, the kinds that libjpeg 6b reads
_SOS, _COM, _ADOBE = 0xDA, 0xFE, 0xEE
_APP = range(0xE0, 0xF0)
_BT601 = np.array(
    [[0.299, 0.587, 0.114], [-0.168735892, -0.331264108, 0.5], [0.5, -0.418687589, -0.081312411]],
    np.float32,
)
"""R'G'B' -> Y'CbCr of JFIF 1.02; Cb and Cr without their +128, which the level shift takes away."""
_angles = (2 * np.arange(8) + 1) * np.arange(8)[:, None] * np.pi / 16
_DCT = (np.cos(_angles) * np.where(np.arange(8)[:, None] == 0, np.sqrt(0.125), 0.5)).astype(
    np.float32
)


def reencode(source: bytes, before: Stored, after: Stored) -> tuple[bytes, bool]:
    """The JPEG ``source`` with its pixels ``before`` replaced by ``after``.

    Both (H, W, 3) uint8 RGB in the stored orientation. Blocks of 8 x 8 coefficients under
    pixels that differ are encoded anew with the source's tables and subsampling; all others are
    the source's own, so the decoded picture is the same but for 2 px around the new blocks (the
    decoder's chroma interpolation). Application segments (EXIF, ICC, XMP, IPTC) are copied,
    except an EXIF thumbnail (blanked) and multi-picture data (its offsets would be wrong).

    Returns the file and True; CMYK, arithmetic coding, odd subsampling and coefficients that are
    damaged are encoded anew throughout with the source's tables: False.
    """
    header = _Header.of(source)
    if len(header.ids) == 1 and _is_coloured(after):
        header = replace(header, ids=b"\1\2\3", metadata=_without_profile(header.metadata))
    recoded = _recoded(source, header, before, after) if header.transplantable else None
    if recoded is None:
        return _plain(source, header, after), False
    return _spliced(recoded, header.metadata, header.ids), True


def _recoded(source: bytes, header: _Header, before: Stored, after: Stored) -> bytes | None:
    """jpeglib takes and gives files; None when it cannot carry the coefficients."""
    with tempfile.TemporaryDirectory() as folder:
        name = Path(folder) / "picture.jpg"
        name.write_bytes(header.without_metadata(source))
        try:
            picture: Any = jpeglib.read_dct(str(name))
            picture.load()
            if not all(picture.qt[number].all() for number in picture.quant_tbl_no):
                return None
            if len(header.ids) > picture.num_components:
                _add_chroma(picture)
            _transplant(picture, before, after)
            picture.content = picture.markers = None
            picture.write_dct(str(name), flags=["+OPTIMIZE_CODING"])
        except OSError:
            return None
        return name.read_bytes()


def _transplant(picture: Any, before: Stored, after: Stored) -> None:
    components = [picture.Y, picture.Cb, picture.Cr][: picture.num_components]
    tables = [picture.qt[number] for number in picture.quant_tbl_no]
    if picture.jpeg_color_space is jpeglib.Colorspace.JCS_RGB:
        weights, shift = np.eye(3, dtype=np.float32), [128, 128, 128]
    else:
        weights, shift = _BT601, [128, 0, 0]
    steps = np.max(picture.samp_factor, axis=0) // picture.samp_factor
    for i, blocks in enumerate(components):
        table = np.ascontiguousarray(tables[i], np.float32)
        step_y, step_x = int(steps[i][0]), int(steps[i][1])
        _encode_component(
            before, after, blocks, weights[i], shift[i], table, _DCT, step_y, step_x
        )  # fmt: skip
    picture.qt, picture.quant_tbl_no = np.stack(tables), np.arange(len(tables))


def _is_coloured(pixels: Stored) -> bool:
    return bool((pixels[..., :2] != pixels[..., 1:]).any())


def _add_chroma(picture: Any) -> None:
    """A grey picture as Y'CbCr without colour: decodes to the same greys."""
    picture.Cb, picture.Cr = np.zeros_like(picture.Y), np.zeros_like(picture.Y)
    picture.jpeg_color_space = jpeglib.Colorspace.JCS_YCbCr
    picture.block_dims = np.repeat(picture.block_dims, 3, axis=0)
    picture.samp_factor = np.ones((3, 2), np.int32)
    picture.quant_tbl_no = np.repeat(picture.quant_tbl_no, 3)


@kernel()
def _encode_component(
    before: Stored,
    after: Stored,
    blocks: NDArray[np.int16],
    weights: NDArray[np.float32],
    shift: float,
    table: NDArray[np.float32],
    dct: NDArray[np.float32],
    step_y: int,
    step_x: int,
) -> None:
    """Replace those (rows, columns, 8, 8) ``blocks`` that lie under changed pixels."""
    samples = np.empty((8, 8), np.float32)
    for row in range(blocks.shape[0]):
        for column in range(blocks.shape[1]):
            top, left = row * 8 * step_y, column * 8 * step_x
            if _differs(before, after, top, left, 8 * step_y, 8 * step_x):
                _sample(after, samples, weights, shift, top, left, step_y, step_x)
                _quantise(samples, dct, table, blocks[row, column])


@kernel()
def _differs(before: Stored, after: Stored, top: int, left: int, height: int, width: int) -> bool:
    for y in range(top, min(top + height, before.shape[0])):
        for x in range(left, min(left + width, before.shape[1])):
            for c in range(3):
                if before[y, x, c] != after[y, x, c]:
                    return True
    return False


@kernel()
def _sample(
    pixels: Stored,
    samples: NDArray[np.float32],
    weights: NDArray[np.float32],
    shift: float,
    top: int,
    left: int,
    step_y: int,
    step_x: int,
) -> None:
    """One component of 8 x 8 samples: means of step_y x step_x pixels, picture edge repeated."""
    last_y, last_x = pixels.shape[0] - 1, pixels.shape[1] - 1
    area = np.float32(step_y * step_x)
    for k in range(64):
        i, j = k // 8, k % 8
        total = np.float32(0)
        for dy in range(step_y):
            y = min(top + i * step_y + dy, last_y)
            for dx in range(step_x):
                x = min(left + j * step_x + dx, last_x)
                r, g, b = pixels[y, x, 0], pixels[y, x, 1], pixels[y, x, 2]
                total += weights[0] * r + weights[1] * g + weights[2] * b
        samples[i, j] = total / area - shift


@kernel()
def _quantise(
    samples: NDArray[np.float32],
    dct: NDArray[np.float32],
    table: NDArray[np.float32],
    block: NDArray[np.int16],
) -> None:
    """block = round(D samples D' / table), within the 10 bits that baseline can code."""
    half = np.empty((8, 8), np.float32)
    for i in range(8):
        for j in range(8):
            half[i, j] = 0
            for k in range(8):
                half[i, j] += dct[i, k] * samples[k, j]
    for i in range(8):
        for j in range(8):
            total = np.float32(0)
            for k in range(8):
                total += half[i, k] * dct[j, k]
            block[i, j] = min(max(np.rint(total / table[i, j]), -1023), 1023)


def _plain(source: bytes, header: _Header, pixels: Stored) -> bytes:
    with Image.open(BytesIO(source)) as image:
        tables: Any = dict(getattr(image, "quantization", {}))
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", qtables=tables, subsampling=0)
    kept = [segment for segment in header.metadata if segment[1] != _ADOBE]
    if len(header.ids) != 3:
        kept = _without_profile(kept)
    return _spliced(out.getvalue(), kept, None)


def _without_profile(segments: list[bytes]) -> list[bytes]:
    """A profile for grey or CMYK does not describe the RGB that we write instead."""
    return [segment for segment in segments if segment[4:16] != b"ICC_PROFILE\0"]


@dataclass(frozen=True, slots=True)
class _Header:
    """What stands before the first scan."""

    frame: int
    precision: int
    ids: bytes
    factors: tuple[tuple[int, int], ...]
    metadata: list[bytes]
    removable: list[tuple[int, int]]

    @classmethod
    def of(cls, data: bytes) -> _Header:
        segments = _segments(data)
        frame = next(s for s in segments if 0xC0 <= data[s[0] + 1] <= 0xCF and _is_frame(data, s))
        at = frame[0] + 4
        parts = [data[i : i + 3] for i in range(at + 6, frame[1], 3)]
        named = [s for s in segments if _is_metadata(data[s[0] + 1])]
        return cls(
            frame=data[frame[0] + 1],
            precision=data[at],
            ids=bytes(part[0] for part in parts),
            factors=tuple((part[1] & 15, part[1] >> 4) for part in parts),
            metadata=[kept for s in named if (kept := _kept(data[s[0] : s[1]]))],
            removable=[s for s in named if data[s[0] + 1] not in (0xE0, _ADOBE)],
        )

    @property
    def transplantable(self) -> bool:
        tallest = max(v for v, _ in self.factors)
        widest = max(h for _, h in self.factors)
        whole = all(tallest % v == 0 and widest % h == 0 for v, h in self.factors)
        return whole and self.frame in _SOF and self.precision == 8 and len(self.factors) in (1, 3)

    def without_metadata(self, data: bytes) -> bytes:
        """Only what the decoder needs: jpeglib stops at 50 segments."""
        parts: list[bytes] = []
        at = 0
        for start, end in self.removable:
            parts.append(data[at:start])
            at = end
        return b"".join([*parts, data[at:]])


def _segments(data: bytes) -> list[tuple[int, int]]:
    """(start, end) of every marker segment from SOI up to and with the first scan's header."""
    found: list[tuple[int, int]] = []
    at = 2
    while at + 4 <= len(data):
        if data[at + 1] == 0xFF:  # fill byte
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        found.append((at, at + 2 + length))
        if data[at + 1] == _SOS:
            break
        at += 2 + length
    return found


def _is_frame(data: bytes, segment: tuple[int, int]) -> bool:
    return data[segment[0] + 1] not in (0xC4, 0xC8, 0xCC)  # tables share the range


def _is_metadata(marker: int) -> bool:
    return marker in _APP or marker == _COM


def _kept(segment: bytes) -> bytes:
    """The segment as it goes into the new file; empty for what cannot stay."""
    if segment[1] == 0xE1 and segment[4:10] == EXIF_PREFIX:
        return segment[:10] + without_thumbnail(segment[10:])
    if segment[1] == 0xE2 and segment[4:8] == b"MPF\0":
        return b""
    return segment


def _spliced(encoded: bytes, metadata: list[bytes], ids: bytes | None) -> bytes:
    """``encoded`` with the source's metadata segments and component numbers."""
    parts = [encoded[:2], *metadata]
    end = 2
    for start, end in _segments(encoded):
        segment = bytearray(encoded[start:end])
        marker = segment[1]
        if _is_metadata(marker):
            continue
        if ids is not None and (marker in _SOF or marker == _SOS):
            first, stride = (10, 3) if marker in _SOF else (5, 2)
            for i, number in enumerate(ids):
                segment[first + stride * i] = number
        parts.append(bytes(segment))
    return b"".join([*parts, encoded[end:]])
