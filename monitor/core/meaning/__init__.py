"""What an event means at its place, decided once for the core, the sinks and the web. It keeps no state."""
