"""Records what a request or job does as spans, in the terms of OpenTelemetry, and decides which traces are kept."""
