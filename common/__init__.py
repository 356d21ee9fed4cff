"""Data structures and asyncio helpers that know neither GraphQL nor this project's domain."""
