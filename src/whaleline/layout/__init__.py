"""What lies where on a page: tables, rows, columns, regions."""
