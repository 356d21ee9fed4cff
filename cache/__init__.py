"""Redis: what several processes share and nobody misses for long."""
