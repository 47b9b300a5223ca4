"""Keeps news readable where it is blocked: self-contained mirrors in many places."""

__version__ = "0.1.0"
