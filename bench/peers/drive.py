"""Measures Descent against PyTorch and OpenBLAS. Called by the script run.

Ours and each peer take turns in short rounds, in one run on one machine. Every
round gives a ratio of the peer's time to ours; what counts is their median. A
peer runs with one thread and with as many as ours, and its better one counts.
"""

import argparse
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time


class Side:
    """A process that does work on command."""

    def __init__(self, name, command):
        self.name = name
        # Libraries choose their own kernels and ways to wait, whatever the
        # environment says. OpenBLAS takes no orders from torch.set_num_threads,
        # and its own threads cost small products more than they give.
        env = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_"))}
        env["OPENBLAS_NUM_THREADS"] = "1"
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=env)

    def ask(self, line):
        try:
            self.process.stdin.write(line + "\n")
            answer = self.process.stdout.readline().strip()
        except BrokenPipeError:
            answer = ""
        if answer == "":
            raise RuntimeError(f"{self.name} ended")
        if answer.startswith("error "):
            raise RuntimeError(f"{self.name}: {answer[6:]}")
        return answer

    def case(self, **what):
        self.ask("case " + json.dumps(what))

    def rest(self):
        """Frees the memory of the last case."""
        try:
            self.case(work="product", m=1, n=1, k=1, trans_a=False, trans_b=False, variant="torch", threads=1)
        except RuntimeError:
            pass  # it has ended, as the case has told

    def run(self, calls):
        """Nanoseconds of a call. What it needs is in the cache again by then."""
        return int(self.ask(f"run {calls} {(calls + 9) // 10 if calls > 1 else 0}")) / calls

    def calls(self, about):
        """How many calls take about so many nanoseconds."""
        self.run(1)
        n = 1
        while True:
            took = self.run(n) * n
            if took >= about / 2:
                return max(1, round(n * about / took))
            n *= 2

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()


def cases(quick, memory):
    """The work: name, section, what both sides are asked, and the variants of each peer."""
    sizes = [1_000, 100_000, 10_000_000] if quick else [1_000, 16_000, 100_000, 1_000_000, 10_000_000, 100_000_000]
    if sizes[-1] == 100_000_000 and memory < 8e9:
        sizes.pop()
        print(f"1e8 parameters are left out: that wants 8 GB of free memory, and there are {memory / 1e9:.1f}", file=sys.stderr)
    steps = {"debian": ["default", "foreach"], "newest": ["fused", "foreach"]}
    for rule in ["adamw", "sgd:momentum=0.9"]:
        for n in sizes:
            yield f"{rule}, {short(n)} parameters", "update", dict(work="update", rule=rule, params=n), steps
    for model, spec in [("784-128-10", "mlp:128"), ("784-512-512-10", "mlp:512,512"), ("cnn", "cnn")]:
        for batch in [32, 128]:
            yield f"{model}, batch {batch}", "train", dict(work="train", model=spec, batch=batch), steps
    for m, n, k, trans_a, trans_b in [(128, 512, 784, False, False), (784, 512, 128, True, False), (128, 784, 512, False, True)]:
        what = dict(work="product", m=m, n=n, k=k, trans_a=trans_a, trans_b=trans_b)
        yield f"{m}×{n}×{k}{', A transposed' if trans_a else ''}{', B transposed' if trans_b else ''}", "product", what, {
            "newest": ["numpy", "torch"]
        }


def short(n):
    mantissa, exponent = f"{n:e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def compare(ours, theirs, about, rounds):
    """Medians of both times in nanoseconds, and of the ratio of neighbouring rounds."""
    n, m = ours.calls(about), theirs.calls(about)
    a, b = [], []
    start = time.monotonic()
    for i in range(rounds):
        if i >= 7 and time.monotonic() - start > 5:
            break
        for side, calls, times in [(ours, n, a), (theirs, m, b)][:: 1 if i % 2 == 0 else -1]:
            time.sleep(0.02)  # threads that still watch for work of the other side fall asleep
            times.append(side.run(calls))
    return statistics.median(a), statistics.median(b), statistics.median(t / o for o, t in zip(a, b))


