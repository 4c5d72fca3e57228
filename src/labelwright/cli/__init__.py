"""Layer 5: the command line. One file a command: parse, call the pipeline, print."""
