#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Changes the headers in every small way there is and looks which changes the unit tests notice.

All mutants are compiled at once: each stands beside the original behind a switch that a variable of the
environment turns on, so a test is built once and run once for each mutant that it reaches. In constant
expressions the original holds: a mutant that only a static_assert would notice counts as a survivor.

Usage: python3 tests/mutation/run.py [--jobs N] [--sample N] [--again] [HEADER...]     (headers below include/netcon)
Needs clang++-19 and python3-clang-19, builds in build/mutation, prints a table and the survivors; the exit code
is 1 when fewer than 90 % of the mutants of a header are killed.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import resource
import subprocess
import sys

try:
    import clang.cindex
except ImportError:
    sys.exit("run.py: needs python3-clang-19, which belongs to the distribution's own Python: /usr/bin/python3")
from clang.cindex import CursorKind as Kind
from clang.cindex import TypeKind

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build/mutation"
COMPILER = "clang++-19"
FLAGS = [
    "-std=gnu++2b",
    "-O0",
    "-w",
    "-Wno-c++11-narrowing",
    "-ferror-limit=0",
    f"-I{TOP}/tests",
    f'-DTEST_DATA_DIR="{TOP}/tests/data"',
]
HEADERS = [
    "parameter/fields",
    "parameter/parse",
    "wire/decode",
    "wire/encode",
    "receive/reassembler",
    "receive/sequence",
    "receive/basic_lines",
    "receive/continuation",
    "receive/loss",
    "receive/reorder",
    "receive/rate_limiter",
    "configfs/model/memory_tree",
    "configfs/plan",
    "crash/log_scanner",
    "crash/detector",
    "crash/internal/episode",
    "crash/internal/watched_sender",
    "crash/internal/continuity",
    # what parse and memory_tree leave to others
    "core/kernel_text",
    "configfs/model/target_model",
]
# Patterns below tests/unit.
TESTS = sorted(
    path.relative_to(TOP / "tests/unit").with_suffix("").as_posix()
    for pattern in [
        "core/kernel_text",
        "parameter/*",
        "wire/*",
        "receive/*",
        "configfs/*",
        "os/mounted_tree",
        "bounds",
        "kernel_selftests",
        "capture/text_log",
        "crash/*",
    ]
    for path in (TOP / "tests/unit").glob(f"{pattern}.cpp")
)
REQUIRED = 0.90

SWITCH = """#pragma once
#include <cstdio>
#include <cstdlib>
#include <type_traits>
struct mutant_state {
  int active = std::getenv("MUTANT") ? std::atoi(std::getenv("MUTANT")) : 0;
  unsigned char reached[100000] = {};
  ~mutant_state() {
    const char* path = std::getenv("MUTANTS_REACHED");
    if (std::FILE* file = path ? std::fopen(path, "wb") : nullptr) {
      std::fwrite(reached, 1, sizeof reached, file);
      std::fclose(file);
    }
  }
};
inline mutant_state mutants;
inline bool mutant_is_on(int number) noexcept { return mutants.reached[number] = 1, mutants.active == number; }
constexpr bool mutant(int number) noexcept { return std::is_constant_evaluated() ? false : mutant_is_on(number); }
"""

SWAPS = {
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "==": ["!="],
    "!=": ["=="],
    "+": ["-"],
    "-": ["+"],
    "*": ["+"],
    "/": ["*"],
    "%": ["*"],
    "<<": [">>"],
    ">>": ["<<"],
    "&": ["|"],
    "|": ["&"],
    "^": ["&"],
    "&&": ["||"],
    "||": ["&&"],
    "+=": ["-="],
    "-=": ["+="],
    "*=": ["+="],
    "/=": ["*="],
    "|=": ["&="],
    "&=": ["|="],
    "<<=": [">>="],
    ">>=": ["<<="],
    "^=": ["|="],
}
RELATIONS = {"<", "<=", ">", ">=", "==", "!="}
INTEGERS = {
    TypeKind.USHORT,
    TypeKind.UINT,
    TypeKind.ULONG,
    TypeKind.ULONGLONG,
    TypeKind.SHORT,
    TypeKind.INT,
    TypeKind.LONG,
    TypeKind.LONGLONG,
    TypeKind.UCHAR,
    TypeKind.SCHAR,
}

