"""One module per list format: ``FORMAT`` (its title), ``recognises(head)``, ``read(file)``."""
