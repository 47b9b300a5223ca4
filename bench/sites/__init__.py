"""``make bench-site``: what the site edition costs to make, beside Hugo with equal templates on the same articles."""
