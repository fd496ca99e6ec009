#!/usr/bin/env python3
"""Extracts the emulator's type data from the published ARM type schemas.

    python3 extract.py SCHEMA_FOLDER [--all] [--check]

SCHEMA_FOLDER holds one JSON file per type (`Provider.Type.json`). The result, `types.jsonl` beside
this script, has one line per type, sorted by type name; the same input gives the same bytes.
`--all` takes every type of the folder instead of the list below. `--check` writes nothing and exits
1 when the file on disk differs.

A node of the extract: `type` (string, integer, number, boolean, array, object; absent = anything),
`properties`, `required`, `additional` (a node, or true; absent = closed), `items`, `enum`, `open`
(an enum that admits other values), `min`, `max`, `minLength`, `maxLength`, `minItems`, `maxItems`,
`pattern`, `readOnly`, `writeOnly`, `sensitive`, `discriminator` with `variants`, `ref` (into `defs`).
"""
import json
import os
import re
import sys

TYPES = """
Microsoft.Authorization/locks
Microsoft.Authorization/roleAssignments
Microsoft.Authorization/roleDefinitions
Microsoft.Cache/redis
Microsoft.Cache/redis/accessPolicyAssignments
Microsoft.Cache/redis/firewallRules
Microsoft.Cache/redis/patchSchedules
Microsoft.Cache/redisEnterprise
Microsoft.Cache/redisEnterprise/databases
Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments
Microsoft.Communication/communicationServices
Microsoft.Communication/emailServices
Microsoft.Communication/emailServices/domains
Microsoft.Communication/emailServices/domains/senderUsernames
Microsoft.Consumption/budgets
Microsoft.DBforPostgreSQL/flexibleServers
Microsoft.DBforPostgreSQL/flexibleServers/administrators
Microsoft.DBforPostgreSQL/flexibleServers/configurations
Microsoft.DBforPostgreSQL/flexibleServers/databases
Microsoft.DBforPostgreSQL/flexibleServers/firewallRules
Microsoft.Insights/actionGroups
Microsoft.Insights/autoscalesettings
Microsoft.Insights/components
Microsoft.KeyVault/vaults
Microsoft.KeyVault/vaults/secrets
Microsoft.ManagedIdentity/userAssignedIdentities
Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials
Microsoft.Network/dnsZones
Microsoft.Network/dnsZones/A
Microsoft.Network/dnsZones/CNAME
Microsoft.Network/dnsZones/MX
Microsoft.Network/dnsZones/TXT
Microsoft.OperationalInsights/workspaces
Microsoft.Resources/resourceGroups
Microsoft.Storage/storageAccounts
Microsoft.Storage/storageAccounts/blobServices
Microsoft.Storage/storageAccounts/blobServices/containers
Microsoft.Storage/storageAccounts/managementPolicies
Microsoft.Web/certificates
Microsoft.Web/serverfarms
Microsoft.Web/sites
Microsoft.Web/sites/basicPublishingCredentialsPolicies
Microsoft.Web/sites/config
Microsoft.Web/sites/hostNameBindings
Microsoft.Web/sites/slots
Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies
Microsoft.Web/sites/slots/config
Microsoft.Web/staticSites
Microsoft.Web/staticSites/config
Microsoft.Web/staticSites/customDomains
""".split()

# Types without a published schema whose body is that of another type.
LIKE = {
    "Microsoft.Network/dnsZones/NS": "Microsoft.Network/dnsZones/MX",
    "Microsoft.Network/dnsZones/SOA": "Microsoft.Network/dnsZones/MX",
}

# The emulator's regular expressions have no look-around: the same rule, said without it.
PATTERNS = {
    r"^[a-zA-Z0-9][-_a-zA-Z0-9]{0,79}(?<!-)$": {"pattern": r"^[a-zA-Z0-9]([-_a-zA-Z0-9]{0,78}[_a-zA-Z0-9])?$"},
    r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}(?<!-)$": {"pattern": r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"},
    r"^(?=.{1,60}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*$": {"pattern": r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", "maxLength": 60},
    # Published without its end, so that it would admit anything after the first letter.
    r"^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*": {"pattern": r"^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$"},
}
RENAMED = {"minimum": "min", "maximum": "max", "x-sensitive": "sensitive"}
KEPT = ("type", "required", "readOnly", "writeOnly", "minLength", "maxLength", "minItems", "maxItems")
DROPPED = {"description", "$schema", "multipleOf", "not"}  # what a server does not answer for, or cannot be broken by accident


