"""Rules to levels to spells to what the desk has to do. Pure: arrays and plain data in and out."""
