"""One file a step. A step is never changed after a release; the next step is a new file."""
