"""Keeps news readable where it is blocked: self-contained mirrors in many places."""

__version__ = "0.2.0"
