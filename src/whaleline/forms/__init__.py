"""Forms: what a template is, how a scan lies against it, and what its fields say."""
