"""``make bench-weight``: what pages of the site weigh, beside the originals, and beside what programs that save pages make of those."""
