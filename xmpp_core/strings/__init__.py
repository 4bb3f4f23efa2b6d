"""Text rules, usable alone: PRECIS, stringprep, domain names, languages."""
