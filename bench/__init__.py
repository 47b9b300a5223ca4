"""Benchmarks: ``make bench``. They print tables; docs/performance.md keeps the figures and says how they came about."""
