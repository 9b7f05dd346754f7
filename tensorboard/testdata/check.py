"""Reads event files with the real TensorBoard and compares them with what was written.

    python check.py LOGDIR EXPECTED.json

LOGDIR holds a folder for each run. EXPECTED.json holds, for each run, what
TensorBoard must show: scalars and histograms with float64 as 16 hexadecimal
digits, texts, and hyper-parameters. Every number is compared to the bit.
"""

import json
import os
import struct
import sys
import time
import urllib.parse
import urllib.request

from tensorboard import program
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.backend.event_processing import event_file_loader
from tensorboard.backend.event_processing import plugin_event_accumulator
from tensorboard.util import tensor_util

failures = []


def check(what, got, want):
    if got != want:
        failures.append(f"{what}: {str(got)[:300]}, want {str(want)[:300]}")


def bits(v):
    """float64 as hexadecimal digits, with one NaN for all."""
    return "nan" if v != v else struct.pack(">d", v).hex()


def number(digits):
    return struct.unpack(">d", bytes.fromhex(digits))[0]


def want_numbers(points):
    """[[step, digits], ...] with one NaN for all."""
    return [[step, bits(number(v))] for step, v in points]


def want_buckets(points):
    return [[step, [[bits(number(v)) for v in b] for b in buckets]] for step, buckets in points]


def loader(directory, files):
    """Every record is read, with its checksum."""
    for name, events in files.items():
        path = os.path.join(directory, name)
        count = sum(1 for _ in event_file_loader.EventFileLoader(path).Load())
        check(f"{path}: events", count, events)


def accumulator(directory, want):
    """What is there once all files are read, and the steps that a resumed run takes back are gone."""
    # The class that TensorBoard itself uses, and the one for others, which takes nothing back.
    accumulators = [plugin_event_accumulator] + [event_accumulator] * (len(want["files"]) == 1)
    for module in accumulators:
        a = module.EventAccumulator(directory, size_guidance={module.TENSORS: 0})
        a.Reload()
        accumulated(directory, a, want)


def accumulated(directory, a, want):
    series = {tag: a.Tensors(tag) for tag in a.Tags()["tensors"]}
    plugins = {tag: a.SummaryMetadata(tag).plugin_data.plugin_name for tag in series}
    scalars = {
        tag: [[e.step, bits(tensor_util.make_ndarray(e.tensor_proto).item())] for e in events]
        for tag, events in series.items()
        if plugins[tag] == "scalars"
    }
    check(f"{directory}: scalar tags", sorted(scalars), sorted(want["scalars"]))
    for tag, points in want["scalars"].items():
        check(f"{directory}: {tag}", scalars.get(tag), want_numbers(points))
    histograms = {
        tag: [
            [e.step, [[bits(v) for v in b] for b in tensor_util.make_ndarray(e.tensor_proto).tolist()]]
            for e in events
        ]
        for tag, events in series.items()
        if plugins[tag] == "histograms"
    }
    check(f"{directory}: histogram tags", sorted(histograms), sorted(want["histograms"]))
    for tag, points in want["histograms"].items():
        check(f"{directory}: {tag}", histograms.get(tag), want_buckets(points))
    texts = {
        tag: [[e.step, tensor_util.make_ndarray(e.tensor_proto).item().decode()] for e in events]
        for tag, events in series.items()
        if plugins[tag] == "text"
    }
    check(f"{directory}: texts", texts, want["texts"])


