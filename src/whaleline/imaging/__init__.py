"""Bytes to pixels, and pixels to better pixels."""
