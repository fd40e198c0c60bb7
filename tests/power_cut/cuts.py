"""Rebuilds a folder as power cuts would leave it, from a record of its writes and syncs.

What the disk may hold after a cut, at the pessimistic end:
- file data: all that was there at the file's last fsync or fdatasync, and of the writes since
  then either a prefix ("in order", the last one torn) or any subset of their 512-byte sectors
  ("reordered");
- names: those at the folder's last fsync, and of the changes since then a prefix (file systems
  keep them in order). A file's name is also durable with the file's own fsync, as ext4, XFS and
  btrfs keep it; its growth is durable with its fsync or fdatasync.
sync_file_range promises nothing and is ignored.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys

SECTOR = 512
CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)(?:<(.*?)>)?(?: .*)?$")
UNFINISHED = re.compile(r"^(\d+) +(\w+)\((.*?) *<unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


def calls(path):
    """The finished calls in the order in which they returned: (name, arguments, result, path)."""
    waiting = {}
    with open(path, encoding="ascii", errors="replace") as record:
        for line in record:
            line = line.rstrip("\n")
            begun = UNFINISHED.match(line)
            if begun:
                waiting[begun.group(1)] = (begun.group(2), begun.group(3))
                continue
            resumed = RESUMED.match(line)
            if resumed:
                pid, name, rest = resumed.groups()
                first, arguments = waiting.pop(pid)
                if first != name:
                    sys.exit(f"power cut: the record is out of step: {first} and {name}")
                line = f"{pid} {name}({arguments}{rest}"
            call = CALL.match(line)
            if call:
                pid, name, arguments, result, where = call.groups()
                yield name, arguments, int(result, 0), where and (unhex(where).decode() if where.startswith("\\x") else where)
            elif "(" in line and " = " not in line and "+++" not in line:
                sys.exit(f"power cut: a line of the record is not understood: {line[:200]}")


def fd_path(arguments):
    """The path that strace shows with a descriptor: 3</path>."""
    found = re.match(r"-?\w+<(.*?)>", arguments)
    if not found:
        return None
    path = found.group(1)
    return unhex(path).decode() if path.startswith("\\x") else path


def strings(arguments):
    return [unhex(s) for s in re.findall(r'"((?:\\x[0-9a-f]{2})*)"', arguments)]


def operations(record, folder):
    """What happened to the folder: tuples (kind, path, ...), and ("ack", seq)."""
    parent = os.path.dirname(folder)
    position = {}  # path -> where plain write() writes; one descriptor a file is enough here
    inside = lambda p: p is not None and (p == folder or p == parent or p.startswith(folder + "/"))
    known = set()
    for name, arguments, result, where in calls(record):
        if result < 0:
            continue
        if name == "openat":
            path = where
            if not inside(path) or path in (folder, parent):
                continue
            flags = arguments.split('"')[2] if '"' in arguments else ""
            position[path] = 0
            if "O_CREAT" in flags and path not in known:
                known.add(path)
                yield ("create", path)
            elif "O_TRUNC" in flags:
                yield ("truncate", path, 0)
            continue
        if name == "write":
            data = strings(arguments)[0]
            if data.startswith(b"acknowledged "):
                yield ("ack", int(data.split()[1]))
                continue
            path = fd_path(arguments)
            if inside(path):
                if len(data) < result:
                    sys.exit("power cut: the record does not hold all that was written")
                yield ("write", path, position.get(path, 0), data[:result])
                position[path] = position.get(path, 0) + result
            continue
        path = fd_path(arguments)
        if name == "pwrite64":
            if inside(path):
                offset = int(arguments.rsplit(",", 1)[1])
                yield ("write", path, offset, strings(arguments)[0][:result])
        elif name == "ftruncate":
            if inside(path):
                yield ("truncate", path, int(arguments.rsplit(",", 1)[1]))
        elif name in ("fsync", "fdatasync"):
            if inside(path):
                yield (name, path)
        elif name in ("rename", "renameat", "renameat2"):
            old, new = (s.decode() for s in strings(arguments)[-2:])
            if inside(old) or inside(new):
                known.discard(old)
                known.add(new)
                yield ("rename", old, new)
        elif name in ("unlink", "unlinkat", "rmdir"):
            path = strings(arguments)[-1].decode()
            if inside(path):
                known.discard(path)
                yield ("unlink", path)
        elif name in ("mkdir", "mkdirat"):
            path = strings(arguments)[-1].decode()
            if inside(path) and path != parent:
                yield ("mkdir", path)
        elif name in ("sync_file_range", "close", "dup"):
            pass
        elif name == "mmap":
            if inside(path) and "MAP_SHARED" in arguments:
                sys.exit(f"power cut: {path} is written through a mapping, which no record shows")
        elif inside(path):
            sys.exit(f"power cut: {name} on {path} is not reckoned with")


class File:
    """A file's bytes at its last sync, and the changes since."""

    def __init__(self):
        self.synced = bytearray()
        self.since = []

    def settle(self):
        for change in self.since:
            apply(self.synced, change)
        self.since = []

    def after_cut(self, rng, reordered):
        data = bytearray(self.synced)
        if not reordered:
            kept = rng.randint(0, len(self.since))
            for change in self.since[:kept]:
                apply(data, change)
            if kept < len(self.since) and self.since[kept][0] == "write":
                _, offset, bytes_ = self.since[kept]
                apply(data, ("write", offset, bytes_[: rng.randint(0, len(bytes_)) // SECTOR * SECTOR]))
            return data
        for change in self.since:
            if change[0] == "truncate":
                if rng.random() < 0.5:
                    apply(data, change)
                continue
            _, offset, bytes_ = change
            share = rng.choice((0, 0.2, 0.5, 0.8, 1))
            at = 0
            while at < len(bytes_):
                end = min(len(bytes_), at + SECTOR - (offset + at) % SECTOR)
                if rng.random() < share:
                    apply(data, ("write", offset + at, bytes_[at:end]))
                at = end
        return data


def apply(data, change):
    if change[0] == "truncate":
        size = change[1]
        if size < len(data):
            del data[size:]
        else:
            data.extend(bytes(size - len(data)))
        return
    _, offset, bytes_ = change
    if not bytes_:
        return
    if offset + len(bytes_) > len(data):
        data.extend(bytes(offset + len(bytes_) - len(data)))
    data[offset : offset + len(bytes_)] = bytes_


class Disk:
    """Files are kept by number, names point to them, as in a file system."""

    def __init__(self, folder):
        self.folder = folder
        self.files = {}
        self.names = {}  # as the program sees them; None is a folder
        self.durable = {}
        self.pending = []  # changes of names since they were durable
        self.count = 0

    def do(self, operation, without_sync):
        kind, path, *rest = operation
        if kind == "create":
            self.count += 1
            self.files[self.count] = File()
            self.rename_ops(("set", path, self.count))
        elif kind == "mkdir":
            self.rename_ops(("set", path, None))
        elif kind == "unlink":
            self.rename_ops(("del", path))
        elif kind == "rename":
            number = self.names[path]
            self.rename_ops(("move", path, rest[0], number))
        elif kind == "write":
            self.files[self.names[path]].since.append(("write", *rest))
        elif kind == "truncate":
            self.files[self.names[path]].since.append(("truncate", *rest))
        elif without_sync and kind == "fdatasync" and path == self.folder + "/db":
            pass
        elif path in self.names and self.names[path] is not None:
            self.files[self.names[path]].settle()
            if kind == "fsync":
                self.keep_names(lambda p: path in p[1:3])
        elif kind == "fsync":
            self.keep_names(lambda p: any(isinstance(n, str) and os.path.dirname(n) == path for n in p[1:3]))

    def rename_ops(self, change):
        change_names(self.names, change)
        self.pending.append(change)

    def keep_names(self, is_meant):
        """Makes the changes up to the last one meant durable: they are kept in order."""
        last = max((i for i, p in enumerate(self.pending) if is_meant(p)), default=-1)
        for change in self.pending[: last + 1]:
            change_names(self.durable, change)
        del self.pending[: last + 1]

    def cut(self, rng, reordered, to):
        names = dict(self.durable)
        for change in self.pending[: rng.randint(0, len(self.pending))]:
            change_names(names, change)
        shutil.rmtree(to, ignore_errors=True)
        os.makedirs(to)
        place = lambda path: to + path[len(self.folder) :]
        for path, number in sorted(names.items()):
            if number is None:
                os.makedirs(place(path), exist_ok=True)
        contents = {n: f.after_cut(rng, reordered) for n, f in self.files.items() if n in names.values()}
        for path, number in names.items():
            if number is not None:
                write_sparse(place(path), contents[number])


def change_names(names, change):
    if change[0] == "set":
        names[change[1]] = change[2]
    elif change[0] == "del":
        names.pop(change[1], None)
    else:
        names.pop(change[1], None)
        names[change[2]] = change[3]


def write_sparse(path, data):
    """Zeros at the end are a hole: most of a segment is not written yet."""
    with open(path, "wb") as out:
        out.write(bytes(data).rstrip(b"\0"))
        out.truncate(len(data))


def run_cuts(happened, args, moments, reordered, without_sync, seed):
    """Plays the record, cuts at each moment, and gives the answers of the program that opens."""
    disk = Disk(args.folder)
    acknowledged = 0
    answers = []
    checker = subprocess.Popen([args.verify, "verify"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    wanted = set(moments)
    for at, operation in enumerate(happened):
        if operation[0] == "ack":
            acknowledged = operation[1]
        else:
            disk.do(operation, without_sync)
        if at in wanted:
            rng = random.Random(f"{seed} {at}")
            place = args.scratch
            disk.cut(rng, reordered, place)
            checker.stdin.write(f"{place} {acknowledged}\n")
            checker.stdin.flush()
            answer = checker.stdout.readline().strip()
            answers.append((at, acknowledged, answer or "lost the program stopped"))
            if not answer:
                break
    checker.stdin.close()
    checker.wait()
    shutil.rmtree(args.scratch, ignore_errors=True)
    return answers


def main():
    parser = argparse.ArgumentParser()
    for name in ("record", "folder", "scratch", "verify"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--cuts", type=int, default=200)
    args = parser.parse_args()

    happened = list(operations(args.record, args.folder))
    acks = [o[1] for o in happened if o[0] == "ack"]
    count = lambda kind: sum(o[0] == kind for o in happened)
    print(
        f"recorded: {acks[-1]} acknowledged commits in {len(acks)} answers, {count('write')} writes, "
        f"{count('fdatasync')} fdatasync, {count('fsync')} fsync"
    )
    if acks[-1] < 2000:
        sys.exit("power cut: fewer than 2,000 commits were acknowledged")

    rng = random.Random(2300)
    # The beginning is where names are made durable: a tenth of the cuts goes there.
    first_ack = next(i for i, o in enumerate(happened) if o[0] == "ack")
    half = args.cuts // 2
    early = min(half // 10, first_ack)
    moments = lambda: sorted(rng.sample(range(first_ack), early) + rng.sample(range(first_ack, len(happened)), half - early))
    passed = failed = 0
    for reordered in (False, True):
        answers = run_cuts(happened, args, moments(), reordered, False, "synced")
        good = [a for a in answers if a[2].startswith("ok ")]
        passed += len(good)
        failed += half - len(good)
        print(f"{'reordered' if reordered else 'in order'}: {len(good)} of {half} cuts kept every acknowledged commit and opened")
        for at, acknowledged, answer in answers:
            if not answer.startswith("ok "):
                print(f"  cut behind operation {at}, {acknowledged} acknowledged: {answer[:300]}")

    lost = 0
    without = [m for m in moments() if m >= first_ack][:30]
    for at, acknowledged, answer in run_cuts(happened, args, without, True, True, "unsynced"):
        lost += not answer.startswith("ok ")
    print(f"without the journal's fdatasync: {lost} of {len(without)} cuts lost acknowledged commits or did not open")
    if lost:
        passed += 1
    else:
        failed += 1
        print("  none did: this test would not notice a journal that does not sync")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
