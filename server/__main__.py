"""`python -m server`: the command `shinjp`, also where its script is not on the path."""

from server.cli import main

main()
