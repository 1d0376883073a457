"""From a scenario and a seed to a trace. `simulate` is the only entry point."""
