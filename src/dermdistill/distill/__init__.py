"""Teaching: recipes, losses, the training step and the loop around it."""