def reference(ref):
    return ref.rsplit("/", 1)[1]


def node(schema):
    out = {}
    for key, value in schema.items():
        if key in DROPPED or key in ("$defs", "oneOf"):
            continue
        if key in KEPT:
            out[key] = sorted(value) if key == "required" else value
        elif key in RENAMED:
            out[RENAMED[key]] = value
        elif key == "pattern":
            out.update(PATTERNS.get(value, {"pattern": value}))
            if re.search(r"\(\?[=!<]", out["pattern"]):
                raise SystemExit("look-around without a replacement: %s" % value)
        elif key == "properties":
            out["properties"] = {name: node(value[name]) for name in sorted(value)}
        elif key == "additionalProperties":
            if value is not False:
                out["additional"] = True if value in (True, {}) else node(value)
        elif key == "items":
            out["items"] = node(value)
        elif key == "const":
            out["enum"] = [value]
        elif key == "enum":
            out["enum"] = value
        elif key == "anyOf":
            constants = [v["const"] for v in value if "const" in v]
            rest = [v for v in value if "const" not in v]
            if constants:
                out["enum"] = constants
                if rest:
                    out["open"] = True
                if all(isinstance(v, str) for v in constants):
                    out["type"] = "string"
            # A union of plain forms stays open: the schema's source cannot tell them apart.
        elif key == "$ref":
            out["ref"] = reference(value)
        elif key == "discriminator":
            out["discriminator"] = value["propertyName"]
            out["variants"] = {name: reference(ref) for name, ref in sorted(value["mapping"].items())}
        elif key == "open":
            out["additional"] = True
        else:
            raise SystemExit("unknown schema key: %s" % key)
    if out.get("type") == "object" and "properties" not in out and "additional" not in out and "discriminator" not in out:
        out["additional"] = True if "additionalProperties" not in schema else out.get("additional", False)
        if out["additional"] is False:
            del out["additional"]
            out["properties"] = {}
    return out


def entry(doc):
    body = doc["body"]
    out = {
        "type": doc["type"],
        "apiVersion": doc["apiVersion"],
        "scopes": doc["scopes"],
        "source": doc["source"],
        "name": node(doc["name"]),
        "body": node(body),
    }
    if body.get("$defs"):
        out["defs"] = {name: node(body["$defs"][name]) for name in sorted(body["$defs"])}
    if doc.get("bodyByName"):
        out["bodyByName"] = {name: reference(ref if isinstance(ref, str) else ref["$ref"]) for name, ref in sorted(doc["bodyByName"].items())}
    if doc.get("newestPreview"):
        out["newestPreview"] = doc["newestPreview"]
    if doc.get("functions"):
        out["actions"] = sorted(doc["functions"])
    return out


def main(arguments):
    folders = [a for a in arguments if not a.startswith("--")]
    if len(folders) != 1:
        raise SystemExit(__doc__)
    wanted = {t.lower() for t in TYPES}
    entries = {}
    for name in sorted(os.listdir(folders[0])):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(folders[0], name), encoding="utf-8") as file:
            doc = json.load(file)
        key = doc["type"].lower()
        if "--all" not in arguments and key not in wanted:
            continue
        # Of two files of one type the newer version is kept.
        if key not in entries or entries[key]["apiVersion"] < doc["apiVersion"]:
            entries[key] = entry(doc)
    for name, model in LIKE.items():
        entries[name.lower()] = {**entries[model.lower()], "type": name}
    missing = wanted - set(entries)
    if missing:
        raise SystemExit("no schema for: %s" % ", ".join(sorted(missing)))
    lines = [json.dumps(entries[k], separators=(",", ":"), ensure_ascii=True) for k in sorted(entries)]
    text = "\n".join(lines) + "\n"
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "types.jsonl")
    if "--check" in arguments:
        with open(path, encoding="utf-8") as file:
            return 0 if file.read() == text else 1
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    print("%d types, %d bytes" % (len(lines), len(text)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
