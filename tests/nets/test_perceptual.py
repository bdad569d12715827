"""Perceptual distance: 0 for equal pictures, and it grows with the change."""

import pytest
import torch
from torch.nn import functional as F

from hairstudio.errors import UserError
from hairstudio.nets import perceptual
from hairstudio.weights import perceptual as weights
from hairstudio.weights import store


@pytest.fixture(scope="module")
def features():
    return perceptual.load(store.path("face_parsing"))


@pytest.fixture
def picture():
    torch.manual_seed(0)
    return F.interpolate(torch.randn(1, 3, 16, 16), 128, mode="bicubic").tanh()


def test_distances_grow_with_the_change(features, picture):
    near = perceptual.distance(features, picture, picture * 0.98)
    far = perceptual.distance(features, picture, picture.flip(3))
    assert perceptual.distance(features, picture, picture) == 0
    assert 0 < 5 * near < far


@torch.no_grad()
def test_a_copy_in_another_format_sees_the_same(features, picture):
    exact = features(picture)
    for dtype, most in ((torch.float32, 1e-4), (torch.bfloat16, 0.1)):
        copied = features.computing_in(dtype)(picture)
        assert max(float((a - b).abs().max()) for a, b in zip(exact, copied, strict=True)) < most
    assert all(torch.equal(a, b) for a, b in zip(exact, features(picture), strict=True))


def test_only_the_weighted_part_counts(features, picture):
    changed = picture.clone()
    changed[:, :, :64] *= -1
    weight = torch.zeros(1, 1, 128, 128)
    weight[:, :, :64] = 1
    inside, outside = (
        perceptual.distance(features, picture, changed, w) for w in (weight, 1 - weight)
    )
    assert outside < 0.5 * inside


def test_gradients_flow_to_the_picture(features, picture):
    picture.requires_grad_()
    perceptual.distance(features, picture, picture.detach() * 0.5).backward()
    assert picture.grad.abs().sum() > 0


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HAIRSTUDIO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def vgg(tmp_path):
    """torchvision's file, with a classifier that is not needed."""
    tensors = {k: v for k, v in perceptual.VGG16().state_dict().items() if "scales" not in k}
    torch.save(tensors | {"classifier.0.weight": torch.zeros(1)}, tmp_path / "vgg16.pth")
    return tmp_path / "vgg16.pth"


@pytest.fixture
def lpips(tmp_path):
    """What the lpips package has for a VGG16: a weight for each channel of each layer."""
    widths = (64, 128, 256, 512, 512)
    weights = {f"lin{i}.model.1.weight": torch.rand(1, w, 1, 1) for i, w in enumerate(widths)}
    torch.save(weights, tmp_path / "vgg.pth", _use_new_zipfile_serialization=False)
    return tmp_path / "vgg.pth"


def test_a_users_vgg16_and_the_weights_of_lpips(vgg, lpips, data_folder, picture):
    plain = perceptual.load(weights.import_files(vgg))
    assert [f.shape[1:] for f in plain(picture)] == [
        (64, 128, 128), (128, 64, 64), (256, 32, 32), (512, 16, 16), (512, 8, 8)]  # fmt: skip
    learned = perceptual.load(weights.import_files(vgg, lpips))
    assert weights.path().parent == data_folder / "weights"
    linear = torch.load(lpips)
    other = picture.flip(3)
    expected = sum(
        ((x - y).square() * linear[f"lin{i}.model.1.weight"]).sum(1).mean()
        for i, (x, y) in enumerate(zip(plain(picture), plain(other), strict=True))
    )
    assert perceptual.distance(learned, picture, other) == pytest.approx(float(expected), rel=1e-4)


def test_other_files_are_refused_and_the_earlier_ones_stay(vgg, lpips, data_folder, tmp_path):
    before = weights.import_files(vgg).read_bytes()
    torch.save({"features.0.weight": torch.zeros(1)}, tmp_path / "bad.pth")
    with pytest.raises(UserError, match=r"bad\.pth: not the weights of a VGG16"):
        weights.import_files(tmp_path / "bad.pth")
    with pytest.raises(UserError, match=r"bad\.pth: not the weights of LPIPS"):
        weights.import_files(vgg, tmp_path / "bad.pth")
    torch.save([1], tmp_path / "list.pth")
    with pytest.raises(UserError, match=r"list\.pth: not a plain table of weights"):
        weights.import_files(tmp_path / "list.pth")
    assert weights.path().read_bytes() == before
