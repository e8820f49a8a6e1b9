"""The life of a task: rows, blobs, and who runs it."""
