"""A run that was stopped goes on as if nothing had happened."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from hairstudio.errors import UserError
from hairstudio.nets.stylegan2 import upsample
from hairstudio.training import data, prior
from hairstudio.training.prior import PriorOptions, PriorTrainer, train

SMALL = PriorOptions(resolution=16, base=64, widest=8, latent=8, batch=4, warm_up=8)


@pytest.fixture
def pictures():
    return torch.randint(0, 256, (12, 3, 16, 16), dtype=torch.uint8,
                         generator=torch.Generator().manual_seed(0))  # fmt: skip


def trainer(pictures):
    return PriorTrainer(SMALL, pictures, torch.float32)


def weights(run):
    return torch.cat([p.detach().flatten() for p in run.ema.parameters()])


def compacted(run, folder):
    run.save(folder / "checkpoint.safetensors")
    run.save_prior(folder / "prior.safetensors")
    compact, average = folder / "compact.safetensors", folder / "average.safetensors"
    prior.write_compact(folder, compact, average)
    return compact, average


def test_resuming_continues_exactly(pictures, tmp_path):
    unbroken = trainer(pictures)
    for _ in range(40):
        unbroken.step()
    first = trainer(pictures)
    for _ in range(19):
        first.step()
    first.save(tmp_path / "checkpoint.safetensors")
    second = trainer(pictures)
    second.load(tmp_path / "checkpoint.safetensors")
    for _ in range(21):
        second.step()
    assert (second.seen, second.p) == (unbroken.seen, unbroken.p)
    assert torch.equal(weights(second), weights(unbroken))


def test_the_compact_file_travels(pictures, tmp_path):
    run = trainer(pictures)
    for _ in range(10):
        run.step()
    compact, average = compacted(run, tmp_path)
    assert compact.stat().st_size < (tmp_path / "checkpoint.safetensors").stat().st_size / 3
    moved = trainer(pictures)
    moved.load(compact, average)
    assert moved.seen == run.seen
    assert torch.allclose(weights(moved), weights(run), rtol=1e-3, atol=1e-3)
    moved.step()
    assert moved.g_optimiser.param_groups[0]["lr"] < SMALL.rate  # warming up again


def test_shards_resume_exactly(pictures, tmp_path):
    run = trainer(pictures)
    for _ in range(5):
        run.step()
    run.save(tmp_path / "checkpoint.safetensors")
    average = tmp_path / "average.safetensors"
    run.save_prior(average)
    limit = (tmp_path / "checkpoint.safetensors").stat().st_size // 6
    count = prior.write_shards(tmp_path, tmp_path / "shards", limit)
    files = list((tmp_path / "shards").iterdir())
    assert len(files) == count >= 4
    held = [load_file(file) for file in files]
    assert all(sum(t.nbytes for t in shard.values()) <= limit for shard in held)
    moved = trainer(pictures)
    moved.load(tmp_path / "shards", average)  # its own is exact, that one is not
    for each in (run, moved):
        each.step()
    assert torch.equal(weights(moved), weights(run))
    for mine, theirs in zip(moved.ema.parameters(), run.ema.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    files[0].unlink()
    with pytest.raises(UserError, match="shards: some of its shards are missing"):
        moved.load(tmp_path / "shards")


def test_the_next_octave_begins_where_the_last_one_is(pictures, tmp_path):
    small = trainer(pictures)
    for _ in range(10):
        small.step()
    compact, average = compacted(small, tmp_path)
    entries = [data.Entry("x.jpg", f"p{i}") for i in range(40)]
    noise = Image.effect_noise((32, 32), 90).convert("RGB")
    data.write_pack(((entry, noise) for entry in entries), tmp_path / "pack.zip", 32)
    large = prior.open_run(tmp_path / "pack.zip", tmp_path / "run", compact, average)
    assert (large.options.resolution, large.seen) == (32, small.seen)
    z = torch.randn(2, 8)
    enlarged = upsample(small.ema(z))
    torch.testing.assert_close(large.ema(z), enlarged, rtol=0, atol=5e-3)
    black = large.generator.synthesis.to_rgb[-1].conv.weight
    for _ in range(3):
        large.step()
    assert black.abs().max() > 0  # the new layers learn
    train(large, tmp_path / "run", pictures=0)
    again = prior.open_run(tmp_path / "pack.zip", tmp_path / "run", compact, average, batch=2)
    assert torch.equal(weights(again), weights(large))
    assert again.options.batch == 2 != large.options.batch
    again.step()
    assert again.seen == large.seen + 2


def test_train_stops_saves_and_logs(pictures, tmp_path):
    run = trainer(pictures)
    train(run, tmp_path, pictures=1000, stop=lambda: run.steps >= 5)
    assert run.steps == 5
    assert (tmp_path / "checkpoint.safetensors").exists()
    assert (tmp_path / "metrics.jsonl").read_text().count("\n") == 1
    with Image.open(tmp_path / "samples-000000k.png") as samples:
        assert samples.size == (8 * 16, 4 * 16)


def test_people_are_split_not_pictures(tmp_path):
    picture = Image.fromarray(np.full((16, 16, 3), 90, np.uint8))
    entries = [data.Entry("x.jpg", f"p{i % 300}") for i in range(600)]
    count = data.write_pack(((e, picture) for e in entries), tmp_path / "pack.zip", 16)
    training, used = data.read_pack(tmp_path / "pack.zip")
    _, held_back = data.read_pack(tmp_path / "pack.zip", validation=True)
    assert count == 600 == len(used) + len(held_back)
    assert training.shape == (len(used), 3, 16, 16)
    assert not {e.person for e in used} & {e.person for e in held_back}
    assert 0.03 < len(held_back) / 600 < 0.15


def test_a_broken_pack_is_named(tmp_path):
    (tmp_path / "pack.zip").write_text("no zip")
    with pytest.raises(UserError, match=r"pack\.zip: not a data pack"):
        data.read_pack(tmp_path / "pack.zip")
