"""Requests and replies of a peer in Python: one JSON document a line, on standard input and output."""

import json
import os
import sys
import time

_replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # Whatever a library prints is not a reply.


def reply(value):
    _replies.write(json.dumps(value) + "\n")
    _replies.flush()


def requests():
    """Yields requests until standard input ends."""
    for line in sys.stdin:
        yield json.loads(line)


def import_or_say_absent(load):
    """Runs `load`; where a package is missing, says so and ends."""
    try:
        return load()
    except ImportError as error:
        reply({"absent": str(error)})
        sys.exit(0)


def matmul_gflops(size=1024, seconds=0.5):
    """Peak rate of torch's own matrix product on the threads set: the best of many runs."""
    import torch

    a, b = torch.randn(size, size), torch.randn(size, size)
    best, stop = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < stop:
        start = time.perf_counter()
        a @ b
        best = max(best, 2 * size**3 / (time.perf_counter() - start) / 1e9)
    return best
