"""`python -m server`: the command `shinjp`."""

from server.cli import main

main()
