"""Snorkel's and crowd-kit's own tests against `labelwright.compat`: how many pass?

    python benchmarks/quality/compat_suites.py [--snorkel FOLDER] [--crowdkit FOLDER]

FOLDER is an unpacked copy of the peer's sources, with its folder of tests: Snorkel's source
distribution on the package index has most of them, crowd-kit's are in its repository. The tests
are copied to a temporary folder, where imports of the peer become imports of ours and nothing
else changes. A test passes, fails, or is not applicable for a reason that is printed:

- it needs a library that is absent here (torch, spaCy, Dask, Spark), or a part that we do not
  offer (`NOT_OFFERED`, with why);
- it looks at private names, or at the internals of a training that ours does not have
  (`INTERNALS`).

Messages are ours: that an exception or warning is of the kind that is expected is tested, its text
is not. All else counts: a name that we lack and that is not listed below is a failure.
Exits with 1 if less than 95 % of the applicable tests of a suite pass.
"""

import argparse
import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from recording import record

GOAL = 95
SUITES = {"snorkel": "test", "crowdkit": "tests"}
TORCH = "classifiers on torch"
NOT_OFFERED = {
    "snorkel.classification": TORCH,
    "snorkel.slicing.add_slice_labels": TORCH,
    "snorkel.slicing.convert_to_slice_tasks": TORCH,
    "snorkel.slicing.modules": TORCH,
    "snorkel.labeling.model.logger": "internals of Snorkel's gradient descent",
    "snorkel.labeling.apply.dask": "Dask",
    "snorkel.labeling.apply.spark": "Spark",
    "snorkel.map.spark": "Spark",
    "snorkel.preprocess.spark": "Spark",
    "snorkel.labeling.lf.nlp_spark": "Spark",
    "crowdkit.aggregation.BradleyTerry": "pairwise comparisons",
    "crowdkit.aggregation.NoisyBradleyTerry": "pairwise comparisons",
    "crowdkit.aggregation.SegmentationEM": "other aggregators of segmentations",
    "crowdkit.aggregation.SegmentationRASA": "other aggregators of segmentations",
    "crowdkit.aggregation.ClosestToAverage": "texts and embeddings",
    "crowdkit.aggregation.HRRASA": "texts and embeddings",
    "crowdkit.aggregation.RASA": "texts and embeddings",
    "crowdkit.aggregation.ROVER": "texts and embeddings",
    "crowdkit.aggregation.TextHRRASA": "texts and embeddings",
    "crowdkit.aggregation.TextRASA": "texts and embeddings",
    "crowdkit.aggregation.TextSummarization": "texts and embeddings",
    "crowdkit.datasets": "downloads of data sets",
    "crowdkit.learning": TORCH,
}
INTERNALS = dict.fromkeys(
    ("O", "lr_scheduler", "mask", "mu", "mu_init", "optimizer", "warmup_steps"),
    "internals of Snorkel's gradient descent",
)
PLUGIN = Path(__file__).resolve().parents[1] / "compat_suites_plugin.py"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--snorkel", metavar="FOLDER", type=Path)
    parser.add_argument("--crowdkit", metavar="FOLDER", type=Path)
    options = parser.parse_args()
    chosen = {peer: getattr(options, peer) for peer in SUITES if getattr(options, peer)}
    if not chosen:
        print("skipped: name an unpacked copy with --snorkel or --crowdkit")
    counts = {peer: suite(peer, folder) for peer, folder in chosen.items()}
    record(
        "quality/compat_suites",
        title="The peers' own tests against `labelwright.compat`, imports rewritten",
        columns=["peer", "passed", "failed", "passed, %", "not applicable"],
        rows=[
            [peer, each["passed"], len(each["failed"]), share(each), sum(each["skipped"].values())]
            for peer, each in counts.items()
        ],
        digits={"": 0, "passed, %": 1},
        measures=[
            "src/labelwright/compat/crowdkit",
            "src/labelwright/compat/snorkel",
            "src/labelwright/labelmodels",
        ],
        peers={peer: version(folder) for peer, folder in chosen.items()},
    )
    sys.exit(any(share(each) < GOAL for each in counts.values()))


