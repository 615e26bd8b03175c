"""What an MLflow model of a bundle runs when it is loaded; MLflow copies this file into the model."""

import mlflow.models
import mlflow.pyfunc

from dermdistill.publish.mlflow_model import make_model

mlflow.models.set_model(make_model(mlflow))
