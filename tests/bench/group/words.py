#!/usr/bin/env python3
"""Make the word table: how common the words of the news are, and a vector of meaning for each.

    GROUP terms < articles.jsonl > terms.txt       (GROUP: the built bench `group`)
    words.py terms.txt ../../../src/group/model/words.bin

The vectors are latent semantic analysis (Deerwester et al. 1990): passages of a few hundred words by words, weighted by
log count and rarity, reduced by a truncated singular value decomposition. The table holds hashes and numbers only; no text
can be read back from it. Needs numpy, scipy, scikit-learn. Prints the geometric mean share of articles that a word is found
in, by class of length, for `EXPECTED` in statistics.rs.
"""
import argparse
import struct
from collections import Counter

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.utils.extmath import randomized_svd

DIMENSIONS = 64
SIGNATURE_WORDS = 440  # what a signature looks at: title and the text's beginning


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("terms")
    parser.add_argument("table")
    parser.add_argument("--words", type=int, default=26_000)
    parser.add_argument("--passage", type=int, default=250)
    parser.add_argument("--power", type=float, default=0.5, help="of the singular values in the vectors")
    a = parser.parse_args()

    with open(a.terms) as lines:
        articles = [np.array(line.split(), dtype=np.uint32) for line in lines if line.strip()]
    found = Counter()
    for words in articles:
        found.update(np.unique(words[:SIGNATURE_WORDS]).tolist())
    kept = sorted(hash for hash, count in found.most_common(a.words) if count >= 3)
    print(f"{len(articles)} articles, {len(found)} words, {len(kept)} kept")
    for kind in range(4):
        counts = np.array([found[h] for words in articles[::20] for h in np.unique(words[:SIGNATURE_WORDS]).tolist() if h % 4 == kind])
        print(f"class {kind}: {np.exp(np.mean(np.log(counts / len(articles)))):.4f}")

    column = {hash: at for at, hash in enumerate(kept)}
    rows, columns, passages = [], [], 0
    for words in articles:
        for start in range(0, max(len(words) - a.passage // 2, 1), a.passage):
            known = [column[h] for h in words[start:start + a.passage].tolist() if h in column]
            rows += [passages] * len(known)
            columns += known
            passages += 1
    matrix = csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(passages, len(kept)))
    in_passages = np.maximum(np.bincount(matrix.indices, minlength=len(kept)), 1)
    matrix.data = 1 + np.log(matrix.data)
    matrix = matrix.multiply(np.log(passages / in_passages)[None, :]).tocsr()
    norms = np.sqrt(matrix.multiply(matrix).sum(1)).A1 if hasattr(matrix.multiply(matrix).sum(1), "A1") else np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
    matrix = csr_matrix(matrix.multiply(1 / np.maximum(norms, 1e-9)[:, None]))
    _, strength, components = randomized_svd(matrix, DIMENSIONS + 1, n_iter=5, random_state=0)
    # The first direction is how common a word is, not what it means.
    vectors = components[1:].T * (strength[1:] ** a.power)
    print(f"{passages} passages, singular values {strength[0]:.1f} {strength[1]:.1f} … {strength[-1]:.1f}")

    # One scale for all: a word that says little stays short.
    scale = 127 / np.quantile(np.abs(vectors).max(1), 0.99)
    whole = np.clip(np.round(vectors * scale), -127, 127).astype(np.int8)
    with open(a.table, "wb") as out:
        out.write(struct.pack("<I", len(articles)))
        for at, hash in enumerate(kept):
            out.write(struct.pack("<IH", hash, min(found[hash], 65535)) + whole[at].tobytes())


if __name__ == "__main__":
    main()
