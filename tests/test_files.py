import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hairstudio.errors import UserError
from hairstudio.files import atomic_write, check_target, is_folder


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_the_file_appears_whole_under_its_own_name(tmp_path):
    with atomic_write(tmp_path / "a.bin") as temporary:
        temporary.write_bytes(b"123")
        assert not (tmp_path / "a.bin").exists()
    assert names(tmp_path) == ["a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == b"123"


def test_a_new_file_gets_the_usual_permissions(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    with atomic_write(tmp_path / "a") as temporary:
        temporary.write_bytes(b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_an_existing_file_needs_overwrite(tmp_path):
    target = tmp_path / "a"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with pytest.raises(UserError, match=r"already exists \(use --force"), atomic_write(target):
        pass
    assert target.read_bytes() == b"old"
    with atomic_write(target, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_link_goes_on_pointing_at_the_replaced_file(tmp_path):
    target, link = tmp_path / "a", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with atomic_write(link, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_nothing_stays_when_the_writer_fails(tmp_path, error):
    target = tmp_path / "a"
    target.write_bytes(b"old")
    with pytest.raises(error), atomic_write(target, overwrite=True) as temporary:
        temporary.write_bytes(b"half")
        raise error
    assert names(tmp_path) == ["a"]
    assert target.read_bytes() == b"old"


def test_folder_and_missing_folder(tmp_path):
    with pytest.raises(UserError, match="is a folder"), atomic_write(tmp_path):
        pass
    with pytest.raises(UserError, match="does not exist"), atomic_write(tmp_path / "no" / "a"):
        pass


_WRITER = """
import sys, signal, resource, time
from pathlib import Path
from hairstudio.errors import UserError
from hairstudio.files import atomic_write
{prepare}
try:
    with atomic_write(Path(sys.argv[1]), overwrite=True) as temporary:
        temporary.write_bytes(b"x" * 500_000)
        print("half", flush=True)
        {then}
except UserError as error:
    print(error)
"""


def start(target, prepare="", then="pass", user=None):
    code = _WRITER.format(prepare=prepare, then=then)
    command = [sys.executable, "-c", code, str(target)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, user=user
    )


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_a_killed_writer_leaves_the_old_file(tmp_path):
    target = tmp_path / "a"
    target.write_bytes(b"old")
    writer = start(target, then="time.sleep(60)")
    assert writer.stdout.readline() == "half\n"
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    assert target.read_bytes() == b"old"
    assert [n for n in names(tmp_path) if not n.endswith(".part")] == ["a"]
    assert len(names(tmp_path)) == 2
    with atomic_write(target, overwrite=True) as temporary:
        temporary.write_bytes(b"new")
    assert names(tmp_path) == ["a"]  # the next one cleans up


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_the_work_of_another_process_is_not_cleaned_up(tmp_path):
    target = tmp_path / "a"
    writer = start(target, then="sys.stdin.readline()")
    assert writer.stdout.readline() == "half\n"
    with atomic_write(target, overwrite=True) as temporary:
        temporary.write_bytes(b"mine")
    assert target.read_bytes() == b"mine"
    writer.communicate("go on\n")
    assert target.read_bytes() == b"x" * 500_000
    assert names(tmp_path) == ["a"]


@pytest.mark.skipif(os.name != "posix", reason="POSIX limits")
def test_no_space_is_one_clear_line_and_leaves_nothing(tmp_path):
    limit = (
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    )
    target = tmp_path / "a"
    output, _ = start(target, prepare=limit).communicate()
    assert output == f"{target}: cannot be written: File too large\n"
    assert names(tmp_path) == []


@pytest.fixture
def tiny_disk(tmp_path):
    """A real full disk: a 64 KiB file system in memory (needs root)."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("cannot mount a file system here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_one_clear_line_and_leaves_nothing(tiny_disk):
    target = tiny_disk / "a"
    target.write_bytes(b"old")
    with (
        pytest.raises(UserError, match="a: cannot be written: No space left on device"),
        atomic_write(target, overwrite=True) as temporary,
    ):
        temporary.write_bytes(b"x" * 500_000)
    assert names(tiny_disk) == ["a"]
    assert target.read_bytes() == b"old"


@pytest.fixture
def locked_folder():
    """A folder that this process may not write to, also when the tests run as root."""
    if os.name != "posix":
        pytest.skip("POSIX permissions")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)
    folder.rmdir()


def test_a_read_only_folder_is_one_clear_line(locked_folder):
    with pytest.raises(UserError, match="is read-only"), atomic_write(locked_folder / "a"):
        pass


def test_a_folder_that_may_not_even_be_looked_into(locked_folder):
    if os.geteuid() != 65534:
        pytest.skip("needs root to hide a folder from another user")
    os.seteuid(0)
    locked_folder.chmod(0)
    os.seteuid(65534)
    with pytest.raises(UserError, match="cannot be written: Permission denied"):
        check_target(locked_folder / "a")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that takes no files")
def test_a_folder_that_takes_no_files_is_noticed_before_the_work():
    with pytest.raises(UserError, match="cannot be written"):
        check_target(Path("/proc/report.json"))


def test_a_name_that_is_too_long(tmp_path):
    with pytest.raises(UserError, match="cannot be written: File name too long"):
        check_target(tmp_path / ("a" * 300))
    assert not is_folder(tmp_path / ("a" * 300)) and is_folder(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX pipes")
def test_a_pipe_or_device_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="not a file"):
        check_target(tmp_path / "pipe", overwrite=True)
    assert (tmp_path / "pipe").is_fifo()
