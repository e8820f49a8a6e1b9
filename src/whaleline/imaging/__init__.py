"""Pixels of any kind to grey or RGB, and filters and geometry."""
