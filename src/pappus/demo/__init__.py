"""A small newspaper of an invented harbour town, served on loopback, so that everything runs without a network."""