REFERENCES = {TypeKind.LVALUEREFERENCE, TypeKind.RVALUEREFERENCE}
VIEW = re.compile(r"std::(basic_string_view|span)<")
FUNCTIONS = {Kind.FUNCTION_DECL, Kind.CXX_METHOD, Kind.FUNCTION_TEMPLATE, Kind.CONVERSION_FUNCTION}


class Mutant:
    def __init__(self, header, line, original, changed):
        self.header, self.line, self.original, self.changed = header, line, original, changed
        self.number, self.result = 0, None

    def name(self):
        return f"{self.number} {self.header} {self.line} {self.changed}"

    def __str__(self):
        changed = self.changed or "(deleted)"
        return f"{self.header}.hpp:{self.line}: {self.result}: {self.original}  ->  {changed}"


class Node:
    """A range of a header and what may stand there instead."""

    def __init__(self, start, end, form):
        self.start, self.end, self.form = start, end, form  # form: expression, discarded or jump
        self.mutants, self.children = [], []


class Header:
    def __init__(self, name):
        self.name = name
        self.path = TOP / f"include/netcon/{name}.hpp"
        self.source = self.path.read_bytes()
        self.nodes = {}

    def text(self, start, end):
        return re.sub(r"\s+", " ", re.sub(r"//[^\n]*", "", self.source[start:end].decode()))

    def add(self, start, end, form, changed):
        node = self.nodes.setdefault((start, end, form == "jump"), Node(start, end, form))
        if form == "discarded":
            node.form = form
        line = self.source.count(b"\n", 0, start) + 1
        node.mutants.append(Mutant(self.name, line, self.text(start, end), changed))

    def render(self, dropped):
        """The header with all mutants but the dropped ones, and for each line of it the mutants that it may blame."""
        top = Node(0, len(self.source), "top")
        stack = [top]
        for node in sorted(self.nodes.values(), key=lambda n: (n.start, -n.end, n.form != "discarded")):
            node.children = []
            while not (stack[-1].start <= node.start and node.end <= stack[-1].end):
                stack.pop()
            stack[-1].children.append(node)
            stack.append(node)
        out, blame = [], collections.defaultdict(set)

        def line():
            return sum(part.count("\n") for part in out) + 1

        def inside(node):
            at = node.start
            for child in node.children:
                out.append(self.source[at : child.start].decode())
                emit(child)
                at = child.end
            out.append(self.source[at : node.end].decode())

        def emit(node):
            live = [m for m in node.mutants if m.number not in dropped]
            if not live:
                return inside(node)
            first = line()
            if node.form == "jump":
                out.append(f"{{ if (!mutant({live[0].number}))\n")
                inside(node)
                out.append("\n}")
            else:
                out.append("(")
                for m in live:
                    changed = f"void({m.changed})" if node.form == "discarded" else f"({m.changed})"
                    out.append(f"mutant({m.number}) ?\n{changed} :\n")
                    blame[line() - 1].add(m.number)
                out.append("void(" if node.form == "discarded" else "(")
                inside(node)
                out.append("))")
            for number in range(first, line() + 1):
                if number not in blame:
                    blame[number] = {m.number for m in live}

        inside(top)
        return '#include "mutant.hpp"\n#line 1\n' + "".join(out), blame


def find_operator(header, left, right, names):
    between = header.source[left:right]
    for name in sorted(names, key=len, reverse=True):
        at = between.find(name.encode())
        if at >= 0:
            return name, left + at
    return None, 0


def strip(cursor):
    while cursor.kind in (Kind.UNEXPOSED_EXPR, Kind.PAREN_EXPR):
        children = list(cursor.get_children())
        if len(children) != 1:
            break
        cursor = children[0]
    return cursor


def speaks_for_itself(cursor):
    """Whether the mutants of the expression hold its negation already."""
    cursor = strip(cursor)
    if cursor.kind == Kind.BINARY_OPERATOR:
        return cursor.binary_operator.name in ("LT", "GT", "LE", "GE", "EQ", "NE")
    if cursor.kind == Kind.CALL_EXPR:
        return cursor.spelling in ("operator==", "operator!=")
    return cursor.kind == Kind.CXX_BOOL_LITERAL_EXPR or (
        cursor.kind == Kind.UNARY_OPERATOR and next(cursor.get_tokens()).spelling == "!"
    )


