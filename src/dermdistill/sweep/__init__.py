"""Many trainings that differ in a few settings: Optuna keeps the list, prunes, and goes on."""