def measure(ours, peers, quick, only):
    about, rounds = (3e6, 7) if quick else (20e6, 21)
    rows, missing = [], []
    everyone = sorted({1, min(2, os.cpu_count() or 1)})
    for name, section, what, variants in cases(quick, available()):
        if only and section not in only:
            continue
        print(name, file=sys.stderr, flush=True)
        most = 1 if section == "product" else everyone[-1]
        row = {"name": name, "section": section, "threads": most, "peers": []}
        try:
            ours.case(**what, threads=most)
        except RuntimeError as e:
            missing.append(f"{name}: {e}")
            continue
        for peer in peers:
            for variant in variants.get(peer.name, []):
                tried = []
                for threads in [t for t in everyone if t <= most]:
                    try:
                        peer.case(**what, variant=variant, threads=threads)
                        us, them, ratio = compare(ours, peer, about, rounds)
                    except RuntimeError as e:
                        missing.append(f"{name}, {peer.name} {variant}: {e}")
                        break
                    tried.append({"threads": threads, "ours_ns": us, "ns": them, "ratio": ratio})
                if tried:
                    best = min(tried, key=lambda t: t["ratio"])
                    row["peers"].append({"peer": peer.name, "variant": variant, "best": best, "tried": tried})
                    print(f"    {peer.name} {variant}: {best['ratio']:.2f} ({best['threads']} threads)", file=sys.stderr, flush=True)
            peer.rest()
        rows.append(row)
    return rows, missing


def available():
    """Bytes of memory that are free."""
    try:
        with open("/proc/meminfo") as f:
            return next(int(line.split()[1]) * 1024 for line in f if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return 0


TITLES = {
    "update": "An optimizer's step, float32, one tensor",
    "train": "A training step with Adam, float32",
    "product": "A product of matrices, float32, one thread",
}


def markdown(report):
    m, lines = report["machine"], []
    lines.append(
        f"Measured on {report['date']}: {m['cpu']}, {m['cores']} cores, {m['simd']}, {m['go']}; "
        + "; ".join(f"{name}: torch {v['torch']}, numpy {v['numpy']}" for name, v in report["versions"].items())
        + (". Short rounds (--quick)." if report["quick"] else ".")
    )
    lines += ["", "How many times our time a peer takes: medians of the ratios of alternating rounds. In parentheses the",
              "number of threads with which the peer was faster, out of those tried."]
    for section, title in TITLES.items():
        rows = [r for r in report["rows"] if r["section"] == section]
        columns = list(dict.fromkeys((p["peer"], p["variant"]) for r in rows for p in r["peers"]))
        if not columns:
            continue
        lines += ["", f"| {title} | ours | " + " | ".join(f"{peer} {variant}" for peer, variant in columns) + " |"]
        lines.append("|---|---:|" + "---:|" * len(columns))
        for r in rows:
            found = {(p["peer"], p["variant"]): p["best"] for p in r["peers"]}
            cells = [f"{found[c]['ratio']:.2f}× ({found[c]['threads']})" if c in found else "–" for c in columns]
            us = statistics.median(b["ours_ns"] for b in found.values()) if found else 0
            lines.append(f"| {r['name']} | {duration(us)} | " + " | ".join(cells) + " |")
    if report["missing"]:
        lines += ["", "Not measured:", ""] + [f"- {m}" for m in report["missing"]]
    return "\n".join(lines) + "\n"


def duration(ns):
    for unit, size in [("ns", 1), ("µs", 1e3), ("ms", 1e6)]:
        if ns < 1000 * size:
            return f"{ns / size:.3g} {unit}"
    return f"{ns / 1e9:.3g} s"


def main():
    parser = argparse.ArgumentParser(prog="bench/peers/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short rounds and fewer sizes: more noise")
    parser.add_argument("--only", action="append", choices=list(TITLES), help="this section only; may be repeated")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for peers.md and peers.json")
    parser.add_argument("--ours", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--peer", action="append", nargs=2, metavar=("NAME", "PYTHON"), required=True, help=argparse.SUPPRESS)
    args = parser.parse_args()

    ours = Side("ours", [args.ours])
    worker = str(pathlib.Path(__file__).with_name("peer.py"))
    peers = [Side(name, [python, worker]) for name, python in args.peer]
    report = {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "quick": args.quick,
        "machine": json.loads(ours.ask("machine")),
        "versions": {p.name: json.loads(p.ask("version")) for p in peers},
    }
    report["rows"], report["missing"] = measure(ours, peers, args.quick, args.only)
    for side in [ours, *peers]:
        side.close()
    args.out.mkdir(parents=True, exist_ok=True)
    text = markdown(report)
    (args.out / "peers.md").write_text(text)
    (args.out / "peers.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    print(text)
    for m in report["missing"]:
        print(f"not measured: {m}", file=sys.stderr)
    return 1 if report["missing"] else 0


if __name__ == "__main__":
    sys.exit(main())