def visit(header, cursor, returns):
    """returns: the type that the function around it returns, None in a lambda."""
    kind = cursor.kind
    if kind in FUNCTIONS:
        returns = cursor.result_type.get_canonical()
    elif kind == Kind.LAMBDA_EXPR:
        returns = None
    start, end = cursor.extent.start.offset, cursor.extent.end.offset
    source = header.source
    children = list(cursor.get_children())

    if kind in (Kind.STATIC_ASSERT, Kind.ENUM_DECL, Kind.CONCEPT_DECL):
        return
    if kind in (Kind.VAR_DECL, Kind.FIELD_DECL):
        if re.search(rb"\bconstexpr\b", source[start : cursor.location.offset]):
            return
        children = [
            c
            for c in children
            if c.extent.start.offset > cursor.location.offset
            and not source[: c.extent.start.offset].rstrip().endswith(b"[")
        ]
    if kind in (Kind.DECL_REF_EXPR, Kind.MEMBER_REF_EXPR, Kind.TYPE_REF, Kind.TEMPLATE_REF):
        children = [c for c in children if c.kind not in (Kind.INTEGER_LITERAL, Kind.CXX_BOOL_LITERAL_EXPR)]
    if kind == Kind.CASE_STMT:
        children = children[1:]
    if kind == Kind.IF_STMT and source[start:].startswith(b"if constexpr"):
        children = children[1:]

    def swap(name, at):
        for other in SWAPS.get(name, []):
            if name == "&&" and b"const auto" in source[start:end]:
                continue
            header.add(
                start, end, "expression", header.text(start, at) + " " + other + " " + header.text(at + len(name), end)
            )

    if kind in (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR) and len(children) == 2:
        swap(*find_operator(header, children[0].extent.end.offset, children[1].extent.start.offset, SWAPS))
    elif kind == Kind.CALL_EXPR and cursor.spelling in ("operator==", "operator!=") and len(children) >= 2:
        swap(*find_operator(header, children[0].extent.end.offset, children[-1].extent.start.offset, ["==", "!="]))
    elif kind == Kind.UNARY_OPERATOR:
        token = next(cursor.get_tokens()).spelling
        if token == "!":
            header.add(start, end, "expression", f"static_cast<bool>({header.text(start + 1, end)})")
        elif token in ("-", "~"):
            header.add(start, end, "expression", header.text(start + 1, end))
        elif token in ("++", "--"):
            header.add(start, end, "expression", ("--" if token == "++" else "++") + header.text(start + 2, end))
        elif source[end - 2 : end] in (b"++", b"--"):
            other = "--" if source[end - 1 : end] == b"+" else "++"
            header.add(start, end, "expression", header.text(start, end - 2) + other)
    elif kind == Kind.INTEGER_LITERAL:
        literal = header.text(start, end)
        header.add(start, end, "expression", literal + " + 1")
        if literal.strip("0x'ulUL"):
            header.add(start, end, "expression", literal + " - 1")
    elif kind == Kind.CHARACTER_LITERAL:
        header.add(start, end, "expression", f"static_cast<char>({header.text(start, end)} + 1)")
    elif kind == Kind.CXX_BOOL_LITERAL_EXPR:
        header.add(start, end, "expression", "false" if source[start:end] == b"true" else "true")

    def negate(condition):
        first, last = condition.extent.start.offset, condition.extent.end.offset
        if not speaks_for_itself(condition):
            header.add(first, last, "expression", f"!({header.text(first, last)})")

    if kind in (Kind.IF_STMT, Kind.WHILE_STMT, Kind.CONDITIONAL_OPERATOR) and children:
        condition = children[1] if children[0].kind == Kind.DECL_STMT and kind == Kind.IF_STMT else children[0]
        if (
            condition.kind.is_expression()
            and not source[start:].startswith(b"if constexpr")
            and not any(c.kind == Kind.VAR_DECL for c in children)
        ):
            negate(condition)
    if kind == Kind.RETURN_STMT and children and not source[children[0].extent.start.offset :].startswith(b"{"):
        value = children[0]
        result = value.type.get_canonical()
        first, last = value.extent.start.offset, value.extent.end.offset
        if result.kind == TypeKind.BOOL:
            negate(value)
        elif result.kind in INTEGERS and strip(value).kind != Kind.INTEGER_LITERAL:
            header.add(first, last, "expression", f"({header.text(first, last)}) + 1")
        elif result.kind == TypeKind.RECORD and (returns is None or returns.kind not in REFERENCES):
            text = header.text(first, last)
            # A view of a member must not become one of its copy.
            is_view = returns is not None and VIEW.match(returns.spelling)
            made = returns.spelling if is_view else f"std::remove_cvref_t<decltype({text})>"
            header.add(first, last, "expression", f"{made}{{}}")

    def deletable(statement):
        first, last = statement.extent.start.offset, statement.extent.end.offset
        if statement.kind in (Kind.BREAK_STMT, Kind.CONTINUE_STMT) or (
            statement.kind == Kind.RETURN_STMT and not list(statement.get_children())
        ):
            header.add(first, source.index(b";", last) + 1, "jump", "")
        elif statement.kind.is_expression() and source[last:].lstrip().startswith(b";"):
            header.add(first, last, "discarded", "")

    if kind == Kind.COMPOUND_STMT:
        for child in children:
            deletable(child)
    elif kind in (Kind.IF_STMT, Kind.WHILE_STMT):
        for child in children[1:]:
            deletable(child)
    elif kind in (Kind.FOR_STMT, Kind.CXX_FOR_RANGE_STMT, Kind.CASE_STMT, Kind.DEFAULT_STMT):
        for child in children[-1:]:
            deletable(child)

    for child in children:
        visit(header, child, returns)


