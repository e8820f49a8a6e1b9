"""What a receipt or an invoice says: pages of words to fields. Knows no pixels and no wire."""
