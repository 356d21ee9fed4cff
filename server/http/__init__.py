"""HTTP: parsing of requests, content negotiation, CORS, caching headers, compression and streaming responses."""