def find_mutants(headers):
    (BUILD / "all.cpp").write_text("#include <netcon/netcon.hpp>\n")
    resources = subprocess.run([COMPILER, "-print-resource-dir"], capture_output=True, text=True, check=True).stdout
    clang.cindex.Config.set_library_file("/usr/lib/llvm-19/lib/libclang-19.so.1")
    unit = clang.cindex.Index.create().parse(
        str(BUILD / "all.cpp"), ["-std=gnu++2b", f"-I{TOP}/include", "-resource-dir", resources.strip()]
    )
    wrong = [str(d) for d in unit.diagnostics if d.severity >= clang.cindex.Diagnostic.Error]
    if wrong:
        sys.exit("mutation: the headers do not compile: " + wrong[0])
    by_path = {str(h.path): h for h in headers}

    def walk(cursor):
        for child in cursor.get_children():
            file = child.location.file
            header = by_path.get(os.path.normpath(file.name)) if file else None
            if child.kind == Kind.NAMESPACE:
                if header:
                    walk(child)
            elif header:
                visit(header, child, None)

    walk(unit.cursor)


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def write(headers, dropped):
    blames = {}
    for header in headers:
        text, blames[header.name] = header.render(dropped)
        path = BUILD / f"include/netcon/{header.name}.hpp"
        path.unlink(missing_ok=True)
        path.write_text(text)
    return blames


def keep_what_compiles(headers):
    """The numbers of the mutants that do not compile: in the headers, or in a template that a test makes use of."""
    dropped = set()
    for source in [BUILD / "all.cpp", *(TOP / f"tests/unit/{test}.cpp" for test in TESTS)]:
        for _ in range(12):
            blames = write(headers, dropped)
            checked = run([COMPILER, *FLAGS, f"-I{BUILD}/include", "-fsyntax-only", str(source)])
            if checked.returncode == 0:
                break
            before = len(dropped)
            for name, line in re.findall(r"include/netcon/(\S+)\.hpp:(\d+):\d+: error: ", checked.stderr):
                if name in blames:
                    dropped |= blames[name].get(int(line), set())
            if len(dropped) == before:
                sys.exit("mutation: cannot tell which mutant does not compile:\n" + checked.stderr[:3000])
        else:
            sys.exit(f"mutation: too many mutants do not compile in {source}")
    return dropped


def limits(seconds):
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def program(test):
    return BUILD / test.replace("/", "_")


def run_test(test, seconds, **environment):
    """None when the test passes, else how it failed. The limit is processor time: a busy machine kills nobody."""
    try:
        done = run(
            [str(program(test)), "--abort", "~[slow]"],
            env=os.environ | environment,
            cwd=BUILD,
            timeout=300,
            errors="replace",
            preexec_fn=lambda: limits(seconds),
        )
    except subprocess.TimeoutExpired:
        return "waits for ever"
    return None if done.returncode == 0 else f"{test}: {done.returncode}"


