"""The commands of the command line, a module a subject; heavy imports stay inside them."""
