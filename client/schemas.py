"""Print the JSON schemas that write_types.mjs makes the client's types from, by the name of the type."""

import json

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DictSchema

from dermdistill.bundle import BundleSpec
from dermdistill.web.api.answers import PredictAnswer


class _AsSent(GenerateJsonSchema):
    """What the server sends, as json-schema-to-typescript reads it best."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Give no field a title: each would become a type of its own."""
        return False

    def field_is_required(self, field: object, total: bool) -> bool:
        """Require every field: what has a default is sent, too."""
        return True

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        """Describe a dictionary by its values alone; TypeScript checks no pattern of its keys."""
        return {"type": "object", "additionalProperties": self.generate_inner(schema["values_schema"])}


schemas = {
    model.__name__: model.model_json_schema(mode="serialization", schema_generator=_AsSent)
    for model in (BundleSpec, PredictAnswer)
}
print(json.dumps(schemas))
