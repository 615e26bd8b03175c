"""What a predict request carries."""

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from dermdistill.bundle.fields import Part

MAX_IMAGES = 32
HeatMap = Literal["values", "none"]
# OpenAPI 3.1's way to say "a file's bytes".
_File = Annotated[bytes, WithJsonSchema({"type": "string", "contentMediaType": "application/octet-stream"})]


class PredictForm(Part):
    """The fields of a multipart form."""

    image: Annotated[
        list[_File],
        Field(
            min_length=1,
            max_length=MAX_IMAGES,
            description="One or several photographs: JPEG, PNG, WebP, BMP or TIFF.",
        ),
    ]
    heat_map: Annotated[
        HeatMap, Field(description="`values` for rows of numbers, `none` to leave the map out.")
    ] = "values"
