"""Ways to use symflow without writing Python: the command line and its demonstration."""
