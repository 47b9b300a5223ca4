"""Images -> small ones without metadata, stored by digest. Pixels are pure CPU work; the network is passed in.

An article's images are found in :mod:`pappus.media.localise`, and made small in :mod:`pappus.media.pixels`.
"""
