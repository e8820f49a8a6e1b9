"""Pages of words to the fields of a receipt or an invoice. Knows no pixels and no HTTP."""