def share(counts):
    """How many of the applicable tests passed, in percent."""
    return 100 * counts["passed"] / max(counts["passed"] + len(counts["failed"]), 1)


def version(folder):
    """The version of unpacked sources, as their metadata say."""
    about = folder / "PKG-INFO"
    told = re.findall(r"^Version: (.+)$", about.read_text(), re.MULTILINE) if about.exists() else []
    return told[0] if told else "unknown"


def suite(peer, folder):
    """Runs the tests of one peer, prints what became of them and gives the counts."""
    tests = folder / SUITES[peer]
    if not tests.is_dir():
        sys.exit(f"{folder} has no folder {SUITES[peer]!r}; see the top of this file")
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / SUITES[peer]
        shutil.copytree(tests, copy)
        for path in copy.rglob("*.py"):
            path.write_text(rewritten(path.read_text(encoding="utf-8"), peer), encoding="utf-8")
        (Path(scratch) / "pytest.ini").write_text("[pytest]\n")
        shutil.copy(PLUGIN, scratch)
        places = [scratch, *sys.path[1:], os.environ.get("PYTHONPATH", "")]
        about = {"peer": peer, "not_offered": NOT_OFFERED, "internals": INTERNALS}
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(filter(None, places)),
            "COMPAT_SUITE": json.dumps(about),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN.stem, "--no-header"]
        command += ["-p", "no:cacheprovider", "--junitxml=results.xml", SUITES[peer]]
        done = subprocess.run(
            command, cwd=scratch, env=environment, capture_output=True, text=True, check=False
        )
        results = Path(scratch) / "results.xml"
        if not results.exists():
            sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
        return reported(peer, ET.parse(results))


def rewritten(source, peer):
    """The source with imports of the peer, and of what is absent here, by way of the plugin."""
    tree = Rewriter(peer).visit(ast.parse(source))
    return "from compat_suites_plugin import found as _found\n" + ast.unparse(tree)


class Rewriter(ast.NodeTransformer):
    def __init__(self, peer):
        self.peer = peer

    def visit_Import(self, node):
        return [self._import(alias) for alias in node.names]

    def visit_ImportFrom(self, node):
        if node.level or not self._concerns(node.module):
            return node
        return [
            assigned(alias.asname or alias.name, node.module, alias.name) for alias in node.names
        ]

    def _import(self, alias):
        if not self._concerns(alias.name):
            return ast.Import([alias])
        if alias.asname:
            return assigned(alias.asname, alias.name)
        return assigned(alias.name.split(".")[0], alias.name.split(".")[0])

    def _concerns(self, module):
        root = module.split(".")[0]
        return root == self.peer or (root != "test" and importlib.util.find_spec(root) is None)


def assigned(name, *arguments):
    call = ast.Call(ast.Name("_found", ast.Load()), [ast.Constant(each) for each in arguments], [])
    return ast.fix_missing_locations(ast.Assign([ast.Name(name, ast.Store())], call, lineno=1))


def reported(peer, results):
    passed, failed, skipped = 0, [], Counter()
    for case in results.iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}".removeprefix(".")
        wrong = case.find("failure") if case.find("error") is None else case.find("error")
        if wrong is not None:
            failed.append((name, (wrong.get("message") or "").strip().splitlines()[:1]))
        elif case.find("skipped") is not None:
            # A module that cannot be read is one entry: its reason says so.
            skipped[re.sub(r"^.*?Skipped: ", "", case.find("skipped").get("message"))] += 1
        else:
            passed += 1
    counts = {"passed": passed, "failed": [name for name, _ in failed], "skipped": dict(skipped)}
    print(
        f"{peer}: {passed} passed, {len(failed)} failed ({share(counts):.1f} % of "
        f"{passed + len(failed)}); {sum(skipped.values())} not applicable"
    )
    for reason, count in skipped.most_common():
        print(f"  not applicable, {count:3}: {reason}")
    for name, message in failed:
        print(f"  failed: {name}: {' '.join(message):.200}")
    return counts


if __name__ == "__main__":
    main()
