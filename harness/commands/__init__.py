"""What `rackproof` does, a module for each command. Nothing here is imported before its command is called."""
