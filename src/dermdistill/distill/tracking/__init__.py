"""A training told to other programs while it goes on: TensorBoard, MLflow."""
