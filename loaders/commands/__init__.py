"""One thin file per command: options → one call on the rooms below → what is shown. `cli.py` assembles them."""
