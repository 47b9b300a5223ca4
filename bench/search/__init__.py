"""The search of a site, measured beside another that needs no server."""
