"""Direction fields on the canvas: which way strands run."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hairstudio.guides.strands import canvas, chance
from hairstudio.guides.strands.bangs_head import Head
from hairstudio.guides.strands.bangs_shape import swept
from hairstudio.guides.styles import Style
from hairstudio.imaging.filters import fast_blur, smoothstep
from hairstudio.imaging.geometry import Similarity

Array = NDArray[np.float32]

POLE = 0.70
"""Where meridians meet, IOD above the hairline."""
NOISE_WAVELENGTH = 0.4
ACROSS, ACROSS_REACH = 0.4, 0.45
"""How far hair swept aside leaves the hairline straight on, and how far below it, IOD."""
LEAVES = 0.06
"""Over the forehead hair leaves a part as if it came from so far beyond it, IOD."""
RISES = 0.3
"""Within this distance of a part with hair on one side only strands begin here and there, IOD."""
CLOSED = 0.12
"""How far down from the top of a bald head no part shows, IOD."""
LED, LED_SOFT = 0.6, 0.06
"""How fully roots follow the own hair, which is seen so softly, IOD,"""
ALIKE = 0.25, 0.75
"""where the cosine between the two ways is so much, a little and fully."""
SWEEP, SWEEPS, ACROSS_TEMPLE = 1.0, (-0.1, 0.35), 0.65
"""How far aside hair is swept into short hair beside the face, over its way down; how far below
the hairline this begins and is fully, IOD; and how far it leaves that straight on."""
STROKE_REACH, STROKE_GAIN = 0.08, 4.0
"""How far around a stroke hair follows it (IOD), and how fully."""


@dataclass(frozen=True, eq=False)
class Field:
    """``direction``: (HEIGHT, WIDTH, 2) unit vectors (du, dv), root to tip; ``blocked``:
    (HEIGHT, WIDTH) 1 where a strand traced back has reached its root (the part line), rising
    towards it: strands with shorter roots stop earlier."""

    direction: Array
    blocked: Array


def target(head: Head, style: Style, top: Array, parting: float) -> Field:
    """The style's field, led by the person's own flow near the roots; ``top``: (WIDTH,) v of the
    region's upper edge."""
    if style.field == "part":
        direction, blocked = _from_part(head, style, style.part + parting)
        direction = _out_of_hairline(direction, top)
    else:
        direction, blocked = _meridians(head, parting), np.zeros_like(canvas.V)
    direction = _swept(head, direction, top)
    lead = LED * fast_blur(head.hair, LED_SOFT * canvas.CELLS)
    own = align(head.flow, direction)
    # across the new hair the own has no way to go: it would turn back and forth there
    lead = lead * smoothstep(*ALIKE, (own * direction).sum(-1))
    mixed = direction + (own - direction) * lead[..., None]
    return Field(_normalised(mixed), blocked)


def combed(field: Field, strokes: Array, frame: Similarity) -> Field:
    """The field drawn along the user's strokes.

    ``strokes``: (h, w, 2) float32 vectors in the axes of a view, length 0..1 = how strongly;
    ``frame``: its pixels -> face frame.
    """
    on_canvas = fast_blur(canvas.gather(strokes, frame, 0.0), STROKE_REACH * canvas.CELLS)
    x, y = on_canvas[..., 0], on_canvas[..., 1]
    c, s = np.float32(frame.a / frame.scale), np.float32(frame.b / frame.scale)
    along = np.stack([c * x - s * y, s * x + c * y], -1)
    share = np.minimum(STROKE_GAIN * np.hypot(x, y), 1)[..., None]
    mixed = field.direction * (1 - share) + _normalised(along) * share
    return Field(_normalised(mixed), field.blocked)


def align(double_angle: Array, along: Array) -> Array:
    """Undirected double-angle vectors -> unit vectors that point like ``along``."""
    angle = 0.5 * np.arctan2(double_angle[..., 1], double_angle[..., 0])
    vectors = np.stack([np.cos(angle), np.sin(angle)], -1)
    sign = np.where((vectors * along).sum(-1) < 0, -1, 1).astype(np.float32)
    return vectors * sign[..., None]


def in_photo(direction: Array, frame: Similarity) -> Array:
    """Vectors in the face frame -> flow as a View has it: cos 2t, sin 2t, confidence 1."""
    x, y = cv2.split(direction)
    square = x * x + y * y + np.float32(1e-6)
    turn = 2 * np.arctan2(frame.b, frame.a)
    c, s = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    cos2, sin2 = (x * x - y * y) / square, 2 * x * y / square
    return cv2.merge([c * cos2 + s * sin2, c * sin2 - s * cos2, np.ones_like(x)])