def build(test):
    source, target = TOP / f"tests/unit/{test}.cpp", program(test)
    if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
        return
    command = [
        COMPILER,
        *FLAGS,
        f"-I{BUILD}/include",
        "-include-pch",
        str(BUILD / "common.pch"),
        str(source),
        "-o",
        str(target),
        "-lCatch2WithMain",
        "-lfmt",
    ]
    done = run(command)
    if done.returncode:
        sys.exit(f"mutation: {test} does not compile:\n{done.stderr[:3000]}")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("headers", nargs="*", default=HEADERS)
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options.add_argument("--sample", type=int, help="so many mutants of each header, chosen by a fixed seed")
    options.add_argument("--again", action="store_true", help="only the survivors of the last run, with changed tests")
    chosen = options.parse_args()

    if not chosen.again:
        run(["rm", "-rf", str(BUILD)])
    (BUILD / "include").mkdir(parents=True, exist_ok=True)
    run(["cp", "-r", str(TOP / "include/netcon"), str(BUILD / "include/")])
    (BUILD / "include/mutant.hpp").write_text(SWITCH)

    headers = [Header(name) for name in chosen.headers]
    find_mutants(headers)
    mutants = [m for h in headers for n in sorted(h.nodes.values(), key=lambda n: n.start) for m in n.mutants]
    for number, mutant in enumerate(mutants, 1):
        mutant.number = number
    known = BUILD / "dropped.json"
    if chosen.again and known.exists():
        dropped = set(json.loads(known.read_text()))
        write(headers, dropped)
    else:
        dropped = keep_what_compiles(headers)
        known.write_text(json.dumps(sorted(dropped)))
    live = [m for m in mutants if m.number not in dropped]
    print(f"{len(mutants)} mutants, {len(live)} compile", flush=True)

    if not chosen.again:
        (BUILD / "common.hpp").write_text(
            '#include "support/catch.hpp"\n#include <nlohmann/json.hpp>\n#include <expected>\n#include <filesystem>\n'
            "#include <fstream>\n#include <map>\n#include <set>\n#include <sstream>\n"
        )
        made = run([COMPILER, *FLAGS, "-x", "c++-header", str(BUILD / "common.hpp"), "-o", str(BUILD / "common.pch")])
        if made.returncode:
            sys.exit(made.stderr)
    with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
        list(pool.map(build, TESTS))

        reached, seconds = {}, {}
        for test in TESTS:
            log = program(test).with_suffix(".reached")
            start = os.times().children_user
            failed = run_test(test, 300, MUTANTS_REACHED=str(log))
            if failed:
                sys.exit(f"mutation: without a mutant fails {failed}")
            seconds[test] = os.times().children_user - start
            reached[test] = log.read_bytes() if log.exists() else bytes(100000)
        print("built; " + ", ".join(f"{t} {s:.1f} s" for t, s in seconds.items()), flush=True)

        if chosen.sample:
            draw = random.Random(1)
            groups = collections.defaultdict(list)
            for mutant in live:
                groups[mutant.header].append(mutant)
            live = [m for g in groups.values() for m in draw.sample(g, min(chosen.sample, len(g)))]

        def judge(mutant):
            tests = [t for t in TESTS if reached[t][mutant.number]]
            mutant.result = "not reached" if not tests else None
            for test in sorted(tests, key=seconds.get):
                failed = run_test(test, 2 + int(3 * seconds[test]), MUTANT=str(mutant.number))
                if failed:
                    mutant.result = "killed"
                    return
            mutant.result = mutant.result or "survived"
            print(mutant, file=sys.stderr, flush=True)

        results = BUILD / "results.json"
        before = json.loads(results.read_text()) if chosen.again and results.exists() else {}
        for mutant in live:
            if before.get(mutant.name()) == "killed":
                mutant.result = "killed"
        list(pool.map(judge, [m for m in live if m.result != "killed"]))
        results.write_text(json.dumps({m.name(): m.result for m in live}))

    print(f"\n{'header':24}{'mutants':>9}{'killed':>9}{'survived':>10}{'not reached':>13}{'share':>9}")
    enough = True
    for header in headers:
        mine = [m for m in live if m.header == header.name]
        counts = collections.Counter(m.result for m in mine)
        share = counts["killed"] / max(len(mine), 1)
        enough = enough and share >= REQUIRED
        print(
            f"{header.name:24}{len(mine):9}{counts['killed']:9}{counts['survived']:10}{counts['not reached']:13}"
            f"{100 * share:8.1f}%"
        )
    print()
    for m in live:
        if m.result != "killed":
            print(m)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
