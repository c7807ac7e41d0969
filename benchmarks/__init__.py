"""Speed and memory beside their limits. `make bench`, or `python -m benchmarks --help`."""
