"""Exports traces by OpenTelemetry's protocol, OTLP."""
