"""What is to be made, as it is queued and kept between runs of the app."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hairstudio.guides import styles
from hairstudio.studio import wording
from hairstudio.studio.i18n import tr

ATTRIBUTES = {
    "bangs": "Bangs", "dye": "Colour", "hairline": "Hairline", "volume": "Volume", "fill": "Fill",
    "eyes": "Eyes", "brows": "Brows", "nose": "Nose", "mouth": "Mouth",
}  # fmt: skip


UNITS = {"share": "share", "IOD": "IOD", "IOD^2": "IOD²", "L*": "L*"}


def change(attribute: str, value: str) -> str:
    """What is done to a face, in the user's words; ``value`` may be the name of a donor."""
    if attribute == "bangs" and value in styles.names():
        return wording.style(value)
    if attribute == "dye":
        return wording.shade(value)
    return f"{tr(ATTRIBUTES.get(attribute, attribute))} {value}".strip()


class Order(msgspec.Struct, frozen=True):
    """What ``hairstudio lab pairs`` is asked for; files are paths; "" and None: its usual choice.
    ``cluster``: the address of Ray's head, "" = a process here."""

    photo: str
    attribute: str
    store: str
    value: str = ""
    donor: str = ""
    prior: str = ""
    schedule: str = "combined"
    steps: int | None = None
    seed: int = 0
    licence: str = "unknown"
    cluster: str = ""

    @property
    def name(self) -> str:
        what = change(self.attribute, self.value or Path(self.donor).stem)
        return f"{Path(self.photo).stem} · {what}"

    def arguments(self) -> list[str]:
        given = {"--attribute": self.attribute, "-o": self.store, "--value": self.value,
                 "--donor": self.donor, "--prior": self.prior, "--schedule": self.schedule,
                 "--steps": str(self.steps or ""), "--seed": str(self.seed),
                 "--licence": self.licence, "--cluster": self.cluster}  # fmt: skip
        options = [f"{name}={value}" if name != "-o" else f"-o{value}"
                   for name, value in given.items() if value]  # fmt: skip
        return ["hairstudio", "lab", "pairs", "--json", *options, self.photo]


class Kept(msgspec.Struct, frozen=True):
    """An order that is not done, and where its search stood."""

    order: Order
    state: str
    phase: str = "source"
    step: int = 0
    steps: int = 0
    reason: str = ""
