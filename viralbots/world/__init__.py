"""Who exists and who hears whom."""
