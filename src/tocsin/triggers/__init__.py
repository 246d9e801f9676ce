"""Rules to levels to spells to what the desk has to do. Pure: arrays in, arrays and plain data out."""
