"""The acceptance catalogue: what a rack promises, case by case, with plans and profiles beside it."""
