"""`python -m stoop.config.cli`: the command line, as a process of the tree starts another."""

from stoop.config.cli import main

main()
