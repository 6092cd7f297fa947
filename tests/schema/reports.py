# SPDX-License-Identifier: GPL-2.0-only
"""What the validators of JSON reports share: schemas, and the command line."""
import json
import os
import sys

import jsonschema

SCHEMAS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../schema")


def schema_validator(name):
    with open(os.path.join(SCHEMAS, name), encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def main(doc, schema, problems):
    """Validates the files of the command line; problems(report, validator) yields lines."""
    files = sys.argv[1:]
    if not files or files[0].startswith("-"):
        print(doc.strip(), file=sys.stderr)
        return 2
    validator = schema_validator(schema)
    bad = False
    for name in files:
        try:
            with open(name, encoding="utf-8") as f:
                report = json.load(f)
        except OSError as e:
            print(f"{os.path.basename(sys.argv[0])}: '{name}': {e.strerror}", file=sys.stderr)
            return 2
        except ValueError as e:
            print(f"{name}: not JSON: {e}")
            bad = True
            continue
        for p in problems(report, validator):
            print(f"{name}: {p}")
            bad = True
    return 1 if bad else 0
