"""Printed text to values: amounts of money, dates. Pure functions that know no page."""
