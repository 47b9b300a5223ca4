"""How well articles are extracted, beside other extractors: ``make bench-extract``. docs/extraction-benchmark.md says how to read it."""
