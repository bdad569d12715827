"""What can be typed. Imports nothing heavy, so that ``--help`` is instant."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from hairstudio import __version__

_PLAINLY = (
    (r"^argument (\S+): expected .* argument$", r"\1: its value is missing"),
    (r"^argument (\S+): ", r"\1: "),
    (r"^the following arguments are required: (.*)$", r"\1 is missing; see --help"),
    (r"^unrecognized arguments: ", "unknown: "),
)
"""argparse's words and ours."""

ATTRIBUTES = ("dye", "hairline", "bangs", "volume", "fill", "eyes", "brows", "nose", "mouth")
LAB_SCHEDULES = ("combined", "projector", "pulse", "mask-guided")
DIRECT_METHODS = ("ganspace", "ganspace-activations", "interfacegan", "stylespace")
"""Of the lab; its own modules load torch."""

APP = "studio"
"""The verb that nobody types."""


class _Parser(argparse.ArgumentParser):
    """Reports a wrong argument in one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        for technical, plain in _PLAINLY:
            message = re.sub(technical, plain, message)
        self.exit(2, f"{self.prog}: {message}\n")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of one command; ``verb`` names it. Leaves the process for --help and mistakes."""
    parser = _Parser(
        prog="hairstudio", usage="%(prog)s [-h] [--version] [PHOTO | DOCUMENT | COMMAND ...]",
        description="Change hair in portrait photographs. Without a command the app opens, with "
        "the PHOTO or DOCUMENT if one is given.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"hairstudio {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="COMMAND")
    _edit(verbs.add_parser("edit", help="change hair in one or more photos"))
    _render(verbs.add_parser("render", help="write the photo of a document with its edits"))
    _analyze(verbs.add_parser("analyze", help="show what is found in a photo"))
    _weights(verbs.add_parser("weights", help="get and check the model files"))
    _bench(verbs.add_parser("bench", help="measure speed and memory"))
    verbs.add_parser("doctor", help="check this installation")
    _evaluate(verbs.add_parser("evaluate", help="for the lab: how good the networks are"))
    _lab(verbs.add_parser("lab", help="for the lab: make pairs of portraits to learn from"))
    _train(verbs.add_parser("train", help="for the lab: train the networks"))
    given = sys.argv[1:] if arguments is None else arguments
    app = not given or (given[0] not in verbs.choices and not given[0].startswith("-"))
    if app or given[0] == "--lab":
        return _app().parse_args(given)
    return parser.parse_args(given)


def _app() -> argparse.ArgumentParser:
    """For a call without a command."""
    parser = _Parser(prog="hairstudio")
    parser.add_argument("--lab", action="store_true", help="open the data lab")
    parser.add_argument("path", nargs="?", metavar="PHOTO|DOCUMENT", type=Path)
    parser.set_defaults(verb=APP)
    return parser


def _edit(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("photos", nargs="*", metavar="PHOTO", type=Path, help="files or folders")
    _output(verb, "file, or folder for several photos (default: NAME-edited beside the photo)")
    verb.add_argument("--face", type=_face, metavar="N", default=1, help="1 = largest (default)")
    verb.add_argument("--hairline", type=_between(-1, 1), metavar="V",
                      help="-1..1: negative lowers the hairline, positive raises it")  # fmt: skip
    verb.add_argument("--color", metavar="NAME|RRGGBB", help="hair colour (see --list-styles)")
    verb.add_argument("--roots", type=_between(0, 1), metavar="V", default=0.0,
                      help="0..1: keep the roots darker in the new colour")  # fmt: skip
    verb.add_argument("--bangs", metavar="STYLE", help="draw a fringe (see --list-styles)")
    verb.add_argument("--region", type=Path, metavar="MASK.png",
                      help="8-bit grey, photo size: bangs grow where it is white")  # fmt: skip
    verb.add_argument("--volume", type=_between(-1, 1), metavar="V",
                      help="-1..1: positive makes the hair fuller, negative flatter")  # fmt: skip
    verb.add_argument("--fill", type=Path, metavar="MASK.png",
                      help="8-bit grey, photo size: white is filled with hair")  # fmt: skip
    verb.add_argument("--hair-from", type=Path, metavar="PHOTO",
                      help="bangs and fills look like the hair in this photo")  # fmt: skip
    verb.add_argument("--strength", type=_between(0, 1), metavar="S", default=1.0,
                      help="0..1: how much of each edit given here (default 1)")  # fmt: skip
    verb.add_argument("--seed", type=_seeds, metavar="N[,N...]", default=(0,),
                      help="another variation; several write OUT-sN each")  # fmt: skip
    verb.add_argument("--edits", type=Path, metavar="E.json", help="a list of edits, applied first")
    verb.add_argument("--protect", type=Path, metavar="MASK.png",
                      help="8-bit grey, photo size: white is never changed")  # fmt: skip
    _engine(verb)
    verb.add_argument("--layer", type=Path, metavar="OUT.png|.psd|.ora",
                      help="also write the edits as one layer, or one each")  # fmt: skip
    verb.add_argument(
        "--document", type=Path, metavar="D", help="also write a .hairstudio document"
    )
    verb.add_argument(
        "--list-styles", action="store_true", help="show the names of bangs and colours"
    )


def _render(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("source", metavar="DOCUMENT", type=Path, help="a .hairstudio file")
    verb.set_defaults(document=None)
    _output(verb, "file or folder (default: NAME-edited beside the photo)")
    _engine(verb)
    verb.add_argument("--layer", type=Path, metavar="OUT.png|.psd|.ora",
                      help="also write the edits as one layer, or one each")  # fmt: skip


def _output(verb: argparse.ArgumentParser, text: str) -> None:
    verb.add_argument("-o", "--output", type=Path, metavar="OUT|DIR", help=text)
    verb.add_argument("--force", action="store_true", help="replace files that exist")
    verb.add_argument("--report", type=Path, metavar="R.json", help="write what was done and how")


def _engine(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--engine", choices=["auto", "fused", "guide"], default="auto",
                      help="who draws: the trained network where there is one (auto), the network "
                      "or an error (fused), the guide alone")  # fmt: skip
    verb.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto",
                      help="what the network runs on")  # fmt: skip


def _analyze(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("photo", metavar="PHOTO", type=Path)
    verb.add_argument("--face", type=_face, metavar="N", default=1, help="1 = largest (default)")
    verb.add_argument("--json", action="store_true", help="for other programs")
    verb.add_argument("--overlay", type=Path, metavar="OUT.png", help="draw it over the photo")
    verb.add_argument("--force", action="store_true", help="replace files that exist")


def _weights(verb: argparse.ArgumentParser) -> None:
    actions = verb.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="the model files, their state and licences")
    actions.add_parser("fetch", help="download what is missing")
    actions.add_parser("verify", help="read all files again and compare them")
    given = actions.add_parser("import", help="take in files that you fetched elsewhere")
    given.add_argument("files", nargs="+", metavar="FILE", type=Path)
    given.add_argument("--as", dest="role", choices=["prior", "perceptual"],
                       help="prior: a StyleGAN2 of another project (.pkl, .pt, .pth); perceptual:"
                       " torchvision's VGG16 and, after it, LPIPS's weights (.pth)")  # fmt: skip


def _bench(verb: argparse.ArgumentParser) -> None:
    subjects = verb.add_subparsers(dest="subject", metavar="SUBJECT", required=True)
    edit = subjects.add_parser("edit", help="hairline and colour, preview and final")
    app = subjects.add_parser("app", help="the window: gaps, previews, brush")
    nets = subjects.add_parser("nets", help="the generator and the fused editor")
    nets.add_argument("--compile", action="store_true",
                      help="through torch.compile; needs a C++ compiler")  # fmt: skip
    nets.add_argument("--peer", metavar="FOLDER", type=Path,
                      help="only beside NVIDIA's, from this checkout of stylegan3")  # fmt: skip
    lab = subjects.add_parser("lab", help="the lab's searches")
    lab.add_argument("--prior", metavar="FILE", type=Path, help="default: the installed one")
    lab.add_argument(
        "--peer",
        metavar="FOLDER",
        type=Path,
        help="only against NVIDIA's projector in this checkout of stylegan3",
    )
    lab.add_argument("--unattended", type=_count, metavar="N",
                     help="only make N pairs with a random prior, killed twice")  # fmt: skip
    for subject in (edit, app, nets, lab):
        subject.add_argument("--json", action="store_true", help="for other programs")
    for subject in (edit, app):
        subject.add_argument("photo", nargs="?", metavar="PHOTO", type=Path,
                             help="default: the sample")  # fmt: skip


def _evaluate(verb: argparse.ArgumentParser) -> None:
    subjects = verb.add_subparsers(dest="subject", metavar="SUBJECT", required=True)
    prior = subjects.add_parser("prior", help="how close generated pictures come to real ones")
    prior.add_argument("pack", metavar="PACK.zip", type=Path, help="real pictures")
    prior.add_argument("--prior", metavar="FILE", type=Path, help="default: the installed one")
    prior.add_argument("--samples", type=_samples, metavar="N", default=10_000)
    prior.add_argument("--json", action="store_true", help="for other programs")


def _lab(verb: argparse.ArgumentParser) -> None:
    actions = verb.add_subparsers(dest="action", metavar="ACTION", required=True)
    _lab_pairs(actions.add_parser("pairs", help="reconstruct photos without and with an attribute"))
    info = actions.add_parser("info", help="the pairs of a store and how good they are")
    info.add_argument("store", metavar="STORE", type=Path)
    info.add_argument("--json", action="store_true", help="for other programs")
    export = actions.add_parser("export", help="the good pairs as a WebDataset")
    export.add_argument("store", metavar="STORE", type=Path)
    export.add_argument("-o", "--output", metavar="OUT.tar", type=Path, required=True)
    export.add_argument("--all", action="store_true", help="pairs that failed a gate too")
    export.add_argument("--force", action="store_true", help="replace a file that exists")
    grid = actions.add_parser("interpolate", help="the grid of what lies between two pairs")
    grid.add_argument("store", metavar="STORE", type=Path)
    grid.add_argument("first", metavar="A", help="id of a pair (lab info)")
    grid.add_argument("second", metavar="B", help="another of the same attribute")
    grid.add_argument("-o", "--output", metavar="GRID.png", type=Path, required=True)
    grid.add_argument("--cells", metavar="CELLS.tar", type=Path,
                      help="the nine as samples: picture, latent, attribute")  # fmt: skip
    grid.add_argument("--prior", metavar="FILE", type=Path, help="default: the installed one")
    grid.add_argument("--force", action="store_true", help="replace a file that exists")

    grids = actions.add_parser("grids", help="many such grids: monotone? the same faces?")
    grids.add_argument("store", metavar="STORE", type=Path)
    grids.add_argument("--rounds", type=_count, metavar="N", default=1, help="grids of each pair")
    _of_pairs(grids)
    _lab_directions(actions.add_parser("directions", help="compare pairs with direct methods"))
    _lab_direct(actions.add_parser("direct", help="a pair's source, edited by a direct method"))


def _lab_directions(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("store", metavar="STORE", type=Path, help="with pairs of the attribute")
    verb.add_argument("--method", choices=("all", *DIRECT_METHODS), default="all")
    verb.add_argument("--samples", type=_count, metavar="N", default=300, help="to learn from")
    _of_pairs(verb)


def _lab_direct(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("store", metavar="STORE", type=Path)
    verb.add_argument("pair", metavar="PAIR", help="its id (lab info)")
    verb.add_argument("--method", choices=DIRECT_METHODS, default="stylespace")
    verb.add_argument("--amounts", type=_amounts, metavar="=X,X", default="-4,-2,0,2,4",
                      help="standard deviations along the direction")  # fmt: skip
    verb.add_argument("--samples", type=_count, metavar="N", default=300, help="to learn from")
    verb.add_argument("-o", "--output", metavar="STRIP.png", type=Path, required=True)
    verb.add_argument("--prior", metavar="FILE", type=Path, help="default: the installed one")
    verb.add_argument("--force", action="store_true", help="replace a file that exists")


def _of_pairs(verb: argparse.ArgumentParser) -> None:
    """Which pairs of a store are looked at, and how the result is told."""
    verb.add_argument("--attribute", required=True, metavar="A", choices=ATTRIBUTES,
                      help=", ".join(ATTRIBUTES))  # fmt: skip
    verb.add_argument("--schedule", default="combined", choices=LAB_SCHEDULES, help="of the pairs")
    verb.add_argument("--prior", metavar="FILE", type=Path, help="default: the installed one")
    verb.add_argument("--json", action="store_true", help="for other programs")


def _lab_pairs(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("photos", nargs="+", metavar="PHOTO", type=Path, help="files or folders")
    verb.add_argument("--attribute", required=True, metavar="A", choices=ATTRIBUTES,
                      help=", ".join(ATTRIBUTES))  # fmt: skip
    verb.add_argument("--value", metavar="V", help="a style of bangs, a shade of dye, a degree")
    verb.add_argument("--donor", metavar="PHOTO", type=Path, help="whose eyes, brows, nose, mouth")
    verb.add_argument("-o", "--output", metavar="STORE", type=Path, required=True, help="a folder")
    verb.add_argument("--prior", metavar="FILE", type=Path, help="default: the installed one")
    verb.add_argument("--schedule", default="combined", choices=LAB_SCHEDULES)
    verb.add_argument("--steps", type=_count, metavar="N", help="of a search")
    verb.add_argument("--seed", type=_seeds, metavar="N[,N...]", default=(0,))
    verb.add_argument("--licence", metavar="TEXT", default="unknown", help="of the photos")
    verb.add_argument("--jobs", type=_count, metavar="N", default=1, help="processes, or tasks")
    verb.add_argument(
        "--batch",
        type=_count,
        metavar="N",
        default=4,
        help="pairs that are searched at once (fewer for a prior of many pixels)",
    )
    verb.add_argument("--json", action="store_true", help="events, for other programs")
    verb.add_argument("--cluster", nargs="?", const="local", metavar="ADDRESS",
                      help="run on a Ray cluster, else on a new one here")  # fmt: skip


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _amounts(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(abs(each) <= 100 for each in found):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers from -100 to 100")
    return found


def _samples(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 2 on")
    return int(text)


def _train(verb: argparse.ArgumentParser) -> None:
    actions = verb.add_subparsers(dest="action", metavar="ACTION", required=True)
    variants = actions.add_parser("variants", help="edit portraits at random, to learn from too")
    variants.add_argument("portraits", metavar="FOLDER", type=Path, help="with an index.csv")
    variants.add_argument("-o", "--output", metavar="FOLDER", type=Path, required=True)
    variants.add_argument("--count", type=int, metavar="N", default=1000)
    pack = actions.add_parser("pack", help="put portraits into one small file")
    pack.add_argument("folders", nargs="+", metavar="FOLDER", type=Path, help="with an index.csv")
    pack.add_argument("-o", "--output", metavar="PACK.zip", type=Path, required=True)
    pack.add_argument("--size", type=int, metavar="PX", default=128, choices=(64, 128, 256, 512))
    pack.add_argument("--smallest", type=int, metavar="PX", default=96,
                      help="leave out crops with fewer pixels in their photo")  # fmt: skip
    prior = actions.add_parser("prior", help="train StyleGAN2, or go on where a run stopped")
    prior.add_argument("pack", metavar="PACK.zip", type=Path)
    prior.add_argument("--run", metavar="FOLDER", type=Path, required=True, help="checkpoints")
    prior.add_argument("--from", dest="start", metavar="COMPACT", type=Path,
                       help="begin a new run with a compact file or a folder of shards; with a "
                       "pack of twice its size in pixels, one octave larger")  # fmt: skip
    prior.add_argument("--average", metavar="PRIOR", type=Path,
                       help="the averaged generator that belongs to it")  # fmt: skip
    prior.add_argument("--batch", type=int, metavar="N",
                       help="pictures per step (default: the run's; a GPU likes 64)")  # fmt: skip
    prior.add_argument("--pictures", type=int, metavar="N", default=1_000_000)
    prior.add_argument("--save-every", type=float, metavar="SECONDS", default=300.0)
    prior.add_argument("--threads", type=int, metavar="N", help="default: all cores")
    prior.add_argument("--nice", type=int, metavar="N", default=10, help="0..19: give way")
    compact = actions.add_parser("compact", help="a small file from which a run can go on")
    compact.add_argument("run", metavar="FOLDER", type=Path)
    compact.add_argument("-o", "--output", metavar="COMPACT", type=Path, required=True)
    compact.add_argument("--average", metavar="PRIOR", type=Path, required=True,
                         help="where the averaged generator goes")  # fmt: skip
    shards = actions.add_parser("shards", help="the whole checkpoint in files of up to 16 MB")
    shards.add_argument("run", metavar="FOLDER", type=Path)
    shards.add_argument("-o", "--output", metavar="FOLDER", type=Path, required=True)
    for name, text in (("pause", "let a run rest"), ("resume", "let it go on")):
        actions.add_parser(name, help=text).add_argument("run", metavar="FOLDER", type=Path)


def _between(low: float, high: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low} to {high}")
        return value

    return number


def _seeds(text: str) -> tuple[int, ...]:
    seeds = text.split(",")
    for seed in seeds:
        if not seed.isdecimal() or int(seed) >= 2**32:
            raise argparse.ArgumentTypeError(f"{seed!r} is not a whole number from 0")
    return tuple(dict.fromkeys(map(int, seeds)))


def _face(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 99:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a face (1 = largest)")
    return int(text)
