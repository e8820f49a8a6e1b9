"""What an invoice says: as it is printed, and as its file tells programs."""
