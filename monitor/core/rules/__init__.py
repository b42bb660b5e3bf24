"""The rule model and its expression language; compiling belongs to `compile`, reading files to `monitor.rules`."""
