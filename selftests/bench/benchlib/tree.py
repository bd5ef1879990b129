# SPDX-License-Identifier: GPL-2.0
"""A small root of real programs: a compiler with sources, and a database.

Packed on the host and unpacked on the scratch disk, so that all that they read comes
from there and is counted: the host's root, as the machine sees it, is no block device.
"""

import random
import re
import sqlite3
import subprocess
import tarfile
from pathlib import Path

PROGRAMS = ("sh", "env", "make", "gcc", "as", "ld", "sqlite3")
SOURCES = ("walk.c", "hot.c")
ROW_BYTES = 400
SQLITE_QUERIES = "queries.sql"

# Objects that a build of ours would make, too; one job, as the order is then the same.
MAKEFILE = """objects := walk.o hot.o
all: $(objects)
%.o: %.c
\tgcc -std=gnu11 -D_GNU_SOURCE -O1 -g -I../include -c -o $@ $<
"""


def output(*words):
    return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE).stdout


def libraries(binary):
    done = subprocess.run(["ldd", binary], text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return re.findall(r"(/\S+) \(0x", done.stdout)


def find(program):
    return output("sh", "-c", f"PATH=$PATH:/usr/sbin:/usr/bin:/bin command -v {program}").strip()


def wanted_files(repo):
    """Programs, what they load, the compiler's parts and the headers of the sources."""
    binaries = [find(program) for program in PROGRAMS]
    binaries += [output("gcc", f"-print-prog-name={part}").strip() for part in ("cc1", "collect2")]
    files = set(binaries)
    for binary in binaries:
        files.update(libraries(binary))
    prog = repo / "selftests/prog"
    for source in SOURCES:
        rule = output("gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O1", "-M", f"-I{repo}/include",
                      str(prog / source))
        files.update(w for w in rule.replace("\\\n", " ").split() if w.startswith("/usr/"))
    return sorted(files)


def pack(repo, out, database_bytes, seed):
    """out/tree.tar; a path may lead over links, which are followed."""
    database = out / "database"
    make_database(database, database_bytes, seed)
    makefile, queries = out / "Makefile.build", out / SQLITE_QUERIES
    makefile.write_text(MAKEFILE)
    make_queries(queries, database_bytes // ROW_BYTES, seed)
    prog = repo / "selftests/prog"
    with tarfile.open(out / "tree.tar", "w", dereference=True) as tar:
        for path in wanted_files(repo):
            tar.add(path, path.lstrip("/"))
        for source in (*SOURCES, "work.h"):
            tar.add(prog / source, f"build/src/{source}")
        tar.add(makefile, "build/src/Makefile")
        tar.add(repo / "include", "build/include")
        tar.add(database, "database")
        tar.add(queries, SQLITE_QUERIES)
    for path in (database, makefile, queries):
        path.unlink()


def make_database(path, size, seed):
    Path(path).unlink(missing_ok=True)
    source = random.Random(seed)
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, payload BLOB)")
        db.executemany("INSERT INTO t VALUES (?, ?)",
                       ((i, source.randbytes(ROW_BYTES - 20)) for i in range(size // ROW_BYTES)))
    db.close()


def make_queries(path, rows, seed, points=6000, scans=2):
    """Point reads, four in five of a fifth of the rows, and scans of the table."""
    source = random.Random(seed)
    with path.open("w") as sql:
        for i in range(points):
            hot = source.random() < 0.8
            row = source.randrange(rows // 5) if hot else source.randrange(rows)
            sql.write(f"SELECT sum(length(payload)) FROM t WHERE id = {row};\n")
            if (i + 1) % (points // (scans + 1)) == 0 and i + 1 < points:
                sql.write("SELECT sum(length(payload)) FROM t;\n")
