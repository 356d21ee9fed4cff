"""The composition root: ASGI application, transports, settings and commands. Imports all other packages."""
