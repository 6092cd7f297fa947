# SPDX-License-Identifier: GPL-2.0-only
"""A line of "ovltrace/1": strict JSON, the JSON Schema, and names that are not UTF-8."""
import base64
import codecs
import json
import os

import jsonschema

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "../../schema/ovltrace-1.schema.json")

# One U+FFFD for each byte that begins no valid sequence.
codecs.register_error("each-byte", lambda e: ("\ufffd", e.start + 1))


def inlined(node, defs):
    """The schema without $ref: resolving them costs more than all checks."""
    if isinstance(node, list):
        return [inlined(n, defs) for n in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return inlined(defs[node["$ref"].rsplit("/", 1)[1]], defs)
    return {k: inlined(v, defs) for k, v in node.items()}


def validators():
    """A compiled validator for each record type."""
    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    make = jsonschema.Draft202012Validator
    make.check_schema(schema)
    defs = schema["$defs"]
    common = inlined(schema["properties"], defs)
    found = {}
    for name in schema["properties"]["type"]["enum"]:
        one = inlined(defs[name], defs)
        one["properties"] = {**common, **one["properties"]}
        found[name] = make(one)
    return found


def unique(pairs):
    obj = dict(pairs)
    if len(obj) != len(pairs):
        raise ValueError("a key is there twice")
    return obj


def not_a_number(word):
    raise ValueError(f"{word} is no JSON")


def parse(raw):
    return json.loads(raw.decode("utf-8"), object_pairs_hook=unique, parse_constant=not_a_number)


def key_b64(obj, say):
    """Each NAME_b64 must decode to bytes that give NAME."""
    for key, value in obj.items():
        if isinstance(value, dict):
            key_b64(value, say)
            continue
        if not key.endswith("_b64"):
            continue
        raw = base64.b64decode(value, validate=True)
        name = key[:-4]
        if raw.decode("utf-8", "each-byte") != obj.get(name):
            say(f"{key} and {name} disagree")
        try:
            raw.decode("utf-8")
            say(f"{key} is there although {name} is valid UTF-8")
        except UnicodeDecodeError:
            pass