def perturbed(direction: Array, degrees: float, seed: int) -> Array:
    """The field turned by smooth noise of the given standard deviation."""
    rows = int(canvas.HEIGHT * canvas.PITCH / NOISE_WAVELENGTH) + 3
    columns = int(canvas.WIDTH * canvas.PITCH / NOISE_WAVELENGTH) + 3
    lattice = chance.normals(seed, np.arange(rows * columns), 1).reshape(rows, columns)
    size = (canvas.WIDTH, canvas.HEIGHT)
    noise = cv2.resize(lattice, size, interpolation=cv2.INTER_CUBIC) * np.float32(
        np.radians(degrees)
    )
    c, s = np.cos(noise), np.sin(noise)
    x, y = direction[..., 0], direction[..., 1]
    return cv2.merge([x * c - y * s, x * s + y * c])


def _meridians(head: Head, parting: float) -> Array:
    """Meridians of an ellipse with its pole behind the hairline, widest at the brows.

    They are the level lines of frontal u over the ellipse's width, so they turn with the head;
    the pole lies on the head's axis, behind the forehead.
    """
    pole = head.crest - POLE
    x = np.clip((canvas.V - head.brow) / np.float32(head.brow - pole), -0.93, -0.1)
    behind = smoothstep(head.crest + 0.3, pole, canvas.V)
    shift = np.float32(np.sin(head.turn.yaw)) * behind - np.float32(parting) * (1 - behind)
    across = (canvas.U + shift).astype(np.float32)
    label = head.turn.frontal(across) / np.sqrt(1 - x * x)
    slope_v, slope_u = np.gradient(label)
    slope = np.clip(-slope_v / np.maximum(slope_u, 0.2 * canvas.PITCH), -1.2, 1.2)
    return _normalised(np.dstack([slope, np.ones_like(slope)]))


def _swept(head: Head, direction: Array, top: Array) -> Array:
    """Out of the hairline at the temples and then into short hair beside the face: straight down
    before it hair ends as a curtain."""
    line, aside = np.maximum(top, head.hairline), swept(head)
    if not head.bald:  # there hair comes from the crown
        share = ACROSS_TEMPLE * np.abs(aside) * (1 - smoothstep(*SWEEPS, canvas.V - line))
        direction = _normalised(direction + (_across(line) - direction) * share[..., None])
    direction[..., 0] += SWEEP * aside * smoothstep(*SWEEPS, canvas.V - line)
    return _normalised(direction)


def _from_part(head: Head, style: Style, part: float) -> tuple[Array, Array]:
    """Away from a part line, the further the more bent down."""
    top = head.brow - head.height
    away = canvas.U - np.float32(head.turn.apparent(part))
    both = style.side == 0 or head.bald
    side = np.where(away >= 0, 1, -1) if both else np.full_like(away, style.side)
    distance = np.maximum(away * side, 0.02)
    root_v = np.clip(canvas.V - 0.35, top - 0.55, top - 0.04)
    aside = (distance + LEAVES * smoothstep(top - 0.4, top, canvas.V)) * side
    radial = _normalised(np.dstack([aside, np.maximum(canvas.V - root_v, 0.1)]))
    fall = np.float32(style.sweep) * smoothstep(0.15, 1.15, distance)
    bend = 0.10 + fall * smoothstep(top - 0.1, head.brow, canvas.V)
    direction = radial * (1 - bend)[..., None]
    direction[..., 1] += bend
    blocked = np.abs(away) < 0.012 if both else away * style.side < 0.02
    ramp = 0.4 - 0.4 * smoothstep(0, 0.12, distance)
    if not both:  # hair of the other side lies beside it
        ramp = 0.46 - 0.18 * smoothstep(0, RISES, distance)
    rising = np.where(blocked, 1, ramp)
    if head.crest < top - CLOSED:  # at the top of the head hair closes over the part
        rising = rising * (head.crest + CLOSED < canvas.V)
    return _normalised(direction), rising


def _out_of_hairline(direction: Array, top: Array) -> Array:
    """Turned across the region's upper edge there: hair grows along all of the hairline and is
    swept aside below it, or else all roots would crowd at the part."""
    share = ACROSS * (1 - smoothstep(-0.10, ACROSS_REACH, canvas.V - top))[..., None]
    return _normalised(direction + (_across(top) - direction) * share)


def _across(line: Array) -> Array:
    """Unit vectors down across a (WIDTH,) line."""
    slope = np.gradient(cv2.GaussianBlur(line[None], (0, 0), 5)[0], canvas.PITCH)
    return _normalised(np.dstack([np.broadcast_to(-slope, canvas.V.shape), np.ones_like(canvas.V)]))


def _normalised(vectors: NDArray[np.floating]) -> Array:
    length = np.hypot(vectors[..., 0], vectors[..., 1]) + 1e-6
    return np.ascontiguousarray(vectors / length[..., None], np.float32)
