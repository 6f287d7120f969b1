"""The JSON Schema of documents, with the settings of the plugins in it."""

from __future__ import annotations

from typing import Any

from points.plugin.host import Host
from points.program.document.root import ProgramDocument


def schema_with_plugins(host: Host) -> dict[str, Any]:
    """Returns the schema; settings of plugins without a model may be anything."""
    schema = ProgramDocument.model_json_schema()
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    sections = {}
    for plugin in host.plugins:
        if plugin.config_model is None:
            continue
        name = f"plugin_{plugin.name}"
        template = f"#/$defs/{name}__{{model}}"
        found = plugin.config_model.model_json_schema(ref_template=template)
        inner = found.pop("$defs", {})
        definitions |= {f"{name}__{key}": value for key, value in inner.items()}
        definitions[name] = found
        sections[plugin.name] = {"$ref": f"#/$defs/{name}"}
    schema["properties"]["plugins"]["properties"] = sections
    return schema
