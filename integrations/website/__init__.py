"""The built-in enrichment source: reads a company's own website, politely, and trusts none of it."""