class Server:
    """TensorBoard itself, asked over HTTP as its page does."""

    def __init__(self, logdir, fast):
        board = program.TensorBoard()
        board.configure(
            argv=[
                "tensorboard", "--logdir", logdir, "--host", "127.0.0.1", "--port", "0", "--reload_interval", "1",
                "--load_fast", "true" if fast else "false", "--samples_per_plugin", "scalars=100000,histograms=1000",
            ]
        )
        self.url = board.launch()

    def ask(self, path, body=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + "data/plugin/" + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def wait(self, expected):
        """Until everything has been read; the comparisons say what is missing."""
        complete = {run: sorted(want["scalars"]) for run, want in expected.items()}
        for _ in range(60):
            tags = self.ask("scalars/tags")
            if {run: sorted(of) for run, of in tags.items()} == complete:
                break
            time.sleep(0.5)
        time.sleep(2)


def plain(v):
    """A number of the page's JSON, which has strings for those that are not finite."""
    return float(v)


def served(server, fast, run, want):
    where = f"{'fast' if fast else 'slow'} {run}"
    tags = server.ask("scalars/tags").get(run, {})
    check(f"{where}: scalar tags", sorted(tags), sorted(want["scalars"]))
    for tag, points in want["scalars"].items():
        if tag not in tags:
            continue
        got = [[step, bits(plain(v))] for _, step, v in server.ask("scalars/scalars", run=run, tag=tag)]
        shown = want_numbers(points)
        if fast and len(want["files"]) > 1 and tag.split("/")[0] in ("speed", "checkpoint"):
            # The fast loader knows no sessions. It drops the later steps of a tag
            # when the tag goes on at an earlier one, but these come at any step.
            check(f"{where}: {tag}, last", got[-1:], shown[-1:])
            continue
        check(f"{where}: {tag}", got, shown)
    histogram_tags = server.ask("histograms/tags").get(run, {})
    check(f"{where}: histogram tags", sorted(histogram_tags), sorted(want["histograms"]))
    for tag, points in want["histograms"].items():
        if tag not in histogram_tags:
            continue
        got = server.ask("histograms/histograms", run=run, tag=tag)
        got = [[step, [[bits(plain(v)) for v in b] for b in buckets]] for _, step, buckets in got]
        check(f"{where}: {tag}", got, want_buckets(points))
    for tag, points in want["texts"].items():
        got = [[e["step"], e["text"]] for e in server.ask("text/text", run=run, tag=tag)]
        got = got[-len(points):]  # the fast loader knows no sessions
        check(f"{where}: {tag}, steps", [s for s, _ in got], [s for s, _ in points])
        for (_, html), (_, text) in zip(got, points):
            check(f"{where}: {tag} shows {text.split()[0]}", text.split()[0] in html, True)


STATUS = {"": "STATUS_UNKNOWN", "success": "STATUS_SUCCESS", "failure": "STATUS_FAILURE"}


def hyperparameters(server, fast, expected, metrics):
    where = "fast" if fast else "slow"
    statuses = list(STATUS.values()) + ["STATUS_RUNNING"]
    groups = server.ask(
        "hparams/session_groups",
        {"experimentName": "", "allowedStatuses": statuses, "colParams": [], "startIndex": 0, "sliceSize": 100, "includeMetrics": True},
    )["sessionGroups"]
    sessions = {s["name"]: (g, s) for g in groups for s in g["sessions"]}
    check(f"{where}: sessions", sorted(sessions), sorted(r for r, w in expected.items() if w["settings"]))
    for run, want in expected.items():
        if run not in sessions:
            continue
        group, session = sessions[run]
        check(f"{where} {run}: settings", group["hparams"], want["settings"])
        check(f"{where} {run}: status", session.get("status", "STATUS_UNKNOWN"), STATUS[want["status"]])
        last = {m["name"]["tag"]: bits(plain(m.get("value", 0.0))) for m in session["metricValues"]}
        for tag in metrics:
            if tag not in want["scalars"]:
                continue
            v = number(want["scalars"][tag][-1][1])
            check(f"{where} {run}: {tag}, last", last.get(tag, "missing"), bits(v))


def described(server, fast, experiment):
    where = f"{'fast' if fast else 'slow'} experiment"
    got = server.ask("hparams/experiment", {"experimentName": "", "includeMetrics": True})
    check(f"{where}: description", got["description"], experiment["description"])
    check(f"{where}: columns", {h["name"]: h["domainDiscrete"] for h in got["hparamInfos"]}, experiment["settings"])
    check(f"{where}: metrics", [m["name"]["tag"] for m in got["metricInfos"]], experiment["metrics"])


def main():
    logdir, path = sys.argv[1:]
    with open(path) as f:
        everything = json.load(f)
    expected = everything["runs"]
    for run, want in expected.items():
        loader(os.path.join(logdir, run), want["files"])
        accumulator(os.path.join(logdir, run), want)
    for fast in (False, True):
        server = Server(logdir, fast)
        server.wait(expected)
        for run, want in expected.items():
            served(server, fast, run, want)
        experiment = everything.get("experiment")
        if experiment:
            described(server, fast, experiment)
        metrics = experiment["metrics"] if experiment else ["loss/step", "loss/validation", "optimizer/rate"]
        hyperparameters(server, fast, expected, metrics)
    for failure in failures:
        print(failure)
    numbers = sum(len(p) for w in expected.values() for p in w["scalars"].values())
    print(f"{len(expected)} runs, {numbers} numbers, {len(failures)} failures")
    sys.stdout.flush()
    os._exit(1 if failures else 0)  # the servers run on threads that do not end


main()
